package h2

import (
	"testing"

	"golang.org/x/net/http2"
)

// TestWindowsHold to the octet, of the connection and of the stream, for pages and for what comes from below.
func TestWindowsHold(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"a page": "/", "from below": "/echo?octets=300000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dial, _ := start(t, newSite(echo))
			v := greet(t, dial(t))
			v.ask(1, true, v.header("GET", path))
			v.takes(firstWindow)
			v.WriteWindowUpdate(0, 1000)
			v.WriteWindowUpdate(1, 500)
			v.takes(500)
			v.WriteWindowUpdate(1, 1<<20)
			v.takes(500)
			v.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			v.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: firstWindow})
			v.WriteWindowUpdate(0, 3)
			v.takes(3)
			v.WriteWindowUpdate(0, 1<<20)
			if a := v.whole(1); len(a.body) != 300_000-firstWindow-1003 {
				t.Errorf("%d octets came at the end", len(a.body))
			}
		})
	}
}

// takes reads so many octets of bodies, and sees that no more come.
func (v *client) takes(octets int) {
	v.t.Helper()
	for octets > 0 {
		if d, ok := v.next().(*http2.DataFrame); ok {
			octets -= len(d.Data())
		}
	}
	v.WritePing(false, [8]byte{'a', 'l', 'l', '?'})
	if p, ok := v.next().(*http2.PingFrame); !ok || octets < 0 {
		v.t.Fatalf("more came than the windows have room for: %v", p)
	}
}

// TestNegativeWindows: SETTINGS may take back what was promised (RFC 9113, 6.9.2).
func TestNegativeWindows(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"a page": "/", "from below": "/echo?octets=300000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dial, _ := start(t, newSite(echo))
			v := greet(t, dial(t), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1000})
			v.ask(1, true, v.header("GET", path))
			v.takes(1000)
			v.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 400}) // now -600
			v.WriteWindowUpdate(1, 600)
			v.takes(0)
			v.WriteWindowUpdate(1, 7)
			v.takes(7)
		})
	}
}

// TestOneStreamHoldsUpNoOther: while the window of the connection is shut for a body, headers and whatever has none pass, and so does an
// upload.
func TestOneStreamHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	dial, _ := start(t, newSite(echo))
	v := greet(t, dial(t), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
	v.ask(1, true, v.header("GET", "/echo?octets=200000"))
	v.takes(firstWindow)
	v.ask(3, true, v.header("HEAD", "/small"))
	if a := v.whole(3); a.fields[":status"] != "200" {
		t.Errorf("a page: %v", a.fields)
	}
	v.ask(5, true, v.header("HEAD", "/echo"))
	if a := v.whole(5); a.fields[":status"] != "200" || a.fields["x-below"] == "" {
		t.Errorf("from below: %v", a.fields)
	}
	v.WriteWindowUpdate(0, 1<<20)
	if a := v.whole(1); len(a.body) != 200_000-firstWindow {
		t.Errorf("%d octets came at the end", len(a.body))
	}
}

// TestNoPlaceForOneMore: an answer that waits for the client has a place; where there is none, the request is left to net/http, which is told by the server.
func TestNoPlaceForOneMore(t *testing.T) {
	t.Parallel()
	s := newSite(echo)
	dial, _ := start(t, s)
	v := greet(t, dial(t), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
	v.ask(1, true, v.header("GET", "/"))
	v.takes(10)
	if s.entered.Load() != 1 {
		t.Errorf("%d have places", s.entered.Load())
	}
	s.full.Store(true)
	v.ask(3, true, v.header("HEAD", "/"))
	if a := v.whole(3); a.fields["x-below"] != "" {
		t.Errorf("what does not wait needs no place: %v", a.fields)
	}
	v.ask(5, true, v.header("GET", "/"))
	if a := v.whole(5); a.fields["x-below"] == "" {
		t.Errorf("%v", a.fields)
	}
	v.WriteRSTStream(1, http2.ErrCodeCancel)
	until(t, "the place is given back", func() bool { return s.entered.Load() == 0 })
	if s.observed.Load() != 10 {
		t.Errorf("%d octets are told of", s.observed.Load())
	}
}

// TestWhoTakesNothingIsHeard: while the socket is full of what a client has windows for, he can take back what he asked for.
func TestWhoTakesNothingIsHeard(t *testing.T) {
	t.Parallel()
	s := newSite(echo)
	dial, _ := start(t, s)
	v := greet(t, dial(t), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
	v.WriteWindowUpdate(0, 1<<31-1-firstWindow)
	const all = 100 // 30 MB, more than all buffers on the way hold
	for i := range uint32(all) {
		v.ask(2*i+1, true, v.header("GET", "/"))
	}
	for i := range uint32(all) {
		v.WriteRSTStream(2*i+1, http2.ErrCodeCancel)
	}
	until(t, "all is taken back", func() bool { return s.told.Load() == all })
	if n := s.observed.Load(); n >= all*300_000 {
		t.Errorf("%d octets were sent all the same", n)
	}
}
