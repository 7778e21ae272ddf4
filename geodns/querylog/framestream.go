package querylog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Control frames of Frame Streams: an escape, four octets of zero where a length would be, their own length, what they are, and
// fields with a number and a length. All numbers are 32 bits, big-endian.
const (
	accept = 1
	start  = 2
	stop   = 3
	ready  = 4
	finish = 5

	fieldContentType = 1
	mostControl      = 512 // octets of one, by fstrm's own limit
)

// handshakeTime is how long a reader may take for each step of a beginning and an end.
const handshakeTime = 5 * time.Second

// shakeHands begins a stream in both directions: READY, ACCEPT, START.
func shakeHands(ctx context.Context, conn net.Conn) error {
	limit(ctx, conn, handshakeTime)
	if _, err := conn.Write(appendControl(nil, ready, contentType)); err != nil {
		return err
	}
	kind, accepted, err := readControl(conn, contentType)
	switch {
	case err != nil:
		return err
	case kind != accept:
		return fmt.Errorf("it answered READY with %d in place of ACCEPT", kind)
	case !accepted:
		return errors.New("it does not take " + contentType)
	}
	_, err = conn.Write(appendControl(nil, start, contentType))
	return err
}

// sayGoodbye ends a stream: STOP, FINISH.
func sayGoodbye(ctx context.Context, conn net.Conn) {
	limit(ctx, conn, handshakeTime)
	if _, err := conn.Write(appendControl(nil, stop, "")); err == nil {
		readControl(conn, "") // whatever it says: all is said
	}
}

// appendControl appends a control frame, with a content type unless that is "".
func appendControl(b []byte, kind uint32, content string) []byte {
	n := 4
	if content != "" {
		n += 8 + len(content)
	}
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(n))
	b = binary.BigEndian.AppendUint32(b, kind)
	if content == "" {
		return b
	}
	b = binary.BigEndian.AppendUint32(b, fieldContentType)
	b = binary.BigEndian.AppendUint32(b, uint32(len(content)))
	return append(b, content...)
}

// readControl reads a control frame, and says whether it names a content type, or none, which is any.
func readControl(from io.Reader, content string) (kind uint32, has bool, err error) {
	var head [8]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return 0, false, err
	}
	n := binary.BigEndian.Uint32(head[4:])
	if binary.BigEndian.Uint32(head[:]) != 0 || n < 4 || n > mostControl {
		return 0, false, errors.New("what it says is no Frame Streams")
	}
	frame := make([]byte, n)
	if _, err := io.ReadFull(from, frame); err != nil {
		return 0, false, err
	}
	kind, fields := binary.BigEndian.Uint32(frame), frame[4:]
	has = len(fields) == 0
	for len(fields) > 0 {
		if len(fields) < 8 || uint64(binary.BigEndian.Uint32(fields[4:])) > uint64(len(fields)-8) {
			return 0, false, errors.New("a field of its control frame is cut off")
		}
		value := fields[8 : 8+binary.BigEndian.Uint32(fields[4:])]
		has = has || binary.BigEndian.Uint32(fields) == fieldContentType && string(value) == content
		fields = fields[8+len(value):]
	}
	return kind, has, nil
}
