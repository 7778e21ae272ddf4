// Package packaging holds the units with which service managers run tinycdn, so that the program can bring them to a machine.
package packaging

import _ "embed"

// The units, as they stand beside this file.
var (
	//go:embed tinycdn.service
	Systemd string
	//go:embed tinycdn.openrc
	OpenRC string
	//go:embed tinycdn.dinit
	Dinit string
)
