package pop

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/config"
)

// BenchmarkIdle is what a POP does every 30 seconds while nothing changes.
func BenchmarkIdle(b *testing.B) {
	for _, size := range []struct{ rules, zones int }{{100_000, 1}, {0, 10_000}} {
		b.Run(fmt.Sprintf("rules=%d/zones=%d", size.rules, size.zones), func(b *testing.B) {
			p := newIdlePOP(b, size.rules, size.zones)
			b.ReportAllocs()
			for b.Loop() {
				if !p.unchanged(change{files: true, sites: true}) {
					b.Fatal("nothing has changed")
				}
			}
		})
	}
}

// newIdlePOP is a POP with network rules and small zones, which it has read.
func newIdlePOP(t testing.TB, rules, zones int) *POP {
	dir := t.TempDir()
	var text strings.Builder
	text.WriteString("zones = ['zones/*.zone']\n[pops.nyc]\naddresses = ['192.0.2.1']\nlocation = [0, 0]\n[maps.site]\ndefault = 'nyc'\n[maps.site.networks]\n")
	for i := range rules {
		fmt.Fprintf(&text, "'10.%d.%d.%d/32' = 'nyc'\n", i>>16, i>>8&255, i&255)
	}
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range zones {
		write(fmt.Sprintf("zones/z%d.test.zone", i), "@ 60 SOA ns.test. h.test. 1 2 3 4 5\n@ 60 NS ns.test.\n")
	}
	write("tinycdn.toml", text.String())
	p := New("nyc", &config.Config{}, slog.New(slog.DiscardHandler))
	p.path = filepath.Join(dir, "tinycdn.toml")
	p.readAgain(t)
	return p
}

// readAgain reads what has changed, until nothing has: a folder that is very young may still change and not tell.
func (p *POP) readAgain(t testing.TB) {
	for !p.config.Unchanged() || !p.unchanged(change{files: true}) {
		if err := p.Adopt(Load(p.path, p.current, p.options())); err != nil {
			t.Fatal(err)
		}
		p.read = p.current
	}
}
