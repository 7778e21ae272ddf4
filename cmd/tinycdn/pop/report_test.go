package pop

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones/diag"
)

func TestEachThingIsReportedOnceForAsLongAsItStaysWrong(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	r := reporter{log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))}
	mistake := Finding{Level: slog.LevelError, Text: "mistake", Effect: "it stays"}
	worse := Finding{Level: slog.LevelError, Text: "mistake", Effect: "it is gone"}
	note := Finding{Level: slog.LevelWarn, Text: "note"}
	for _, step := range []struct {
		list  []Finding
		again bool
		waits bool
		want  string
	}{
		{[]Finding{mistake, note}, false, false, "level=ERROR msg=mistake effect=\"it stays\"\nlevel=WARN msg=note\n"},
		{[]Finding{mistake}, false, false, ""},
		{[]Finding{mistake, note}, false, false, "level=WARN msg=note\n"},
		{[]Finding{mistake, note}, true, false, "level=ERROR msg=mistake effect=\"it stays\"\nlevel=WARN msg=note\n"},
		{[]Finding{note}, false, false, "level=INFO msg=\"all that was wrong is mended\"\n"},
		{[]Finding{note, mistake}, false, false, "level=ERROR msg=mistake effect=\"it stays\"\n"},
		{[]Finding{{Level: slog.LevelError, Text: "mistake", Effect: "it is gone"}, note}, false, false, "level=ERROR msg=mistake effect=\"it is gone\"\n"},
		{nil, false, false, "level=INFO msg=\"all that was wrong is mended\"\n"},
		{nil, true, false, ""},
		{[]Finding{mistake}, false, false, "level=ERROR msg=mistake effect=\"it stays\"\n"},
		{[]Finding{worse}, false, false, "level=ERROR msg=mistake effect=\"it is gone\"\n"},
		{nil, false, true, ""},
		{[]Finding{note}, false, true, "level=WARN msg=note\n"},
		{[]Finding{note}, false, false, "level=INFO msg=\"all that was wrong is mended\"\n"},
		{[]Finding{mistake}, false, false, "level=ERROR msg=mistake effect=\"it stays\"\n"},
		{nil, false, true, ""},
		{[]Finding{mistake}, false, false, "level=ERROR msg=mistake effect=\"it stays\"\n"}, // it is the new one's
		{nil, false, false, "level=INFO msg=\"all that was wrong is mended\"\n"},
	} {
		log.Reset()
		r.report(step.list, step.again, step.waits)
		if got := log.String(); got != step.want {
			t.Errorf("%v: got\n%swant\n%s", step.list, got, strings.TrimSpace(step.want))
		}
	}
}

func TestOneMistakeInManyZonesIsToldAFewTimes(t *testing.T) {
	t.Parallel()
	var list []Finding
	for i := range 1000 {
		p := diag.Problem{File: fmt.Sprintf("zones/z%d.example.zone", i), Line: 3, Text: "www: " + strconv.Quote(strconv.Itoa(i)) + " is not an IPv4 address", More: 2}
		list = append(list, findings(slog.LevelError, []diag.Problem{p}, "SERVFAIL")...)
	}
	list = append(list, findings(slog.LevelWarn, []diag.Problem{{File: "x", Text: "odd"}}, "")...)
	told := few(list)
	if len(told) != 21 || told[19].More != 2980 || told[20].More != 0 {
		t.Errorf("got %v", told)
	}
	lines := strings.Split(errorOf(list).Error(), "\n")
	if len(lines) != 21 || lines[20] != "and 2,980 more like this" {
		t.Errorf("got %q", lines)
	}
	if again := few(told); !slices.Equal(again, told) {
		t.Errorf("got %v, want %v", again, told)
	}
}

func TestOneMistakeOnManyLinesOfTheConfigurationIsToldAFewTimes(t *testing.T) {
	t.Parallel()
	c := &config.Config{}
	for i := range 1000 {
		p := diag.Problem{File: "tinycdn.toml", Line: i, Text: fmt.Sprintf("maps.site.asns.AX%d: %[1]d is not the number of a network", i)}
		c.Mistakes = append(c.Mistakes, config.Mistake{Problem: p, Cost: "it is as if that had not been written"})
	}
	if told := few(mistakesIn(c)); len(told) != 20 || told[19].More != 980 {
		t.Errorf("got %d, the last %v", len(told), told[len(told)-1])
	}
}
