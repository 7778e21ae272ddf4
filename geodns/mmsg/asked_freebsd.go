package mmsg

import "golang.org/x/sys/unix"

// receiveAsked is the IPv4 option whose control message, sent back as received, picks the address a reply leaves from.
const receiveAsked = unix.IP_RECVDSTADDR
