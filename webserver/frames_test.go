package webserver

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"testing"
	"time"
)

// The parts of HTTP/2 that TestFramesAreNoLongerThanTheyHaveToBe speaks (RFC 9113).
const (
	h2Preface      = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	frameSettings  = 4      // 6.5
	frameGoAway    = 7      // 6.8
	frameUnknown   = 0x20   // 5.5: it is read, and passed over
	maxFrameSize   = 5      // 6.5.2
	leastFrameSize = 16_384 // 4.2: what everybody has to take
	frameSizeError = 6      // 7
)

// frameHead is the beginning of a frame that belongs to no stream (RFC 9113, 4.1).
func frameHead(kind byte, length int) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(length)<<8|uint32(kind)), 0, 0, 0, 0, 0)
}

// readFrame reads until there is a frame of a kind.
func readFrame(t *testing.T, from io.Reader, kind byte) (payload []byte) {
	t.Helper()
	for {
		head := make([]byte, 9)
		if _, err := io.ReadFull(from, head); err != nil {
			t.Fatalf("waiting for a frame of kind %d: %v", kind, err)
		}
		payload = make([]byte, binary.BigEndian.Uint32(head)>>8)
		if _, err := io.ReadFull(from, payload); err != nil {
			t.Fatal(err)
		}
		if head[3] == kind {
			return payload
		}
	}
}

// TestFramesAreNoLongerThanTheyHaveToBe: what has come of a frame is kept until the rest is there, and no window bounds it.
func TestFramesAreNoLongerThanTheyHaveToBe(t *testing.T) {
	t.Parallel()
	current, pool := certified(t, time.Now().Add(24*time.Hour))
	_, _, secure := serve(t, Config{}, current, named("one", "*"))
	conn, err := tls.Dial("tcp", secure, &tls.Config{RootCAs: pool, ServerName: "example.org", NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	conn.Write(append([]byte(h2Preface), frameHead(frameSettings, 0)...))
	for said := readFrame(t, conn, frameSettings); len(said) >= 6; said = said[6:] {
		if size := binary.BigEndian.Uint32(said[2:]); binary.BigEndian.Uint16(said) == maxFrameSize && size != leastFrameSize {
			t.Errorf("frames may have %d octets, want %d", size, leastFrameSize)
		}
	}
	conn.Write(append(frameHead(frameUnknown, leastFrameSize), make([]byte, leastFrameSize)...))
	conn.Write(frameHead(frameUnknown, leastFrameSize+1))
	if why := readFrame(t, conn, frameGoAway); binary.BigEndian.Uint32(why[4:]) != frameSizeError {
		t.Errorf("the connection ended with % x, want FRAME_SIZE_ERROR", why)
	}
}
