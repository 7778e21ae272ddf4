package pop

import (
	"context"
	"log/slog"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/zones"
)

// Who asks by the admin socket is told what visitors are answered by.
func TestThePOPTellsWhichPOPsAreUp(t *testing.T) {
	t.Parallel()
	p := &POP{store: zones.NewStore()}
	want := Health{[]zones.Down{{POP: "fra", A: true, Since: time.Date(2026, 11, 29, 14, 2, 31, 0, time.UTC), Why: "nyc: refused"}, {POP: "syd", Doubt: true}}, 20}
	if err := p.store.Update(func(d *zones.Draft) error { d.SetDown(want.Down, want.DoubtTTL); return nil }); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "admin.sock")
	socket, err := admin.Listen(path, -1, -1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		socket.Serve(ctx, p.adminRoutes(t.Context()), slog.New(slog.DiscardHandler))
	}()
	defer func() { stop(); <-ended }()
	client, err := admin.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var got Health
	if err := client.Health(ctx, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
