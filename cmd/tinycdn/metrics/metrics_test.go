package metrics

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

var update = flag.Bool("update", false, "write the table of families anew")

// textOf is what there is to be read of all families, each with a value or two.
func textOf(t *testing.T, read func(*Readings)) string {
	t.Helper()
	var text bytes.Buffer
	if err := New(read).WriteText(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func parse(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return families
}

// all gives every family something.
func all(r *Readings) {
	for _, f := range Families {
		labels := make([]string, len(f.Labels))
		for i := range labels {
			labels[i] = fmt.Sprint("value ", i)
		}
		if f.Kind == Histogram {
			r.AddTimes(f.Name, []float64{0.001, 0.1}, []uint64{3, 2, 1}, 4.5, labels...)
		} else {
			r.Add(f.Name, 17, labels...)
		}
	}
}

// TestPrometheusReadsWhatIsWritten with its own library, and finds nothing odd about the names.
func TestPrometheusReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	text := textOf(t, all)
	families := parse(t, text)
	for _, f := range Families {
		got := families[f.Name]
		if got == nil || got.GetHelp() != f.Help || strings.ToLower(got.GetType().String()) != f.Kind.String() || len(got.Metric) != 1 {
			t.Errorf("%s: got %v", f.Name, got)
			continue
		}
		m := got.Metric[0]
		names := []string{}
		for _, l := range m.Label {
			names = append(names, l.GetName())
		}
		if want := slices.Sorted(slices.Values(f.Labels)); !slices.Equal(names, want) {
			t.Errorf("%s: got the labels %v, want %v", f.Name, names, want)
		}
		if h := m.Histogram; h != nil && (h.GetSampleCount() != 6 || h.GetSampleSum() != 4.5 || h.Bucket[0].GetCumulativeCount() != 3 || h.Bucket[1].GetCumulativeCount() != 5) {
			t.Errorf("%s: got %v", f.Name, h)
		}
	}
	if len(families) != len(Families) {
		t.Errorf("got %d families, want %d", len(families), len(Families))
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// TestNoLabelBreaksTheText: names of zones, sites and files may have anything in them.
func TestNoLabelBreaksTheText(t *testing.T) {
	t.Parallel()
	odd := []string{`quote " and \ slash`, "two\nlines", "no UTF-8 \xff", "Grüße\t\x01", "", `\n`}
	text := textOf(t, func(r *Readings) {
		for _, name := range odd {
			r.Add("tinycdn_http_body_bytes_total", 1, name)
		}
	})
	var got []string
	for _, m := range parse(t, text)["tinycdn_http_body_bytes_total"].Metric {
		got = append(got, m.Label[0].GetValue())
	}
	odd[2] = "no UTF-8 \uFFFD"
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(odd))) {
		t.Errorf("got %q", got)
	}
}

// TestWhatIsThereTwiceIsAnErrorAndTheRestIsTold: two files by one name, once bytes that are no text are taken away.
func TestWhatIsThereTwiceIsAnErrorAndTheRestIsTold(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	err := New(func(r *Readings) {
		r.Add("tinycdn_start_time_seconds", 1)
		r.Add("tinycdn_pop_up", 1, "\xff")
		r.Add("tinycdn_pop_up", 0, "\xfe")
	}).WriteText(&text)
	if err == nil || !strings.Contains(err.Error(), "tinycdn_pop_up") || !strings.Contains(text.String(), "\ntinycdn_start_time_seconds 1\n") {
		t.Errorf("got %v, and\n%s", err, &text)
	}
}

// TestEachFamilyIsInTheTable of the documents.
func TestEachFamilyIsInTheTable(t *testing.T) {
	t.Parallel()
	const path, begin, end = "../../../packaging/metrics.md", "<!-- families: begin -->\n", "<!-- families: end -->\n"
	table := "| name | kind | labels | what |\n|---|---|---|---|\n"
	for _, f := range Families {
		labels := ""
		for _, l := range f.Labels {
			labels += " `" + l + "`"
		}
		table += fmt.Sprintf("| `%s` | %s |%s | %s |\n", f.Name, f.Kind, labels, f.Help)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ends := strings.Cut(rest, end)
	want := before + begin + table + end + after
	switch {
	case !found || !ends:
		t.Fatalf("%s has no %s and %s", path, begin, end)
	case *update:
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	case string(text) != want:
		t.Errorf("%s does not say what Families say (go test ./cmd/tinycdn/metrics -update)", path)
	}
}

// TestTheDashboardAsksForWhatThereIs: each expression names families and labels that there are, and each family is in some.
func TestTheDashboardAsksForWhatThereIs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../packaging/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	known := map[string]Family{}
	labels := map[string]bool{"le": true, "instance": true}
	for _, f := range Families {
		if known[f.Name] = f; f.Kind == Histogram {
			delete(known, f.Name)
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				known[f.Name+suffix] = f
			}
		}
	}
	name, by, selector := regexp.MustCompile(`tinycdn_\w+`), regexp.MustCompile(`by \(([^)]*)\)`), regexp.MustCompile(`(tinycdn_\w+)\{([^}]*)\}`)
	asked := map[string]bool{}
	for _, p := range dashboard.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("%s: asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			here := maps.Clone(labels)
			for _, found := range name.FindAllString(target.Expr, -1) {
				f, is := known[found]
				if !is {
					t.Errorf("%s: there is no %s", p.Title, found)
				}
				asked[f.Name] = true
				for _, l := range f.Labels {
					here[l] = true
				}
			}
			for _, found := range by.FindAllStringSubmatch(target.Expr, -1) {
				for _, l := range strings.Split(found[1], ", ") {
					if !here[l] {
						t.Errorf("%s: %s has no label %s", p.Title, target.Expr, l)
					}
				}
			}
			for _, found := range selector.FindAllStringSubmatch(target.Expr, -1) {
				for _, match := range strings.Split(found[2], ",") {
					if l, _, _ := strings.Cut(match, "="); !slices.Contains(known[found[1]].Labels, l) {
						t.Errorf("%s: %s has no label %s", p.Title, found[1], l)
					}
				}
			}
		}
	}
	if len(dashboard.Panels) < 15 || len(asked) < 20 {
		t.Errorf("%d panels ask for %d families", len(dashboard.Panels), len(asked))
	}
}
