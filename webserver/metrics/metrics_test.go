package metrics

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

func TestTextHoldsWhatWasCounted(t *testing.T) {
	t.Parallel()
	var all All
	s := all.Site("example.org")
	s.Add(200, page.Hit, 1000, 1500*time.Nanosecond)
	s.Add(200, page.Hit, 500, 2*time.Microsecond)
	s.Add(404, page.Miss, 10, 2001*time.Nanosecond)
	s.Add(503, page.Stale, 0, time.Minute)
	s.Add(0, page.Pass, 7, 0) // cut off before it had a status
	s.Add(999, page.Pass, 0, 0)
	want := `# HELP tinycdn_http_requests_total Responses by site and status.
# TYPE tinycdn_http_requests_total counter
tinycdn_http_requests_total{site="example.org",status="200"} 2
tinycdn_http_requests_total{site="example.org",status="404"} 1
tinycdn_http_requests_total{site="example.org",status="503"} 1
# HELP tinycdn_http_cache_total Responses by site and by how they came about.
# TYPE tinycdn_http_cache_total counter
tinycdn_http_cache_total{site="example.org",result="hit"} 2
tinycdn_http_cache_total{site="example.org",result="miss"} 1
tinycdn_http_cache_total{site="example.org",result="stale"} 1
tinycdn_http_cache_total{site="example.org",result="revalidated"} 0
tinycdn_http_cache_total{site="example.org",result="pass"} 2
# HELP tinycdn_http_body_bytes_total Bytes of bodies sent, by site.
# TYPE tinycdn_http_body_bytes_total counter
tinycdn_http_body_bytes_total{site="example.org"} 1517
# HELP tinycdn_http_generation_seconds Time from the request parsed to the body ready.
# TYPE tinycdn_http_generation_seconds histogram
tinycdn_http_generation_seconds_bucket{site="example.org",le="1e-06"} 2
tinycdn_http_generation_seconds_bucket{site="example.org",le="2e-06"} 4
tinycdn_http_generation_seconds_bucket{site="example.org",le="5e-06"} 5
`
	got := textOf(t, &all)
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", got, want)
	}
	for _, line := range []string{
		`tinycdn_http_generation_seconds_bucket{site="example.org",le="1"} 5`,
		`tinycdn_http_generation_seconds_bucket{site="example.org",le="+Inf"} 6`,
		`tinycdn_http_generation_seconds_sum{site="example.org"} 60.000005501`,
		`tinycdn_http_generation_seconds_count{site="example.org"} 6`,
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("there is no line %s in\n%s", line, got)
		}
	}
}

func textOf(t *testing.T, all *All) string {
	t.Helper()
	var text bytes.Buffer
	all.Print(&text)
	return text.String()
}

// TestTextIsWhatPrometheusReads holds the grammar of the text format, version 0.0.4.
func TestTextIsWhatPrometheusReads(t *testing.T) {
	t.Parallel()
	var all All
	for _, name := range []string{"example.org", "*", "-", `quote " and \ slash`, "two\nlines", "Grüße\t\x01"} {
		all.Site(name).Add(200, page.Hit, 1, time.Millisecond)
	}
	comment := regexp.MustCompile(`^# (HELP|TYPE) ([a-z_]+) (.+)$`)
	label := `[a-z]+="(?:[^"\\\n]|\\\\|\\"|\\n)*"`
	sample := regexp.MustCompile(`^([a-z_]+)\{` + label + `(?:,` + label + `)*\} [0-9.e+-]+$`)
	families, seen := map[string]bool{}, map[string]bool{}
	family := ""
	text := textOf(t, &all)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if m := comment.FindStringSubmatch(line); m != nil {
			if m[1] == "HELP" && families[m[2]] || m[1] == "TYPE" && m[2] != family {
				t.Errorf("%s: the family is not in one piece", line)
			}
			family, families[m[2]] = m[2], true
			continue
		}
		m := sample.FindStringSubmatch(line)
		name := strings.TrimSuffix(line[:strings.LastIndexByte(line, ' ')], " ")
		if m == nil || !strings.HasPrefix(m[1], family) || seen[name] {
			t.Errorf("%q is no sample, not of %s, or there twice", line, family)
		}
		seen[name] = true
	}
	if !strings.HasSuffix(text, "\n") || len(families) != 4 || !strings.Contains(text, `site="quote \" and \\ slash"`) || !strings.Contains(text, `site="two\nlines"`) {
		t.Errorf("got\n%s", text)
	}
}

func TestCountersOfASiteLast(t *testing.T) {
	t.Parallel()
	var all All
	var crowd sync.WaitGroup
	for i := range 20 {
		crowd.Go(func() {
			for range 100 {
				all.Site(fmt.Sprint("site ", i%4)).Add(200, page.Hit, 1, 0)
			}
			all.Print(new(bytes.Buffer))
		})
	}
	crowd.Wait()
	for i := range 4 {
		if line := fmt.Sprintf("tinycdn_http_requests_total{site=\"site %d\",status=\"200\"} 500\n", i); !strings.Contains(textOf(t, &all), line) {
			t.Errorf("there is no line %s", line)
		}
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	s := new(Site)
	if n := testing.AllocsPerRun(100, func() { s.Add(200, page.Hit, 12_000, 3*time.Microsecond) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAdd(b *testing.B) {
	s := new(Site)
	b.ReportAllocs()
	for b.Loop() {
		s.Add(200, page.Hit, 12_000, 3*time.Microsecond)
	}
}
