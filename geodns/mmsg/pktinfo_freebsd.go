package mmsg

import "golang.org/x/sys/unix"

// ipPktinfo is the IPv4 option that has the kernel say which of our addresses a query came to. Its control message,
// sent back as received, makes the reply leave from there.
const ipPktinfo = unix.IP_RECVDSTADDR
