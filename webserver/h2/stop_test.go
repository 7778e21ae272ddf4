package h2

import (
	"context"
	"testing"

	"golang.org/x/net/http2"
)

// TestLeavingLosesNothing: who is told to ask elsewhere gets what he has asked for, page or not, and is then let go. What he asks for after
// that is passed over, for him to ask elsewhere.
func TestLeavingLosesNothing(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"a page": "/", "from below": "/echo?octets=300000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dial, server := start(t, newSite(echo))
			v := greet(t, dial(t))
			v.ask(1, true, v.header("GET", path))
			v.takes(firstWindow)
			server.Leave()
			if g, ok := v.next().(*http2.GoAwayFrame); !ok || g.ErrCode != http2.ErrCodeNo || g.LastStreamID != 1 {
				t.Fatalf("got %v", g)
			}
			v.ask(3, true, v.header("GET", "/small"))
			v.WriteData(3, true, nil)
			v.WriteWindowUpdate(3, 1)
			v.WriteRSTStream(3, http2.ErrCodeCancel)
			v.WriteWindowUpdate(0, 1<<20)
			v.WriteWindowUpdate(1, 1<<20)
			if a := v.whole(1); len(a.body) != 300_000-firstWindow {
				t.Errorf("%d octets came at the end", len(a.body))
			}
			if f, err := v.ReadFrame(); err == nil {
				t.Errorf("then came %v", f)
			}
			server.Stop(context.Background())
		})
	}
}

// TestStopCutsOffWhoTakesNothing when its time is over.
func TestStopCutsOffWhoTakesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(waits)
	dial, server := start(t, s)
	v := greet(t, dial(t), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	v.ask(1, true, v.header("GET", "/"))
	v.until(1, false)
	v.ask(3, false, v.header("POST", "/wait"))
	v.until(3, false)
	server.Leave()
	ctx, enough := context.WithCancel(t.Context())
	enough()
	server.Stop(ctx)
	if s.entered.Load() != 0 {
		t.Error("a place is kept")
	}
}
