package zonefile

import (
	"strings"
	"testing"
)

// Data in the form of RFC 3597 is held to its type, where we know it: cut short between two fields it would be served, and
// nobody could read it.
func TestUnknownFormIsHeldToItsType(t *testing.T) {
	t.Parallel()
	for data, right := range map[string]bool{
		`TYPE1 \# 4 0A000001`:            true,
		`TYPE1 \# 0`:                     false,
		`TYPE2 \# 0`:                     false,
		`TYPE2 \# 1 00`:                  true,
		`TYPE5 \# 0`:                     false,
		`TYPE6 \# 2 0000`:                false,
		`TYPE12 \# 0`:                    false,
		`TYPE15 \# 2 0001`:               false,
		`TYPE15 \# 4 00010161`:           false,
		`TYPE15 \# 5 0001016100`:         true,
		`TYPE15 \# 4 0001C00C`:           false,
		`TYPE16 \# 0`:                    false,
		`TYPE16 \# 2 0161`:               true,
		`TYPE17 \# 0`:                    false,
		`TYPE28 \# 0`:                    false,
		`TYPE33 \# 6 000000000000`:       false,
		`TYPE36 \# 2 0001`:               false,
		`TYPE39 \# 0`:                    false,
		`TYPE43 \# 4 00010802`:           false,
		`TYPE43 \# 6 000108020102`:       false,
		`TYPE43 \# 6 000108FE0102`:       true,
		`TYPE44 \# 2 0101`:               false,
		`TYPE64 \# 2 0001`:               false,
		`TYPE65 \# 3 000100`:             true,
		`TYPE65 \# 9 000100000000020001`: false,
		`TYPE65534 \# 0`:                 true,
		`TYPE65400 \# 4 0A000001`:        true,
	} {
		_, problems, _ := read(t, "example.org", "x.zone", "@ 60 SOA ns.example. h 1 2 3 4 5\nx 60 "+data+"\n")
		broken := len(problems) == 1 && strings.Contains(problems[0], ":2: x ")
		if broken == right {
			t.Errorf("%s: got %v", data, problems)
		}
	}
}
