package channel

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

var key = roster.NewKey()

// generation has so many files, of which one is named by what changed.
func generation(t testing.TB, files int, parent manifest.ID, changed string) *manifest.Signed {
	t.Helper()
	now := time.Unix(1_800_000_000, 0)
	m := &manifest.Manifest{Number: parent.Number + 1, Parent: parent, Config: "site/00000.md", By: "owner", Time: now}
	for i := range files {
		text := fmt.Sprint(i)
		if i == files/2 {
			text = changed
		}
		m.Files = append(m.Files, manifest.File{Path: fmt.Sprintf("site/%05d.md", i), Hash: sha256.Sum256([]byte(text)), Time: now, Mode: manifest.Plain})
	}
	s, err := m.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAListIsToldAgainstAnother(t *testing.T) {
	t.Parallel()
	for _, files := range []int{1, 10, 6000, 20_000} {
		base := generation(t, files, manifest.ID{}, "one")
		next := generation(t, files, base.ID, "two")
		for _, from := range []*manifest.Signed{nil, base} {
			packed, err := PackList(next, from)
			if err != nil {
				t.Fatal(err)
			}
			got, err := UnpackList(bytes.NewReader(packed), func(manifest.ID) ([]byte, error) { return base.Text, nil })
			if err != nil || !bytes.Equal(got, next.Text) {
				t.Fatalf("%d files: %d octets became %d, %v", files, len(next.Text), len(got), err)
			}
			if from != nil && len(packed) > 2000 {
				t.Errorf("one changed file of %d is %d octets", files, len(packed))
			}
			t.Logf("%d files: %d octets, packed %d", files, len(next.Text), len(packed))
		}
	}
}

func TestListsThatAreNone(t *testing.T) {
	t.Parallel()
	base := generation(t, 10, manifest.ID{}, "one")
	packed, err := PackList(generation(t, 10, base.ID, "two"), base)
	if err != nil {
		t.Fatal(err)
	}
	missing := errors.New("no such file")
	var noBase *NoBase
	if _, err := UnpackList(bytes.NewReader(packed), func(manifest.ID) ([]byte, error) { return nil, missing }); !errors.As(err, &noBase) || noBase.ID != base.ID {
		t.Error(err)
	}
	bomb, _ := PackList(&manifest.Signed{Text: make([]byte, manifest.MaxSize+1)}, nil)
	for name, body := range map[string]string{
		"nothing": "", "something else": "tinycdn generation 1\n", "no number": "base x\n", "cut": string(packed[:len(packed)-3]), "nothing packed": "base 0 " + strings.Repeat("0", 64) + "\nxx",
		"a bomb": string(bomb),
	} {
		if text, err := UnpackList(strings.NewReader(body), func(manifest.ID) ([]byte, error) { return base.Text, nil }); err == nil {
			t.Errorf("%s: %d octets", name, len(text))
		}
	}
}

func FuzzList(f *testing.F) {
	base := generation(f, 10, manifest.ID{}, "one")
	for _, from := range []*manifest.Signed{nil, base} {
		packed, err := PackList(generation(f, 10, base.ID, "two"), from)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		text, err := UnpackList(bytes.NewReader(body), func(manifest.ID) ([]byte, error) { return base.Text, nil })
		if err == nil {
			manifest.Open(text)
		}
	})
}
