package metrics

import (
	"fmt"
	"io"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// ContentType is that of the text.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Registry writes what rooms have counted when somebody asks. In between it holds nothing.
type Registry struct{ registry *prometheus.Registry }

// New is a Registry of what read gives. It is asked at each look, by several at a time perhaps.
func New(read func(*Readings)) *Registry {
	c := &collector{read: read, families: map[string]described{}}
	for _, f := range Families {
		c.families[f.Name] = described{f, prometheus.NewDesc(f.Name, f.Help, f.Labels, nil)}
	}
	r := &Registry{prometheus.NewRegistry()}
	r.registry.MustRegister(c)
	return r
}

// WriteText writes all of it in the text format (version 0.0.4). What does not fit together is left out, and is the error.
func (r *Registry) WriteText(w io.Writer) error {
	families, err := r.registry.Gather()
	text := expfmt.NewEncoder(w, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range families {
		if failed := text.Encode(f); failed != nil {
			return failed
		}
	}
	return err
}

type described struct {
	Family
	desc *prometheus.Desc
}

// collector is all families for the library.
type collector struct {
	read     func(*Readings)
	families map[string]described // by name
}

// Describe tells which families there are.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, f := range c.families {
		to <- f.desc
	}
}

// Collect reads them.
func (c *collector) Collect(to chan<- prometheus.Metric) { c.read(&Readings{c, to}) }

// Readings takes what is read at one look.
type Readings struct {
	*collector
	to chan<- prometheus.Metric
}

// Add gives the value of a counter or gauge, with the values of its labels.
func (r *Readings) Add(name string, value float64, labels ...string) {
	f := r.family(name, labels)
	kind := prometheus.CounterValue
	if f.Kind == Gauge {
		kind = prometheus.GaugeValue
	}
	r.to <- prometheus.MustNewConstMetric(f.desc, kind, value, labels...)
}

// AddBool gives that of a gauge of 1 or 0.
func (r *Readings) AddBool(name string, value bool, labels ...string) {
	number := 0.
	if value {
		number = 1
	}
	r.Add(name, number, labels...)
}

// AddTimes gives a histogram: how many values were up to each bound, and above the one before. The last of counts is beyond all.
func (r *Readings) AddTimes(name string, bounds []float64, counts []uint64, sum float64, labels ...string) {
	f := r.family(name, labels)
	upTo, total := map[float64]uint64{}, uint64(0)
	for i, n := range counts {
		if total += n; i < len(bounds) {
			upTo[bounds[i]] = total
		}
	}
	r.to <- prometheus.MustNewConstHistogram(f.desc, total, sum, upTo, labels...)
}

// family makes labels fit to be told: the library refuses what is no UTF-8, such as the name of a file may be.
func (r *Readings) family(name string, labels []string) described {
	f, known := r.families[name]
	if !known || len(labels) != len(f.Labels) {
		panic(fmt.Sprintf("metrics: internal error: %s with the labels %q", name, labels))
	}
	for i := range labels {
		labels[i] = strings.ToValidUTF8(labels[i], "\uFFFD")
	}
	return f
}
