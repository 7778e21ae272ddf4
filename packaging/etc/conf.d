# Which of the POPs in /etc/tinycdn/tinycdn.toml this machine is: the one thing that is not the same at every POP.
#export TINYCDN_POP=nyc
