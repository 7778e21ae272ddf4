package huffman

const (
	shortest, longest = 5, 30 // codes, in bits
	// atOnce is how many bits are looked at together: two small letters have at most twelve, and 16 KB of a table stay in the cache.
	atOnce = 12
	end    = 256 // the symbol that no text may have
)

// bitLengths of the codes of all octets, and of the end (RFC 7541, appendix B). The codes follow from these: in the order of their
// lengths, and of the octets where those are equal, each is the one before plus one.
var bitLengths = [end + 1]uint8{
	13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
	28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
	6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
	5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
	13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
	7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
	15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
	6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
	20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
	24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
	22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
	21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
	26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
	19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
	20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
	26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
	longest,
}

// lengths are the codes by their lengths.
var lengths = func() (all [longest + 1]struct {
	first   int // the first code
	symbols []uint16
}) {
	code := 0
	for length := shortest; length <= longest; length++ {
		l := &all[length]
		code <<= 1
		l.first = code
		for symbol, its := range bitLengths {
			if int(its) == length {
				l.symbols = append(l.symbols, uint16(symbol))
			}
		}
		code += len(l.symbols)
	}
	return all
}()

// pair is what some bits begin with: one symbol or two, and how many bits they take. Count 0: the first takes more than there are.
type pair struct {
	symbols       [2]uint8
	count, length uint8
}

// pairs are those of all bits.
var pairs = func() (all [1 << atOnce]pair) {
	for at := range all {
		p := &all[at]
		for p.count < 2 {
			// No code of so few bits is all ones: what is not there cannot make one.
			rest := uint64(at)<<(64-atOnce+p.length) | ^uint64(0)>>(atOnce-p.length)
			symbol, length := next(rest)
			if int(p.length)+length > atOnce {
				break
			}
			p.symbols[p.count] = byte(symbol)
			p.count++
			p.length += uint8(length)
		}
	}
	return all
}()
