package roster

import (
	"bytes"
	"cmp"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"
)

// A Roster is the list of a cluster's members, signed by its owner. It is not changed once it is made; a new one has a
// higher version.
type Roster struct {
	Version    uint64
	Owner      Key
	POPs       []POP       // by name
	Publishers []Publisher // by name
	Retired    []Retired
}

// POP is a member that serves.
type POP struct {
	Name      string
	Key       Key
	Addresses []netip.AddrPort // at which the others find it
}

// usualPort is that of the pages, which the channel shares.
const usualPort = 443

// AddressText is an address as it stands in a roster: with a port only if that is not the usual one.
func AddressText(a netip.AddrPort) string {
	if a.Port() == usualPort {
		return a.Addr().String()
	}
	return a.String()
}

// ParseAddress reads what AddressText wrote.
func ParseAddress(text string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.AddrPortFrom(a, usualPort), nil
	}
	a, err := netip.ParseAddrPort(text)
	if err != nil || a.Addr().Zone() != "" || a.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is no address of a member", text)
	}
	return a, nil
}

// Publisher is somebody who may do what he is named for: a person, or a CI.
type Publisher struct {
	Name  string
	Key   Key
	May   []Right
	Paths []string // what he may change: "public/**" is all below a folder; none: everything
}

// Retired is a key that no longer counts. What it signed before does.
type Retired struct {
	Key  Key
	From uint64 // the first generation that it can no longer have signed
}

// Right is what a publisher may do.
type Right string

const (
	Publish Right = "publish"
	Purge   Right = "purge"
	Drain   Right = "drain"
	Status  Right = "status"
)

// Rights are all that there are.
var Rights = []Right{Publish, Purge, Drain, Status}

// POP finds a member by its name.
func (r *Roster) POP(name string) (POP, bool) {
	return find(r.POPs, func(p POP) bool { return p.Name == name })
}

// POPOf finds the member that holds a key.
func (r *Roster) POPOf(k Key) (POP, bool) {
	return find(r.POPs, func(p POP) bool { return p.Key == k })
}

// PublisherOf finds the publisher who holds a key. The owner is one who may do everything.
func (r *Roster) PublisherOf(k Key) (Publisher, bool) {
	if k == r.Owner {
		return Publisher{Name: "owner", Key: k, May: Rights}, true
	}
	return find(r.Publishers, func(p Publisher) bool { return p.Key == k })
}

func find[T any](list []T, is func(T) bool) (found T, ok bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	return found, false
}

// Can says whether p may do what right says.
func (p Publisher) Can(right Right) bool { return slices.Contains(p.May, right) }

// Touches says whether p may change the file at a path.
func (p Publisher) Touches(file string) bool {
	if len(p.Paths) == 0 {
		return true
	}
	return slices.ContainsFunc(p.Paths, func(pattern string) bool {
		if folder, ok := strings.CutSuffix(pattern, "**"); ok {
			return strings.HasPrefix(file, folder)
		}
		ok, _ := path.Match(pattern, file)
		return ok
	})
}

// Signed says whether a generation of this number counts if k signed it: k is of one who may publish, or was until later.
func (r *Roster) Signed(k Key, number uint64) bool {
	if old, ok := find(r.Retired, func(old Retired) bool { return old.Key == k }); ok {
		return number < old.From
	}
	p, ok := r.PublisherOf(k)
	return ok && p.Can(Publish)
}

// Majority is how many POPs have to agree.
func (r *Roster) Majority() int { return len(r.POPs)/2 + 1 }

// kind is the first line of a roster.
const kind = "tinycdn roster 1"

// Marshal signs the roster: by its owner, or, if it names a new one, by the owner before.
func (r *Roster) Marshal(owner PrivateKey) []byte { return owner.Sign(r.text()) }

func (r *Roster) text() []byte {
	b := fmt.Appendf(nil, "%s\nversion %d\nowner %v\n", kind, r.Version, r.Owner)
	for _, p := range slices.SortedFunc(slices.Values(r.POPs), func(a, b POP) int { return cmp.Compare(a.Name, b.Name) }) {
		b = fmt.Appendf(b, "pop %s %v", p.Name, p.Key)
		for _, a := range p.Addresses {
			b = fmt.Appendf(b, " %s", AddressText(a))
		}
		b = append(b, '\n')
	}
	for _, p := range slices.SortedFunc(slices.Values(r.Publishers), func(a, b Publisher) int { return cmp.Compare(a.Name, b.Name) }) {
		b = fmt.Appendf(b, "publisher %s %v", p.Name, p.Key)
		for _, right := range p.May {
			b = fmt.Appendf(b, " may=%s", right)
		}
		for _, pattern := range p.Paths {
			b = fmt.Appendf(b, " paths=%s", pattern)
		}
		b = append(b, '\n')
	}
	for _, old := range slices.SortedFunc(slices.Values(r.Retired), func(a, b Retired) int { return bytes.Compare(a.Key[:], b.Key[:]) }) {
		b = fmt.Appendf(b, "retired %v from=%d\n", old.Key, old.From)
	}
	return b
}

// Accept reads a signed roster as the next one after r. It is taken only from the owner that r names, and only with a
// higher version: an old one would bring back who was removed.
func (r *Roster) Accept(signed []byte) (*Roster, error) {
	next, by, err := parse(signed)
	switch {
	case err != nil:
		return nil, err
	case by != r.Owner:
		return nil, fmt.Errorf("the roster is signed by %s, who is not the owner of this cluster (%s)", by.Fingerprint(), r.Owner.Fingerprint())
	case next.Version <= r.Version:
		return nil, fmt.Errorf("the roster has version %d, and here is %d already", next.Version, r.Version)
	}
	return next, nil
}

// First is what a new member knows before it has a roster: nothing but whose to take.
func First(owner Key) *Roster { return &Roster{Owner: owner} }

// Kept reads a roster that was accepted before, by somebody who was told of an owner: that one has signed it, or became the
// owner by it or by one before.
func Kept(signed []byte, owner Key) (*Roster, error) {
	r, by, err := parse(signed)
	if err == nil && by != owner && r.Owner != owner {
		err = fmt.Errorf("the roster is that of %s, who is not the owner of this cluster (%s)", r.Owner.Fingerprint(), owner.Fingerprint())
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Read reads a signed roster, whoever's it is: the owner is the one that it names, and has to have signed it.
func Read(signed []byte) (*Roster, error) {
	r, by, err := parse(signed)
	if err == nil && by != r.Owner {
		err = fmt.Errorf("the roster is signed by %s, and not by its owner", by.Fingerprint())
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}
