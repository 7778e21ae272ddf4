package acme

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
)

// stateful is a manager with a certificate in a folder, and what starts again there.
func stateful(t *testing.T, p *paper) (folder string, start func() *Manager) {
	folder = filepath.Join(t.TempDir(), "acme")
	start = func() *Manager {
		m := p.manager(t, folder, new(awaiting))
		m.Set(&Config{}, []Wanted{{"site", []string{"example.org"}}})
		return m
	}
	start().turn(t.Context())
	return folder, start
}

const theirs = "acme-v02.api.letsencrypt.org"

// Whatever of it is damaged costs itself: what is left is used, what is missing ordered again, and each damage is told in a line.
func TestADamagedFolderIsUsedAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			what, file string
			damage     func(text string) string
			orders     int    // more of them
			want       string // how the problem begins
		}{
			{"whole", "site.pem", func(text string) string { return text }, 0, ""},
			{"half a chain", "site.pem", func(text string) string { return text[:len(text)/2] }, 1, "site.pem: the chain holds no certificate (another one is ordered)"},
			{"no chain", "site.pem", func(string) string { return "" }, 1, "site.pem: the chain holds no certificate (another one is ordered)"},
			{"half a key", "site.key", func(text string) string { return text[:len(text)/2] }, 1, "site.pem: the key does not belong to the certificate (another one is ordered)"},
			{"two keys", "site.key", func(text string) string { _, other, _ := newKey(); return other + text }, 0, ""},
			{"half of what is known", "site.json", func(text string) string { return text[:len(text)/2] }, 1, "site.json: it cannot be read: is the file whole?"},
			{"half an account", "account.json", func(text string) string { return text[:len(text)/2] }, 0, "account.json: it cannot be read: is the file whole?"},
		} {
			p := newPaper(45 * day24)
			folder, start := stateful(t, p)
			path := filepath.Join(folder, theirs, c.file)
			text, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, []byte(c.damage(string(text))), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, wrong := inFolder(folder).read()
			got := ""
			if len(wrong) > 0 {
				got = strings.TrimPrefix(wrong[0].Error(), filepath.Join(folder, theirs)+"/")
			}
			if got != c.want || len(wrong) > 1 {
				t.Errorf("%s: got %v, want %q", c.what, wrong, c.want)
			}
			m := start()
			m.turn(t.Context())
			if len(m.Pairs()) != 1 || p.orders != 1+c.orders {
				t.Errorf("%s: %d certificates, %d orders", c.what, len(m.Pairs()), p.orders)
			}
			if _, wrong := inFolder(folder).read(); len(wrong) > 0 && c.orders > 0 {
				t.Errorf("%s: after the order: %v", c.what, wrong)
			}
		}
	})
}

func inFolder(path string) folder { return folder(path) }

// A first certificate that could not be kept would be ordered at each start; one that is there is renewed all the same.
func TestWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPaper(45 * day24)
		folder := filepath.Join(t.TempDir(), "acme")
		if err := os.WriteFile(folder, nil, 0o600); err != nil { // nobody, root neither, makes a folder in a file
			t.Fatal(err)
		}
		m := p.manager(t, folder, new(awaiting))
		m.Set(&Config{}, []Wanted{{"site", []string{"example.org"}}})
		m.turn(t.Context())
		why := m.List()[0].Why
		if want := "letsencrypt: " + filepath.Join(folder, theirs) + ": not a directory"; why != want || p.orders != 0 {
			t.Errorf("got %q, %d orders; want %q", why, p.orders, want)
		}
		os.Remove(folder)
		m.Renew(nil)
		m.turn(t.Context())
		if p.orders != 1 {
			t.Fatalf("%d orders", p.orders)
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(folder, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		m.Renew(nil)
		m.turn(t.Context())
		if p.orders != 2 || len(m.Pairs()) != 1 {
			t.Errorf("%d orders, %d certificates", p.orders, len(m.Pairs()))
		}
		os.Remove(folder)
		ctx, stop := context.WithTimeout(t.Context(), 2*hour)
		defer stop()
		m.Run(ctx)
		again := p.manager(t, folder, new(awaiting))
		again.Set(&Config{}, []Wanted{{"site", []string{"example.org"}}})
		again.turn(t.Context())
		if p.orders != 2 || len(again.Pairs()) != 1 {
			t.Errorf("after a restart: %d orders, %d certificates", p.orders, len(again.Pairs()))
		}
	})
}

