package pop

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
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
	mistake := Finding{slog.LevelError, "mistake", "it stays"}
	note := Finding{slog.LevelWarn, "note", ""}
	for _, step := range []struct {
		list  []Finding
		again bool
		want  string
	}{
		{[]Finding{mistake, note}, false, "level=ERROR msg=mistake effect=\"it stays\"\nlevel=WARN msg=note\n"},
		{[]Finding{mistake}, false, ""},
		{[]Finding{mistake, note}, false, "level=WARN msg=note\n"},
		{[]Finding{mistake, note}, true, "level=ERROR msg=mistake effect=\"it stays\"\nlevel=WARN msg=note\n"},
		{[]Finding{note}, false, "level=INFO msg=\"all that was wrong is mended\"\n"},
		{[]Finding{note, mistake}, false, "level=ERROR msg=mistake effect=\"it stays\"\n"},
		{nil, false, "level=INFO msg=\"all that was wrong is mended\"\n"},
		{nil, true, ""},
	} {
		log.Reset()
		r.report(step.list, step.again)
		if got := log.String(); got != step.want {
			t.Errorf("%v: got\n%swant\n%s", step.list, got, strings.TrimSpace(step.want))
		}
	}
}
