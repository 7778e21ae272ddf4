package commit

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

func TestACanaryIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	id := manifest.ID{Number: 42, Hash: manifest.Hash{1}}
	first := NewCanary(id, []string{"syd", "fra"}, Canary{}, epoch, keys[0])
	for _, c := range []Canary{first, NewCanary(id, nil, first, epoch.Add(-time.Hour), keys[1])} {
		got, err := OpenCanary(c.Text)
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%v: got %+v, want %+v", err, got, c)
		}
		if c.Stands() != c.At("fra") || c.Beats(&first) == c.Stands() {
			t.Errorf("%+v", c)
		}
	}
	if _, err := Open(first.Text); err == nil {
		t.Error("a canary is taken for a commit")
	}
}

func FuzzCanary(f *testing.F) {
	id := manifest.ID{Number: 42, Hash: manifest.Hash{1}}
	for _, text := range []string{"at fra syd\n", "at\n", "at syd fra\n", "at  fra\n", "\n", "at fra", "of fra\n"} {
		c := NewCanary(id, nil, Canary{}, epoch, keys[0])
		f.Add(keys[0].Sign(append(bytes.TrimSuffix(c.text(), []byte("at\n")), text...)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := OpenCanary(text)
		if err != nil {
			return
		}
		if said := keys[0].Sign(c.text()); c.Key == keys[0].Public() && !bytes.Equal(said, text) {
			t.Errorf("%q is read as %q", text, said)
		}
	})
}
