package zones

import (
	"bytes"

	"tinycdn/zones/rr"
)

// names are those that stand in a reply, to point to. Most replies have two or three; a map of them would cost more than all else in
// packing a reply.
type names struct {
	list   []knownName
	octets []byte             // of all in list, in lower case
	chains [chainCount]uint16 // by hash: the place in list of the name that was learned last, and one; 0: none

	// The name at hand.
	name   [rr.MaxName + 9]byte // in lower case
	end    int
	labels int                  // without the root's
	starts [rr.MaxLabels]uint8  // where each label's length stands
	hashes [rr.MaxLabels]uint64 // of the name from there on
}

const chainCount = 64

// knownName is a name, or the end of one.
type knownName struct {
	hash     uint64
	from, to int    // in octets
	at       uint16 // in the reply
	before   uint16 // in its chain: like an entry of chains
}

func (k *names) empty() bool { return len(k.list) == 0 }

func (k *names) reset() {
	if !k.empty() {
		k.list, k.octets, k.chains = k.list[:0], k.octets[:0], [chainCount]uint16{}
	}
}

// split makes name the one at hand.
func (k *names) split(name []byte) {
	k.end = copy(k.name[:rr.MaxName], name)
	rr.Lower(k.name[:k.end])
	k.labels = 0
	for at := 0; k.name[at] != 0; at += int(k.name[at]) + 1 {
		k.starts[k.labels] = uint8(at)
		k.labels++
	}
	h := rr.RootHash
	for i := k.labels - 1; i >= 0; i-- {
		h = rr.HashLabel(h, &k.name, int(k.starts[i]))
		k.hashes[i] = h
	}
}

// longest finds the longest end of the name at hand that is known. Before it stand head octets; target is where it stands.
func (k *names) longest() (head int, target uint16, found bool) {
	for i := range k.labels {
		if known := k.find(i); known != nil {
			return int(k.starts[i]), known.at, true
		}
	}
	return k.end - 1, 0, false
}

// find finds the name at hand from label i on.
func (k *names) find(i int) *knownName {
	want := k.name[k.starts[i]:k.end]
	for place := k.chains[k.hashes[i]%chainCount]; place != 0; {
		known := &k.list[place-1]
		if known.hash == k.hashes[i] && bytes.Equal(k.octets[known.from:known.to], want) {
			return known
		}
		place = known.before
	}
	return nil
}

// learn notes that the name at hand stands at an offset of the reply, and behind its first labels the names that it ends in. What is
// known already stays where it is.
func (k *names) learn(at int) {
	from := len(k.octets)
	for i := range k.labels {
		start := int(k.starts[i])
		if at+start >= maxPointer {
			break
		}
		if k.find(i) != nil {
			continue
		}
		if len(k.octets) == from {
			k.octets = append(k.octets, k.name[:k.end]...)
		}
		chain := &k.chains[k.hashes[i]%chainCount]
		k.list = append(k.list, knownName{k.hashes[i], from + start, from + k.end, uint16(at + start), *chain})
		*chain = uint16(len(k.list))
	}
}

// forget takes back what was learned of names at that offset and behind it: the last of the list, as replies grow at their end.
func (k *names) forget(at int) {
	for n := len(k.list) - 1; n >= 0 && int(k.list[n].at) >= at; n-- {
		k.chains[k.list[n].hash%chainCount] = k.list[n].before
		k.list = k.list[:n]
	}
}
