package rr

import "bytes"

// Compare puts names in lower case in canonical order (RFC 4034, 6.1): by their labels, the rightmost first. Names may be without
// their ends, if both lack the same one.
func Compare(a, b []byte) int {
	var as, bs [MaxLabels]uint8
	i, j := labelsOf(a, &as), labelsOf(b, &bs)
	for i > 0 && j > 0 {
		i--
		j--
		x, y := a[as[i]:], b[bs[j]:]
		if c := bytes.Compare(x[1:1+x[0]], y[1:1+y[0]]); c != 0 {
			return c
		}
	}
	return i - j
}

// labelsOf notes where each label of a name begins, and says how many there are, without the root's.
func labelsOf(name []byte, starts *[MaxLabels]uint8) (n int) {
	for at := 0; at < len(name) && name[at] != 0; at += int(name[at]) + 1 {
		starts[n] = uint8(at)
		n++
	}
	return n
}

// CanonicalKey is the beginning of a name's canonical form: names with different keys are in the order of these. The form is the labels,
// the rightmost first, an octet of 0 behind each; in labels, what is below 2 is written as 1 and one more.
func CanonicalKey(name []byte) (key uint64) {
	var starts [MaxLabels]uint8
	left := 8 // octets of the key
	for i := labelsOf(name, &starts) - 1; i >= 0; i-- {
		label := name[starts[i]:]
		for _, c := range label[1 : 1+label[0]] {
			if c < 2 {
				key = key<<8 | 1
				if left--; left == 0 {
					return key
				}
				c++
			}
			key = key<<8 | uint64(c)
			if left--; left == 0 {
				return key
			}
		}
		key <<= 8
		if left--; left == 0 {
			return key
		}
	}
	return key << (8 * left)
}
