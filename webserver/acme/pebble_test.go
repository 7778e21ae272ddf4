package acme

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"tinycdn/webserver/webservertest"
)

func TestApexWildcardAndTwentyNamesInOneCertificate(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k := newKit(t, n, a)
	names := manyNames(20)
	first, err := k.want(t, names...)
	if err != nil {
		t.Fatal(err)
	}
	trusts(t, a, k.Pairs()[0], names...)
	if n.left() != 0 || a.Orders() != 1 {
		t.Errorf("%d records are left, of %d orders", n.left(), a.Orders())
	}
	k.turn(t.Context())
	k.restart()
	again, err := k.want(t, names...)
	if err != nil || !again.Equal(first) || a.Orders() != 1 {
		t.Errorf("after a restart: %v, %v, %d orders", again.SerialNumber, err, a.Orders())
	}
	for _, file := range []string{"account.json", "site.pem", "site.key", "site.json"} {
		info, err := os.Stat(filepath.Join(k.folder, folderOf(a.Directory), file))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", file, info, err)
		}
	}
}

// Nothing but the window says that it is time: it is moved into the past, for a certificate that has most of its life left.
func TestAWindowInThePastIsARenewalThatReplaces(t *testing.T) {
	t.Parallel()
	k, a, first := certified(t)
	k.turn(t.Context()) // asks for the window
	if w := k.Bundle().Certificates["site"].Window; w.Chosen.Before(w.Start) || w.Chosen.After(w.End) || w.Start.IsZero() {
		t.Errorf("got %+v", w)
	}
	a.Wants(t, k.Pairs()[0].Chain, time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	k.now = func() time.Time { return time.Now().Add(25 * time.Hour) }
	k.turn(t.Context())
	second, err := k.leaf()
	if err != nil || second.Equal(first) || a.Orders() != 2 {
		t.Fatalf("got %v, %v, %d orders", second.SerialNumber, err, a.Orders())
	}
	if reflect.DeepEqual(second.PublicKey, first.PublicKey) {
		t.Error("the key is the old one")
	}
}
