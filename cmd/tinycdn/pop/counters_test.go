package pop

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/webserver/page"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// TestCountersOfAllRoomsAreRead, those of a POP with zones, maps, sites and others beside it, as Prometheus' own library reads them.
func TestCountersOfAllRoomsAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tinycdn.toml": "pop = 'nyc'\nzones = 'example.org.zone'\n[dns]\nlisten = '127.0.0.1:0'\n[web]\nlisten = '127.0.0.1:0'\nadmin_socket = ''\n" +
			"[pops]\nnyc = { addresses = '192.0.2.1', location = [40, -74] }\nfra = { addresses = '192.0.2.2', location = [50, 8] }\n" +
			"[maps.site]\ndefault = 'nyc'\n[sites.'www.example.org']\nroot = 'public'\n",
		"example.org.zone":  "$TTL 60\n@ SOA ns h 7 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n",
		"public/index.html": "hello",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := config.Load(filepath.Join(dir, "tinycdn.toml"))
	p := New("nyc", c, slog.New(slog.DiscardHandler))
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Adopt(load(c, nil, p.options())); err != nil {
		t.Fatal(err)
	}
	families := p.counted(t)
	for name, want := range map[string]int{ // how many lines there are
		"tinycdn_info": 1, "tinycdn_dns_dropped_total": 2, "tinycdn_dns_limited_total": 3, "tinycdn_dns_log_dropped_total": 2, "tinycdn_dns_response_seconds": 2,
		"tinycdn_http_cache_total": 2 * int(page.Results), "tinycdn_http_body_bytes_total": 2, "tinycdn_http_generation_seconds": 2,
		"tinycdn_http_connections_open": 1, "tinycdn_http_connections_shed_total": 1,
		"tinycdn_serial": 1, "tinycdn_database_built_seconds": 1, "tinycdn_table_compiled_seconds": 1, "tinycdn_reloads_total": 2,
		"tinycdn_pop_up": 2, "tinycdn_pop_drained": 2,
	} {
		if got := len(families[name].GetMetric()); got != want {
			t.Errorf("%s: got %v, want %d", name, families[name], want)
		}
	}
	if got := families["tinycdn_serial"].Metric[0]; got.GetGauge().GetValue() != 7 || got.Label[1].GetValue() != "example.org" {
		t.Errorf("got %v", got)
	}
}

// counted is what a POP counts, by family.
func (p *POP) counted(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	var text bytes.Buffer
	if err := p.counters.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return families
}
