package h2

import (
	"bytes"
	"testing"

	"golang.org/x/net/http2"
)

// TestFloodsEndTheConnection: whoever sends more of what brings nothing than any browser has use for is told to calm down, be the streams
// pages or somebody else's.
func TestFloodsEndTheConnection(t *testing.T) {
	t.Parallel()
	takeBack := func(path string) func(*client, uint32) error {
		return func(v *client, i uint32) error {
			v.ask(2*i+1, true, v.header("GET", path))
			return v.WriteRSTStream(2*i+1, http2.ErrCodeCancel)
		}
	}
	for name, send := range map[string]func(v *client, i uint32) error{
		"rapid reset of pages":  takeBack("/"),
		"rapid reset of others": takeBack("/echo"),
		"too many streams":      func(v *client, i uint32) error { return v.ask(2*i+1, true, v.header("GET", "/")) },
		"PING":                  func(v *client, i uint32) error { return v.WritePing(false, [8]byte{}) },
		"PING, answers":         func(v *client, i uint32) error { return v.WritePing(true, [8]byte{}) },
		"SETTINGS":              func(v *client, i uint32) error { return v.WriteSettings() },
		"PRIORITY":              func(v *client, i uint32) error { return v.WritePriority(i+1, http2.PriorityParam{}) },
		"unknown frames":        func(v *client, i uint32) error { return v.WriteRawFrame(0x42, 0, 0, nil) },
		"empty DATA": func(v *client, i uint32) error {
			if i == 0 {
				v.ask(1, false, v.header("POST", "/echo"))
			}
			return v.WriteData(1, false, nil)
		},
		"DATA of a stream that is over": func(v *client, i uint32) error {
			if i == 0 {
				v.ask(1, true, v.header("GET", "/small"))
			}
			return v.WriteData(1, false, []byte("x"))
		},
		"CONTINUATION": func(v *client, i uint32) error {
			if i == 0 {
				return v.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: v.header("GET", "/"), EndStream: true})
			}
			return v.WriteContinuation(1, false, []byte{0, 1, 'a', 1, 'b'})
		},
		"CONTINUATION, empty": func(v *client, i uint32) error {
			if i == 0 {
				return v.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: v.header("GET", "/"), EndStream: true})
			}
			return v.WriteContinuation(1, false, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(echo)
			dial, _ := start(t, s)
			v := greet(t, dial(t), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			v.AllowIllegalWrites = true
			done := make(chan bool)
			go func() {
				defer close(done)
				for i := uint32(0); i < 100_000 && send(v, i) == nil; i++ {
				}
			}()
			if why := v.ends(); why != "ENHANCE_YOUR_CALM" {
				t.Errorf("it ends with %v", why)
			}
			v.Close()
			<-done
			until(t, "all places are given back", func() bool { return s.entered.Load() == 0 })
		})
	}
}

// TestWhatComesOftenEndsNothing: what clients do all day must not be counted with the above.
func TestWhatComesOftenEndsNothing(t *testing.T) {
	t.Parallel()
	dial, _ := start(t, newSite(echo))
	v := greet(t, dial(t))
	for i := uint32(0); i < 3000; i++ {
		v.ask(2*i+1, true, v.header("GET", "/small"))
		if a := v.whole(2*i + 1); len(a.body) != 100 {
			t.Fatalf("answer %d has %d octets", i, len(a.body))
		}
		v.WriteWindowUpdate(0, 100)
		v.WriteWindowUpdate(2*i+1, 100) // too late to be of use
	}
}

// TestHPACKBomb: a field of nearly 4 KB, and ten thousand times one octet that stands for it. The table is right afterwards.
func TestHPACKBomb(t *testing.T) {
	t.Parallel()
	dial, _ := start(t, newSite(echo))
	v := greet(t, dial(t))
	const field = 62 // the first of the dynamic table
	block := v.header("GET", "/small", "a", string(bytes.Repeat([]byte("b"), 3900)))
	v.ask(1, true, append(block, bytes.Repeat([]byte{0x80 | field}, 10_000)...))
	if status := v.status(1); status != "431" {
		t.Errorf("it is answered with %s", status)
	}
	v.ask(3, true, v.header("GET", "/small", "x-later", "of the table"))
	v.ask(5, true, v.header("GET", "/small", "x-later", "of the table"))
	if a := v.whole(5); a.fields[":status"] != "200" {
		t.Errorf("afterwards: %v", a.fields)
	}
}

// TestHeadersThatAreTooLong get 431, up to what no client has ever sent.
func TestHeadersThatAreTooLong(t *testing.T) {
	t.Parallel()
	dial, _ := start(t, newSite(echo))
	v := greet(t, dial(t))
	for i, size := range []int{12_000, 15_000, 17_000, 25_000} {
		id, want := uint32(2*i+1), "200"
		if size > 16<<10 {
			want = "431"
		}
		block := append(v.header("GET", "/echo"), literal("x-long", size)...)
		first := min(len(block), frameSize)
		v.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block[:first], EndStream: true, EndHeaders: first == len(block)})
		if first < len(block) {
			v.WriteContinuation(id, true, block[first:])
		}
		if status := v.status(id); status != want {
			t.Errorf("%d octets: %s, want %s", size, status, want)
		}
	}
	v.WriteHeaders(http2.HeadersFrameParam{StreamID: 99, BlockFragment: literal("x-long", 50_000)[:frameSize], EndStream: true})
	v.WriteContinuation(99, false, make([]byte, frameSize))
	v.WriteContinuation(99, false, make([]byte, frameSize))
	if why := v.ends(); why != "ENHANCE_YOUR_CALM" {
		t.Errorf("50,000 octets: %s", why)
	}
}

// literal is a field that no table keeps.
func literal(name string, size int) []byte {
	return appendPlain(nil, name, string(bytes.Repeat([]byte("z"), size)))
}
