package geoip

import (
	"iter"
	"net/netip"
	"slices"
)

// network is a stretch of addresses with one record of one source.
type network struct {
	first, last addr
	record      uint32 // never 0
}

// source is a database as the builder sees it.
type source interface {
	// networks gives the networks of a family in address order, some at a time. What it yields is valid until it goes on.
	// It ends early on an error. Neighbours with one record may be joined.
	networks(v4, joined bool) iter.Seq2[[]network, error]
	// location is what a record says, as far as it is wanted.
	location(record uint32, wants wants) (Location, error)
	// find gives the record of an address, or 0, and the length of a prefix around it that has this record.
	find(a netip.Addr) (record uint32, length int, err error)
	// records is how many records there are at most.
	records() int
	close()
}

// merge goes through the address space of a family once, through all sources side by side.
func (b *builder) merge(v4 bool) error {
	kinds := specialPurpose(v4)
	var prefixes []netip.Prefix
	for _, s := range kinds {
		prefixes = append(prefixes, s.prefix)
	}
	specials := newLayer(prefixes)
	b.memo = newMemo(b.sources, b.depth(), b.memo)
	// How a network of IPv6 is divided depends on how wide it is.
	joined := v4 || !slices.ContainsFunc(b.outs, func(o output) bool { return o.spec.Divide != nil })

	cursors := make([]cursor, len(b.sources))
	for i, s := range b.sources {
		next, stop := iter.Pull2(s.networks(v4, joined))
		defer stop()
		cursors[i] = cursor{pull: next}
	}
	records := make([]uint32, len(cursors))
	for at := (addr{}); ; {
		end := lastAddr
		for i := range cursors {
			record, last := cursors[i].find(at)
			records[i] = record
			if last.less(end) {
				end = last
			}
			if cursors[i].err != nil {
				return cursors[i].err
			}
		}
		kind := ordinary
		k, last := specials.find(at)
		if k >= 0 {
			kind = kinds[k].kind
		}
		if last.less(end) {
			end = last
		}
		b.emit(at, end, kind, records)
		if b.err != nil {
			return b.err
		}
		if end == lastAddr {
			return nil
		}
		at = end.next()
	}
}

// cursor reads a source in step with the merge.
type cursor struct {
	pull  func() ([]network, error, bool)
	batch []network
	ended bool
	err   error
}

// find gives the record at a, or 0, and the last address it holds for. Each call must ask for a later address.
func (c *cursor) find(a addr) (record uint32, last addr) {
	for len(c.batch) == 0 || c.batch[0].last.less(a) {
		if len(c.batch) > 1 {
			c.batch = c.batch[1:]
			continue
		}
		var more bool
		if c.ended {
			return 0, lastAddr
		}
		if c.batch, c.err, more = c.pull(); !more || c.err != nil {
			c.batch, c.ended = nil, true
		}
	}
	n := &c.batch[0]
	if a.less(n.first) {
		return 0, n.first.prev()
	}
	return n.record, n.last
}
