package cluster

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// TestListsThatNoPOPTakes are all told by somebody who may publish. Package manifest has more that are none.
func TestListsThatNoPOPTakes(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc")
	nyc, ci, retired := c.pops[0], roster.NewKey(), roster.NewKey()
	next := *c.members
	next.Version++
	next.Publishers = []roster.Publisher{{Name: "ci", Key: ci.Public(), May: []roster.Right{roster.Publish}}}
	next.Retired = []roster.Retired{{Key: retired.Public(), From: 2}}
	if err := nyc.TakeRoster(next.Marshal(c.owner)); err != nil {
		t.Fatal(err)
	}
	live, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	of := func(key roster.PrivateKey, by string, number uint64, parent manifest.ID) []byte {
		m := manifest.Manifest{Number: number, Parent: parent, Config: "tinycdn.toml", By: by, Time: time.Now(), Files: live.Files}
		list, err := m.Sign(key)
		if err != nil {
			t.Fatal(err)
		}
		return list.Text
	}
	good := of(ci, "ci", 2, live.ID)
	path := func(path string) []byte {
		text, _, _ := strings.Cut(string(good), "signature ")
		return ci.Sign([]byte(strings.Replace(text, " 0600 tinycdn.toml\n", " 0600 "+path+"\n", 1)))
	}
	many := []byte(strings.Repeat("x", 3073))
	before := stateOf(t, nyc)
	for name, one := range map[string]struct {
		list []byte
		want string
	}{
		"a path with ..":        {path("../../etc/passwd"), "does not lead to a file below the top of the tree"},
		"an absolute path":      {path("/etc/passwd"), "does not lead to a file below the top of the tree"},
		"a path of 3 KB":        {path(string(many)), "a path of 3073 octets: 3072 is the longest"},
		"a wrong signature":     {bytes.Replace(good, []byte("number 2"), []byte("number 3"), 1), "the text was changed on its way"},
		"a foreign owner":       {of(roster.NewKey(), "owner", 2, live.ID), "who may not publish"},
		"a key that is retired": {of(retired, "retired", 2, live.ID), "who may not publish"},
		"number + 2":            {of(ci, "ci", 3, manifest.ID{Number: 2, Hash: live.ID.Hash}), "it serves generation 1, and has to catch up first"},
		"another parent":        {of(ci, "ci", 2, manifest.ID{Number: 1, Hash: manifest.Hash{1}}), "it serves generation 1, and has to catch up first"},
		"an old number":         {of(ci, "ci", 1, manifest.ID{}), "generation 1 of owner is live since "},
		"somebody else's":       {of(c.owner, "owner", 2, live.ID), "generation 2 is somebody else's"},
		"by somebody else":      {of(ci, "owner", 2, live.ID), "ci says that generation 2 is by owner"},
		"no list":               {[]byte("GET / HTTP/1.1\r\n"), "this does not begin with"},
		"nothing":               {nil, "this does not begin with"},
	} {
		client := channel.NewClient(ci, c.members.POPs[0])
		err := client.Send(t.Context(), "/v1/generation", bytes.NewReader(one.list), nil)
		if list, is := manifest.Open(one.list); is == nil && err == nil {
			err = client.Call(t.Context(), "/v1/prepare", list.ID, nil)
		}
		client.Close()
		if refused := (*channel.Refused)(nil); !errors.As(err, &refused) || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s: got %v, want %q", name, err, one.want)
		}
		if after := stateOf(t, nyc); after != before {
			t.Errorf("%s changed what the POP has agreed to:\n%s\n%s", name, before, after)
		}
	}
	if _, out, err := c.publish(t, live, "two"); err != nil || len(out.Live) != 1 {
		t.Errorf("and then: %+v, %v", out, err)
	}
}

// stateOf is all that a POP has promised, and what it serves.
func stateOf(t *testing.T, p *testPOP) string {
	t.Helper()
	p.Member.mu.Lock()
	defer p.Member.mu.Unlock()
	text, err := json.Marshal(&p.agreed)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// again repeats something without end, as far as its reader can tell.
type again struct {
	text []byte
	at   int
	left int // so that a reader who believes it fails, rather than reads for ever
}

func (a *again) Read(b []byte) (int, error) {
	if a.left -= len(b); a.left < 0 {
		return 0, errors.New("all was read, without end")
	}
	for i := range b {
		b[i] = a.text[a.at]
		a.at = (a.at + 1) % len(a.text)
	}
	return len(b), nil
}

func TestContentsThatNoPOPTakes(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc")
	nyc := c.pops[0]
	live, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	list, source := c.next(t, live, map[string]string{"tinycdn.toml": "two", "page": "a page"})
	client := channel.NewClient(c.owner, c.members.POPs[0])
	defer client.Close()
	if err := client.Send(t.Context(), "/v1/generation", bytes.NewReader(list.Text), nil); err != nil {
		t.Fatal(err)
	}
	page := sha256.Sum256([]byte("a page"))
	frames := func(hash manifest.Hash, size int64, text string) []byte {
		var b bytes.Buffer
		w := channel.NewFrameWriter(&b)
		if err := w.WriteContent(hash, size, 0, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		return b.Bytes()
	}
	head := func(hash manifest.Hash, size uint64, length uint32) []byte { // and nothing in it
		b := binary.BigEndian.AppendUint64(slices.Clone(hash[:]), size)
		b = binary.BigEndian.AppendUint64(b, 0)
		return binary.BigEndian.AppendUint32(append(b, 0), length)
	}
	have := live.Files[0] // which is there
	part := frames(have.Hash, 1<<20, strings.Repeat("x", 1<<20))
	binary.BigEndian.PutUint64(part[32:], 1<<40)
	const endless = 64 << 20
	for name, one := range map[string]struct {
		body io.Reader
		want string
	}{
		"a wrong hash":                   {bytes.NewReader(frames(page, 6, "a rage")), "what came as "},
		"a length of 2^63":               {bytes.NewReader(head(page, 1<<63, 6)), "frame"},
		"a length of 2^62":               {bytes.NewReader(append(head(page, 1<<62, 6), "a page"...)), "nobody asked for"},
		"another length":                 {bytes.NewReader(frames(page, 7, "a page.")), "nobody asked for"},
		"what nobody asked for":          {bytes.NewReader(frames(manifest.Hash{1}, 1, "x")), "nobody asked for"},
		"a content again and again":      {&again{text: frames(have.Hash, 3, "one"), left: endless}, "comes twice"},
		"one that is there and endless":  {&again{text: part, left: endless}, "nobody asked for"},
		"frames of nothing, without end": {&again{text: head(page, 6, 0), left: endless}, "frame"},
		"no frames, without end":         {&again{text: []byte("GET / HTTP/1.1\r\n"), left: endless}, "frame"},
		"half of one":                    {bytes.NewReader(frames(page, 6, "a page")[:30]), "unexpected EOF"},
	} {
		if err := client.Send(t.Context(), "/v1/contents", one.body, nil); err == nil || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s: got %v, want %q", name, err, one.want)
		}
		if h := fmt.Sprintf("%x", page); nyc.store.Has(page) {
			t.Fatalf("%s is taken for %s", name, h)
		}
	}
	names, err := os.ReadDir(filepath.Join(nyc.dir, "store", "arriving"))
	if err != nil || len(names) > 1 {
		t.Errorf("%v is left of them, %v", names, err)
	}
	p := c.publisher()
	defer p.Close()
	if out, err := p.Publish(t.Context(), list, source); err != nil || len(out.Live) != 1 || nyc.serving() != "two" {
		t.Errorf("and then: %+v, %v", out, err)
	}
}
