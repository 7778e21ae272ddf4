package zonestest

// Everything are the zones that most tests ask: every kind of name there is.
var Everything = map[string]string{
	"example.org": `$TTL 3600
@ SOA ns1 hostmaster 7 7200 1800 259200 300
@ NS ns1
@ NS ns2
@ MX 10 mail
@ MX 20 mail.example.net.
@ TXT "v=spf1 -all"
@ 60 GEO
ns1 A 198.51.100.1
ns1 AAAA 2001:db8::1
ns2 A 198.51.100.2
mail A 198.51.100.3
mail 60 A 198.51.100.4
mail A 198.51.100.4
www 60 GEO
www TXT "beside geo"
old CNAME www
older CNAME old
alias CNAME mail
alias2 CNAME Alias
loop CNAME loop2
loop2 CNAME loop
out CNAME www.example.com.
tonet CNAME mail.example.net.
tonx CNAME nothing.example.net.
tonodata CNAME ns2
tochild CNAME www.child
tocut CNAME www.sub
*.wild A 198.51.100.5
*.wild MX 10 a.wild
*.wild MX 10 mail
a.wild A 198.51.100.6
b.c.wild TXT "makes c.wild an empty non-terminal"
*.wcname CNAME mail
*.wgeo 30 GEO
x.wgeo TXT "no addresses here"
*.wloop CNAME b.wloop
deep.er.still A 198.51.100.7
dn DNAME example.net.
dnloop DNAME dnloop
dnself DNAME a.dnself2
endless DNAME x.endless
*.dnself2 CNAME z.dnself
long DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.example.net.
sub NS ns.sub
sub NS ns1
sub NS ns.elsewhere.example.
sub DS 12345 8 2 e2d3c916f6deeac73294e8268fb5885044a833fc5459588f4a9184cfc41a5766
ns.sub A 198.51.100.8
ns.sub AAAA 2001:db8::8
deep.ns.sub TXT "hidden"
child NS ns1.child
ns1.child A 198.51.100.9
_sip._udp SRV 0 5 5060 mail
odd TYPE65400 \# 4 0A000001
caa CAA 0 issue "ca.example.net"
`,
	"child.example.org": `$TTL 300
@ SOA ns1 hostmaster 1 7200 1800 259200 900
@ NS ns1
ns1 A 198.51.100.9
www A 198.51.100.10
up CNAME mail.example.org.
`,
	"example.net": `$TTL 900
@ SOA ns1.example.org. hostmaster.example.org. 1 7200 1800 259200 60
@ NS ns1.example.org.
mail A 203.0.113.1
mail AAAA 2001:db8::25
www CNAME example.org.
back CNAME alias2.example.org.
*.star TXT "star"
`,
}
