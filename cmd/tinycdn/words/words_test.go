package words

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestWhatATerminalMayShow(t *testing.T) {
	t.Parallel()
	const hostile = "a\x1b[2J\x7f\u009b31m\u202eü\n"
	if got, want := Line(hostile), "a [2J  31m ü "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := ASCII(hostile), "a?[2J??31m???"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSpansAndSizesInWords(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"0 s": Span(-time.Second), "90 s": Span(90 * time.Second), "3 min": Span(3 * time.Minute), "2 h": Span(2 * time.Hour), "2 days": Span(50 * time.Hour),
		"2 min": Span(2*time.Minute - 1), "119 min": Span(119 * time.Minute), "47 h": Span(47 * time.Hour),
		"0 kB": Size(0), "1 kB": Size(1), "14 kB": Size(13_500), "3.2 MB": Size(3_200_000), "300 MB": Size(300_000_000), "1.5 GB": Size(1_500_000_000),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestJSONMovesNoTerminal(t *testing.T) {
	t.Parallel()
	hostile := "/\u009b2J\x7f\x1b[2J\u202eé\U000e0001"
	var out strings.Builder
	if err := WriteJSON(&out, map[string]string{"name": hostile}, ""); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), `{"name":"/\u009b2J\u007f\u001b[2J\u202eé\udb40\udc01"}`+"\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(out.String()), &back); err != nil || back["name"] != hostile {
		t.Errorf("read back it is %q, %v", back["name"], err)
	}
}
