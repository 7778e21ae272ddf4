package roster

import (
	"bytes"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

// some is a roster with something of everything, and the keys of its members.
func some(owner PrivateKey) *Roster {
	return &Roster{
		Version: 7,
		Owner:   owner.Public(),
		POPs: []POP{
			{"fra", Key{1}, []netip.AddrPort{netip.MustParseAddrPort("192.0.2.2:443"), netip.MustParseAddrPort("[2001:db8::2]:7443")}},
			{"nyc", Key{2}, []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:443")}},
		},
		Publishers: []Publisher{
			{"ci", Key{3}, []Right{Publish, Purge}, []string{"public/**", "zones/*.toml"}},
			{"viewer", Key{4}, []Right{Status}, nil},
			{"nobody", Key{5}, nil, nil},
		},
		Retired: []Retired{{Key{9}, 17}, {Key{8}, 0}},
	}
}

func TestARosterIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	owner := NewKey()
	r := some(owner)
	signed := r.Marshal(owner)
	got, err := Read(signed)
	if err != nil {
		t.Fatal(err)
	}
	if again := got.Marshal(owner); !bytes.Equal(again, signed) {
		t.Errorf("%s\nbecame\n%s", signed, again)
	}
	if !reflect.DeepEqual(got.POPs, r.POPs) {
		t.Errorf("got %v, want %v", got.POPs, r.POPs)
	}
	if ci, ok := got.PublisherOf(Key{3}); !ok || !reflect.DeepEqual(ci, r.Publishers[0]) {
		t.Errorf("got %v, want %v", ci, r.Publishers[0])
	}
}

func TestOnlyTheOwnersNextRosterIsAccepted(t *testing.T) {
	t.Parallel()
	owner, other := NewKey(), NewKey()
	now := some(owner)
	next := func(by PrivateKey, change func(*Roster)) []byte {
		r := some(owner)
		r.Version++
		change(r)
		return r.Marshal(by)
	}
	for name, c := range map[string]struct {
		text []byte
		want string // "": it is accepted
	}{
		"the next":                   {next(owner, func(*Roster) {}), ""},
		"much later":                 {next(owner, func(r *Roster) { r.Version += 1000 }), ""},
		"a new owner, by the old":    {next(owner, func(r *Roster) { r.Owner = other.Public() }), ""},
		"the same":                   {next(owner, func(r *Roster) { r.Version-- }), "version 7, and here is 7 already"},
		"an old one":                 {next(owner, func(r *Roster) { r.Version = 1 }), "version 1, and here is 7 already"},
		"a foreign owner":            {next(other, func(r *Roster) { r.Owner = other.Public() }), "who is not the owner of this cluster"},
		"signed by somebody":         {next(other, func(*Roster) {}), "who is not the owner of this cluster"},
		"without version":            {next(owner, func(r *Roster) { r.Version = 0 }), "no version, or no owner"},
		"without owner":              {next(owner, func(r *Roster) { r.Owner = Key{} }), "no version, or no owner"},
		"two POPs of one name":       {next(owner, func(r *Roster) { r.POPs[0].Name = "nyc" }), "nyc, or its key, is in the roster twice"},
		"two POPs of one key":        {next(owner, func(r *Roster) { r.POPs[0].Key = Key{2} }), "nyc, or its key, is in the roster twice"},
		"a POP and a publisher":      {next(owner, func(r *Roster) { r.Publishers[0].Key = Key{2} }), "ci, or its key, is in the roster twice"},
		"the owner as a publisher":   {next(owner, func(r *Roster) { r.Publishers[0].Key = owner.Public() }), "ci, or its key, is in the roster twice"},
		"a POP called owner":         {next(owner, func(r *Roster) { r.POPs[0].Name = "owner" }), `"owner" is no name for a member`},
		"a name with a slash":        {next(owner, func(r *Roster) { r.POPs[0].Name = "../a" }), `"../a" is no name for a member`},
		"a name with a line end":     {next(owner, func(r *Roster) { r.POPs[0].Name = "a\nb" }), "line"},
		"a name of 64":               {next(owner, func(r *Roster) { r.POPs[0].Name = strings.Repeat("a", 64) }), "is no name for a member"},
		"a POP without address":      {next(owner, func(r *Roster) { r.POPs[0].Addresses = nil }), "the POP fra has no address"},
		"an address with a zone":     {next(owner, func(r *Roster) { r.POPs[0].Addresses[0] = netip.MustParseAddrPort("[fe80::1%eth0]:443") }), "is no address of a member"},
		"port 0":                     {next(owner, func(r *Roster) { r.POPs[0].Addresses[0] = netip.MustParseAddrPort("192.0.2.1:0") }), "is no address of a member"},
		"an address twice":           {next(owner, func(r *Roster) { r.POPs[1].Addresses = append(r.POPs[1].Addresses, r.POPs[1].Addresses[0]) }), "nyc has the address 192.0.2.1 twice"},
		"a right that there is not":  {next(owner, func(r *Roster) { r.Publishers[0].May = []Right{"root"} }), `"may=root" is nothing that a publisher has`},
		"a pattern that leads up":    {next(owner, func(r *Roster) { r.Publishers[0].Paths = []string{"../**"} }), `"paths=../**" is nothing that a publisher has`},
		"a key that is retired anew": {next(owner, func(r *Roster) { r.Retired = append(r.Retired, Retired{Key{9}, 3}) }), "is retired twice"},
		"too large":                  {next(owner, func(r *Roster) { r.Publishers[0].Paths = make([]string, 0); r.Publishers[0].Paths = many(maxSize) }), "larger than 64 KB"},
		"nothing":                    {nil, `does not begin with "tinycdn roster 1"`},
		"one line":                   {[]byte(kind + "\n"), "the last line is no signature"},
		"another kind":               {owner.Sign([]byte("tinycdn generation 1\nversion 9\n")), "does not begin with"},
		"another order":              {swapped(next(owner, func(*Roster) {}), owner), "not written as it should be"},
	} {
		got, err := now.Accept(c.text)
		switch {
		case c.want == "" && (err != nil || got.Version <= now.Version):
			t.Errorf("%s: %v, %v", name, got, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func many(n int) (list []string) {
	for i := range n / 10 {
		list = append(list, fmt.Sprintf("f%d/**", i))
	}
	return list
}

// swapped is a roster in which two lines have changed places, signed again.
func swapped(signed []byte, owner PrivateKey) []byte {
	text, _, _ := Open(kind, signed)
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines[3], lines[4] = lines[4], lines[3]
	return owner.Sign(bytes.Join(lines, nil))
}

func TestARosterThatWasAcceptedIsKeptOverAChangeOfOwner(t *testing.T) {
	t.Parallel()
	first, second, third := NewKey(), NewKey(), NewKey()
	handover, later := some(second), some(second)
	later.Version++
	for name, c := range map[string]struct {
		text []byte
		told Key
		ok   bool
	}{
		"the old owner's word for the new one": {handover.Marshal(first), first.Public(), true},
		"told of the new one meanwhile":        {handover.Marshal(first), second.Public(), true},
		"the new one's":                        {later.Marshal(second), second.Public(), true},
		"a third one's":                        {later.Marshal(second), third.Public(), false},
	} {
		if _, err := Kept(c.text, c.told); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARetiredKeyCountsForWhatItSignedBefore(t *testing.T) {
	t.Parallel()
	owner := NewKey()
	r := some(owner)
	r.Publishers = append(r.Publishers, Publisher{"stolen", Key{9}, []Right{Publish}, nil})
	for _, c := range []struct {
		key    Key
		number uint64
		want   bool
	}{
		{owner.Public(), 99, true}, {Key{3}, 99, true}, {Key{4}, 99, false}, {Key{7}, 1, false},
		{Key{9}, 16, true}, {Key{9}, 17, false}, {Key{9}, 1 << 62, false}, {Key{8}, 0, false}, {Key{8}, 1, false},
	} {
		if got := r.Signed(c.key, c.number); got != c.want {
			t.Errorf("%d by %v: got %v, want %v", c.number, c.key[0], got, c.want)
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		"**": true, "public/**": true, "a/b/**": true, "public/*.html": true, "tinycdn.toml": true, "a/*/c": true, "[ab].txt": true,
		"": false, "/etc/**": false, "public**": false, "../**": false, "./a": false, "a//b": false, "a/../b": false, "site*/**": false,
		"a/**/b": false, "[": false, "a b": false, "a\nb": false, "a/": false, "a/.": false, ".": false, "/**": false, "***": false,
	} {
		if err := ValidPattern(pattern); (err == nil) != want {
			t.Errorf("%q: %v", pattern, err)
		}
	}
	p := Publisher{Paths: []string{"public/**", "zones/*.toml"}}
	for file, want := range map[string]bool{
		"public/a": true, "public/a/b": true, "zones/a.toml": true,
		"publicity": false, "public": false, "zones/a/b.toml": false, "tinycdn.toml": false, "zones/.toml/../x": false,
	} {
		if got := p.Touches(file); got != want {
			t.Errorf("%s: got %v, want %v", file, got, want)
		}
	}
}

func TestMajority(t *testing.T) {
	t.Parallel()
	for n, want := range []int{1, 1, 2, 2, 3, 3} {
		if got := (&Roster{POPs: make([]POP, n)}).Majority(); got != want {
			t.Errorf("%d POPs: got %d, want %d", n, got, want)
		}
	}
}

func FuzzRoster(f *testing.F) {
	owner := NewKey()
	text, _, _ := Open(kind, some(owner).Marshal(owner))
	f.Add(string(text[len(kind)+1:]))
	f.Add("version 1\nowner " + owner.Public().String() + "\n")
	f.Fuzz(func(t *testing.T, body string) {
		signed := owner.Sign([]byte(kind + "\n" + body + "\n"))
		r, by, err := parse(signed)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("the error has several lines: %q", err)
			}
			return
		}
		if by != owner.Public() || !bytes.Equal(r.Marshal(owner), signed) {
			t.Errorf("%q became %q", signed, r.Marshal(owner))
		}
	})
}