// A new pair is written so that whenever it is cut short, one of the two is there.
func TestAPairIsWrittenSoThatOneIsAlwaysThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPaper(45 * day24)
		path, _ := stateful(t, p)
		f := folder(path)
		old, _ := f.read()
		m := p.manager(t, path, new(awaiting))
		m.Set(&Config{}, []Wanted{{"site", []string{"example.org"}}})
		m.Renew(nil)
		m.turn(t.Context())
		now, _ := f.read()
		was, is := old.Certificates["site"], now.Certificates["site"]
		base := filepath.Join(path, theirs, "site")
		for _, c := range []struct{ chain, keys, want string }{
			{was.Chain, was.Key, was.Key}, {was.Chain, is.Key + was.Key, was.Key}, {is.Chain, is.Key + was.Key, is.Key}, {is.Chain, is.Key, is.Key},
		} {
			os.WriteFile(base+".pem", []byte(c.chain), 0o600)
			os.WriteFile(base+".key", []byte(c.keys), 0o600)
			got, wrong := f.read()
			if one := got.Certificates["site"]; len(wrong) > 0 || one.Chain != c.chain || one.Key != c.want {
				t.Errorf("got %+v, %v", one, wrong)
			}
		}
	})
}

// Who has another's bundle goes on where that one stopped; an old one, or one with a pair that is no use, changes nothing.
func TestABundleIsAllThatAnotherNeeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPaper(45 * day24)
		_, start := stateful(t, p)
		first := start()
		var sent []Bundle
		first.Changed = func(b Bundle) { sent = append(sent, b) }
		first.Renew(nil)
		first.turn(t.Context())
		second := p.manager(t, filepath.Join(t.TempDir(), "acme"), new(awaiting))
		second.Set(&Config{}, []Wanted{{"site", []string{"example.org"}}})
		last := sent[len(sent)-1]
		if !second.Take(last) || second.Take(last) || second.Take(sent[0]) {
			t.Error("it takes what is not newer, or does not take what is")
		}
		second.turn(t.Context())
		if p.orders != 2 || !reflect.DeepEqual(first.Pairs(), second.Pairs()) {
			t.Errorf("%d orders; the same pairs: %v", p.orders, reflect.DeepEqual(first.Pairs(), second.Pairs()))
		}
		bad := last.clone()
		bad.Version.Counter += 100
		bad.Certificates["site"].Chain = "nothing"
		if !second.Take(bad) || !reflect.DeepEqual(first.Pairs(), second.Pairs()) {
			t.Error("a pair that is no use has taken the place of a good one")
		}
	})
}

func TestNoTwoCertificatesShareAFile(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{"account", "a/b", "a%2Fb", ".", "..", ".json", "example.org", "a b", "Account", "%61ccount", "é"} {
		file := fileOf(name)
		if seen[file] != "" || strings.ContainsAny(file, "/ ") || strings.HasPrefix(file, ".") || file == "account" {
			t.Errorf("%q: %q, as %q", name, file, seen[file])
		}
		seen[file] = name
	}
	folders := map[string]string{}
	for _, directory := range []string{authorities[0].directory, authorities[1].directory, authorities[2].directory, authorities[3].directory,
		"https://ca.test/acme/a/directory", "https://ca.test/acme/b/directory", "https://ca.test:8443/acme/a/directory"} {
		name := folderOf(directory)
		if folders[name] != "" || strings.ContainsAny(name, "/:") {
			t.Errorf("%s: %q, as %s", directory, name, folders[name])
		}
		folders[name] = directory
	}
}

func TestMoreNamesThanOneHasAreSeveralCertificates(t *testing.T) {
	t.Parallel()
	all := divided([]Wanted{{"site", manyNames(199)}, {"none", nil}})
	if len(all) != 3 || all[0].Name != "site" || all[1].Name != "site~2" || len(all[0].Names) != 100 || len(all[2].Names) != 1 {
		t.Errorf("got %v", all)
	}
}

func TestAFolderOfAnotherUserIsToldWithWhatToDo(t *testing.T) {
	t.Parallel()
	err := told("/state/acme/site.key", &fs.PathError{Op: "open", Path: "/state/acme/site.key", Err: syscall.EACCES})
	if want := "/state/acme/site.key: permission denied (give the folder to the user that tinycdn runs as: chown -R)"; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
