package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Owner is whoever says who belongs to a cluster.
type Owner struct {
	Folder
	Publisher
	Newest uint64 // the number of the newest generation that any POP knows; 0: there is none
}

// OpenOwner has the owner's key found, and finds the newest roster that the folder or any POP has.
func OpenOwner(ctx context.Context, f Folder, find func(roster.Key) (roster.PrivateKey, error)) (*Owner, error) {
	o := &Owner{Folder: f}
	var err error
	if o.Members, _, err = f.Roster(); err != nil {
		return nil, err
	}
	if o.Key, err = find(o.Members.Owner); err != nil {
		return nil, err
	}
	all, wrong := o.Status(ctx)
	for _, s := range all {
		if next, err := o.Members.Accept(s.Roster); err == nil {
			o.Members = next
		}
	}
	if len(all) == 0 && len(o.Members.POPs) > 0 {
		return nil, fmt.Errorf("no POP answers, and nothing was changed: %w", anyOf(wrong))
	}
	o.Newest = Newest(all).ID.Number
	o.Close()
	o.clients = nil // they may be of a roster that is old by now
	return o, nil
}

func anyOf(wrong map[string]error) error {
	var all []error
	for name, err := range wrong {
		all = append(all, fmt.Errorf("%s: %w", name, err))
	}
	slices.SortFunc(all, func(a, b error) int { return bytes.Compare([]byte(a.Error()), []byte(b.Error())) })
	return errors.Join(all...)
}

// ErrUnheard is that no POP has taken a roster, which was then not kept.
var ErrUnheard = errors.New("no POP has taken the roster, and nothing was changed")

// Sign makes a roster the next one: it is signed, given to the POPs that it names, and kept.
func (o *Owner) Sign(ctx context.Context, next roster.Roster) (wrong map[string]error, err error) {
	signed, err := o.Next(next)
	if err != nil {
		return nil, err
	}
	return o.Give(ctx, signed)
}

// Next signs a roster as the next one. It does not hold yet.
func (o *Owner) Next(next roster.Roster) (signed []byte, err error) {
	next.Version = o.Members.Version + 1
	signed = next.Marshal(o.Key)
	_, err = o.Members.Accept(signed) // what we sign, we read
	return signed, err
}

// Give gives a signed roster to the POPs that it names, and keeps it. One POP is enough, since the others get it from there; wrong are
// those that have not got it yet.
func (o *Owner) Give(ctx context.Context, signed []byte) (wrong map[string]error, err error) {
	next, err := o.Members.Accept(signed)
	if err != nil {
		return nil, err
	}
	o.Close()
	o.Members, o.clients = next, nil
	o.connect()
	wrong = o.each(o.names(), func(name string) error {
		return o.client(name).Send(ctx, "/v1/roster", bytes.NewReader(signed), nil)
	})
	if len(wrong) > 0 && len(wrong) == len(next.POPs) {
		return wrong, fmt.Errorf("%w: %w", ErrUnheard, anyOf(wrong))
	}
	return wrong, o.KeepRoster(signed)
}
