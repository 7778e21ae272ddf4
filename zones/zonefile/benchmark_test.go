package zonefile

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// countSink counts what it is given.
type countSink struct{ records, octets int }

func (c *countSink) Record(r *Record) {
	c.records++
	c.octets += len(r.Owner) + len(r.Data)
}

func (c *countSink) Geo(*Geo) {}

// BenchmarkMillionRecords reads a master file of a million records, for the time and the allocations of each.
func BenchmarkMillionRecords(b *testing.B) {
	path := filepath.Join(b.TempDir(), "big.example.zone")
	size := writeBigZone(b, path, 1_000_000)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		var sink countSink
		if _, problems := Read(path, "", &sink); len(problems) > 0 {
			b.Fatal(problems[0])
		}
		if sink.records != 1_000_003 {
			b.Fatalf("got %d records", sink.records)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1_000_003, "ns/record")
}

// writeBigZone writes a zone with an SOA, an NS, its address and count records: nine in twelve A, the others AAAA, TXT and MX.
func writeBigZone(tb testing.TB, path string, count int) (size int64) {
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	fmt.Fprint(w, "$ORIGIN big.example.\n$TTL 3600\n@ SOA ns1 hostmaster 1 7200 1800 259200 300\n@ NS ns1\nns1 A 198.51.100.251\n")
	for i := range count {
		name := uint32(i) * 2654435761 >> 4 // names in no order
		switch i % 12 {
		case 7:
			fmt.Fprintf(w, "h%07x AAAA 2001:db8::%x:%x\n", name, i>>16, i&0xffff)
		case 8:
			fmt.Fprintf(w, "h%07x MX 10 mail%d\n", name, i)
		case 9:
			fmt.Fprintf(w, "h%07x TXT \"record number %d\"\n", name, i)
		default:
			fmt.Fprintf(w, "h%07x A 10.%d.%d.%d\n", name, i>>16&255, i>>8&255, i&255)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	return info.Size()
}

func TestReadingARecordAllocatesNothing(t *testing.T) {
	folder := t.TempDir()
	allocations := func(records int) float64 {
		path := filepath.Join(folder, fmt.Sprint(records))
		writeBigZone(t, path, records)
		return testing.AllocsPerRun(3, func() {
			if _, problems := Read(path, "big.example", new(countSink)); len(problems) > 0 {
				t.Fatal(problems[0])
			}
		})
	}
	// With the race detector, pools lose things at random: a few more are none for each of 9,000 records.
	if few, many := allocations(1000), allocations(10_000); many > few+100 {
		t.Errorf("%v allocations for 1,000 records, %v for 10,000", few, many)
	}
}
