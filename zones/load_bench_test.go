package zones

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What a name costs grows with its labels, also in a zone with a cut: a line of $GENERATE makes thousands of names with sixty
// labels. With twice the names, both take twice the time.
func BenchmarkLoadDeepNames(b *testing.B) {
	const deep = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n$GENERATE 0-%d ${0,60,n}.${0,60,n} A 192.0.2.1\n"
	for what, cut := range map[string]string{"without a cut": "", "with one": "cut NS ns\n"} {
		for _, names := range []int{1000, 2000} {
			b.Run(fmt.Sprint(what, ", ", names), func(b *testing.B) {
				for b.Loop() {
					if loaded := loadText(b, "deep.test.zone", fmt.Sprintf(deep, names)+cut); loaded.Value == nil {
						b.Fatal(loaded.Problems)
					}
				}
			})
		}
	}
}

// BenchmarkLoad loads what large POPs have: one zone of a million records, thousands of small ones, one in TOML.
func BenchmarkLoad(b *testing.B) {
	for _, of := range []struct {
		name           string
		zones, records int
		line, form     string
	}{
		{"a million records", 1, 1_000_000, "h%d A 10.1.2.3\n", ".zone"},
		{"a million records of 250,000 names", 1, 1_000_000, "h%d A 10.1.2.3\n A 10.1.2.4\n TXT text\n MX 10 mail\n", ".zone"},
		{"a million records under a wildcard", 1, 1_000_000, "h%d.a A 10.1.2.3\n*.a TXT text\n", ".zone"},
		{"1,000 zones", 1000, 10, "h%d A 10.1.2.3\n", ".zone"},
		{"1,000 zones in TOML", 1000, 10, "h%d = { A = \"10.1.2.3\" }\n", ".toml"},
		{"100,000 records in TOML", 1, 100_000, "h%d = { A = \"10.1.2.3\" }\n", ".toml"},
	} {
		b.Run(of.name, func(b *testing.B) {
			folder := b.TempDir()
			var paths []string
			for i := range of.zones {
				paths = append(paths, filepath.Join(folder, fmt.Sprintf("zone%d.test%s", i, of.form)))
				writeZone(b, paths[i], of.line, of.records)
			}
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				for _, path := range paths {
					if loaded := Load(path, "", nil); loaded.Value == nil {
						b.Fatal(loaded.Problems)
					}
				}
			}
			b.ReportMetric((cpuTime(b)-before)*1e9/float64(b.N*of.zones*of.records), "cpu-ns/record")
		})
	}
}

// writeZone writes a zone with some records beside those that line stands for.
func writeZone(tb testing.TB, path, line string, records int) {
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	if filepath.Ext(path) == ".toml" {
		fmt.Fprint(w, "[records]\n\"@\" = { NS = \"ns\" }\nns = { A = \"192.0.2.1\" }\nmail = { A = \"192.0.2.1\" }\n")
	} else {
		fmt.Fprint(w, "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nmail A 192.0.2.1\n")
	}
	lines := 0
	for _, c := range line {
		if c == '\n' {
			lines++
		}
	}
	for i := 0; i < records; i += lines {
		fmt.Fprintf(w, line, i)
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
}

// cpuTime is what the process has used of processors, in seconds: on a busy machine the clock tells nothing.
func cpuTime(tb testing.TB) float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return float64(used.Utime.Sec+used.Stime.Sec) + float64(used.Utime.Usec+used.Stime.Usec)/1e6
}
