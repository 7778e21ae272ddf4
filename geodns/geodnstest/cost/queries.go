package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
)

// many is of how many client subnets there are queries, unless a file says what to ask.
const many = 1 << 16

// readQueries reads the queries in a file, each behind its length; without a file it makes some.
func readQueries(file, name string) (queries [][]byte, err error) {
	if file == "" {
		random := rand.New(rand.NewPCG(1, 1))
		for range many {
			queries = append(queries, newQuery(name, random.Uint32()))
		}
		return queries, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for len(data) > 2 {
		end := 2 + int(binary.BigEndian.Uint16(data))
		if end < 2+12 || end > len(data) {
			return nil, fmt.Errorf("%s: not queries as DNS over TCP has them, each behind its length in two octets", file)
		}
		queries = append(queries, data[2:end])
		data = data[end:]
	}
	if queries == nil {
		return nil, fmt.Errorf("%s: no query in it", file)
	}
	return queries, nil
}

// newQuery asks for the A of name, for the /24 of an address.
func newQuery(name string, client uint32) []byte {
	q := []byte{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}
	for label := range strings.SplitSeq(strings.Trim(name, "."), ".") {
		q = append(append(q, byte(len(label))), label...)
	}
	q = append(q, 0, 0, 1, 0, 1)
	q = append(q, 0, 0, 41, 1232>>8, 1232&0xff, 0, 0, 0, 0, 0, 11) // OPT, with an option of eleven octets
	return append(q, 0, 8, 0, 7, 0, 1, 24, 0, byte(1+client>>24%223), byte(client>>16), byte(client>>8))
}
