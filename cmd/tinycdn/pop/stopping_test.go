package pop

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
)

// However fast the end is, the service manager is told of it before it is over.
func TestTheServiceManagerIsToldOfTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("READY_FD", "")
	var p POP
	if p.manager, err = system.NewServiceManager(); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 100)
	for i := range 50 {
		ctx, stop := context.WithCancel(t.Context())
		for range 2000 { // others who hear of the end, perhaps before
			context.AfterFunc(ctx, func() {})
		}
		go stop()
		if err := p.follow(ctx); err != nil {
			t.Fatal(err)
		}
		manager.SetReadDeadline(time.Now().Add(time.Second))
		n, err := manager.Read(buffer)
		if err != nil || !strings.HasPrefix(string(buffer[:n]), "STOPPING=1\nSTATUS=") {
			t.Fatalf("time %d: told %q, %v", i, buffer[:n], err)
		}
	}
}

// TestWhoEndsSaysSoUnlessSomebodyTakesItsPlace: that is what the health page goes by.
func TestWhoEndsSaysSoUnlessSomebodyTakesItsPlace(t *testing.T) {
	t.Parallel()
	for leaving, want := range map[bool]string{false: "stopping", true: ""} {
		p := New("nyc", &config.Config{}, slog.New(slog.DiscardHandler))
		if got := p.away(); got != "" {
			t.Errorf("at work it is %q", got)
		}
		var err error
		if p.manager, err = system.NewServiceManager(); err != nil {
			t.Fatal(err)
		}
		p.leaving.Store(leaving)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		p.follow(ctx)
		if got := p.away(); got != want {
			t.Errorf("leaving for a successor: %v: it is %q, want %q", leaving, got, want)
		}
	}
}
