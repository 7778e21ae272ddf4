package main

import (
	"errors"
	"fmt"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/session"
)

// asked is whom a command asks: the cluster that is published from the folder of the configuration, or the POP behind a socket. The other
// is nil.
func asked(file, socket string) (*session.Session, *admin.Client, error) {
	if path, err := config.Path(file); err == nil && socket == "" {
		if _, _, err := cluster.FolderOf(path).Roster(); !errors.Is(err, cluster.ErrNoCluster) {
			s, err := join(file)
			return s, nil, err
		}
	}
	client, err := dial(file, socket)
	return nil, client, err
}

// dial is the POP behind a socket; with "", behind that of the configuration.
func dial(file, socket string) (*admin.Client, error) {
	if socket == "" {
		var err error
		if socket, err = socketOf(file); err != nil {
			return nil, err
		}
	}
	return admin.Dial(socket)
}

// socketOf is the socket that a configuration names, or the usual one if there is none to be read.
func socketOf(file string) (string, error) {
	path, err := config.Path(file)
	if err != nil {
		return config.AdminSocket(), nil
	}
	c := config.Load(path)
	switch {
	case c.Web.AdminSocket != "":
		return c.Web.AdminSocket, nil
	case len(c.Mistakes) > 0:
		return "", fmt.Errorf("%w (--socket names the POP's socket without it)", c.Mistakes[0])
	}
	return "", fmt.Errorf("%s: web.admin_socket is empty: this POP has no socket to be asked by", path)
}
