package geoip

import (
	"math/bits"
	"slices"
	"sort"
)

// index finds a number in a sorted list in a few steps: the top 16 bits lead to a place in the list, or, where the list is dense, to a
// node, which takes as many of the following bits as it needs.
type index struct {
	top     []uint32 // by the top 16 bits
	nodes   []node
	entries []uint32 // of the nodes
}

// node is a branch of an index.
type node struct {
	at    uint32 // the node's part of entries
	shift uint8
	bits  uint8
}

const (
	topBits  = 16
	maxSteps = 12              // how many numbers of the list a leaf may leave to be tried
	isNode   = uint32(1) << 31 // marks an entry that is not a place in the list but a node
)

// newIndex indexes a sorted list of fewer than 2^31 numbers, which begins with 0.
func newIndex(list []uint64) index {
	var x index
	x.top = x.branch(list, 0, len(list)-1, 0, 64-topBits, topBits)
	x.nodes, x.entries = slices.Clone(x.nodes), slices.Clone(x.entries)
	return x
}

// noEntries lead to the first number of any list.
var noEntries [1 << topBits]uint32

// unindexed is for a list that is looked into once: find goes through it by halves.
func unindexed() index { return index{top: noEntries[:]} }

// branch makes the entries for the numbers that are prefix but for their last shift+n bits. Of the list, the last number
// at or before the first of them is list[i], and list[j] is the last of them.
func (x *index) branch(list []uint64, i, j int, prefix uint64, shift, n int) []uint32 {
	entries := make([]uint32, 1<<n)
	for e := range entries {
		first := prefix | uint64(e)<<shift
		last := first | (1<<shift - 1)
		for i < j && list[i+1] <= first {
			i++
		}
		end := i
		for end < j && list[end+1] <= last {
			end++
		}
		entries[e] = uint32(i)
		if end-i > maxSteps && shift > 0 {
			entries[e] = x.addNode(list, i, end, first, shift)
		}
		i = end
	}
	return entries
}

func (x *index) addNode(list []uint64, i, j int, prefix uint64, shift int) uint32 {
	// Some entries for each leaf that would be full: the numbers are seldom spread evenly.
	n := min(bits.Len(uint(j-i)/8), shift)
	number := len(x.nodes)
	x.nodes = append(x.nodes, node{})
	entries := x.branch(list, i, j, prefix, shift-n, n)
	x.nodes[number] = node{at: uint32(len(x.entries)), shift: uint8(shift - n), bits: uint8(n)}
	x.entries = append(x.entries, entries...)
	return isNode | uint32(number)
}

// find gives the place of the last number in list that is not above key.
func (x *index) find(list []uint64, key uint64) int {
	entry := x.top[key>>(64-topBits)]
	for entry&isNode != 0 {
		n := &x.nodes[entry&^isNode]
		entry = x.entries[n.at+uint32(key>>n.shift)&(1<<n.bits-1)]
	}
	i := int(entry)
	for range maxSteps {
		if i+1 == len(list) || list[i+1] > key {
			return i
		}
		i++
	}
	// More than a leaf's share: so many runs begin in one /64.
	return i + sort.Search(len(list)-i, func(k int) bool { return list[i+k] > key }) - 1
}
