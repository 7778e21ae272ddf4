package tomlfile

import (
	"slices"
	"strconv"
)

// Cut takes values out of the document, each with its key, as if they had not been written. Where there is no value at the keys it
// is the nearest table or list around it. It says whether there was any: the document as a whole stays.
func (d *Document) Cut(all ...[]string) (found bool) {
	type place struct{ parent, node *Node }
	var places []place // all are found before the first goes: places in lists are counted
	for _, keys := range all {
		p := place{node: d.Root}
		for _, key := range keys {
			next := p.node.below(key)
			if next == nil {
				break
			}
			p = place{p.node, next}
		}
		if p.parent != nil {
			places = append(places, p)
		}
	}
	for _, p := range places {
		p.parent.drop(p.node)
	}
	return len(places) > 0
}

// below is the value of a key, or the element with that number.
func (n *Node) below(key string) *Node {
	if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(n.List) {
		return n.List[i]
	}
	return n.Table[key]
}

// drop takes a value out of a table or a list.
func (n *Node) drop(value *Node) {
	n.List = slices.DeleteFunc(n.List, func(element *Node) bool { return element == value })
	n.Keys = slices.DeleteFunc(n.Keys, func(key string) bool {
		gone := n.Table[key] == value
		if gone {
			delete(n.Table, key)
		}
		return gone
	})
}
