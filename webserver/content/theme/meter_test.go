package theme

import (
	"errors"
	"fmt"
	"html/template"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// bombs are templates without an end, or of too much, and why each is stopped.
var bombs = map[string]struct {
	text string
	want Endless
	line int
}{
	"a loop that writes nothing":     {"\n{{range 1000000000000}}{{end}}", tooOften, 2},
	"loops in loops":                 {"{{range 100000}}\n{{range 100000}}{{if .}}{{continue}}{{end}}{{end}}{{end}}", tooOften, 2},
	"a loop in each branch":          {"{{with 1}}{{if 0}}{{else}}{{range 0}}{{else}}{{range 1000000000}}{{break}}{{end}}{{range 1000000000}}{{end}}{{end}}{{end}}{{end}}", tooOften, 1},
	"a loop in an attribute":         {`<a title="{{range 1000000000000}}{{end}}"><script>x = "{{range 9}}{{end}}"</script>`, tooOften, 1},
	"templates that call themselves": {`{{define "x"}}{{if .}}{{template "x" (slice . 1)}}{{template "x" (slice . 1)}}{{end}}{{end}}{{template "x" "0123456789012345678901234567890123456789"}}`, tooOften, 1},
	"a text that doubles":            {"{{$x := \"aaaaaaaaaaaaaaaa\"}}{{range 40}}\n{{$x = print $x $x}}{{end}}", tooMuch, 2},
	"one that doubles otherwise":     {`{{$x := "aaaaaaaaaaaaaaaa"}}{{range 40}}{{$x = printf "%s%[1]s" $x}}{{end}}`, tooMuch, 1},
	"in a method's arguments":        {`{{$x := "a"}}{{range 99}}{{$x = println $x $x | printf "%s%s" $x}}{{end}}`, tooMuch, 1},
	"escapes of escapes":             {`{{$x := "<"}}{{range 99}}{{$x = js $x}}{{end}}`, tooMuch, 1},
	"other escapes":                  {`{{$x := "%"}}{{range 99}}{{$x = urlquery $x $x}}{{end}}`, tooMuch, 1},
	"wide numbers":                   {"{{range 2000}}{{$x := printf \"%0999999d\" 1}}{{end}}", tooMuch, 1},
	"many of them at once":           {"{{$x := printf `" + strings.Repeat("%0999999d", 20_000) + "` 1}}", tooMuch, 1},
	"as wide as a value says":        {"{{range 2000}}{{$x := printf \"%*d%.*f\" 999999 1 999999 1.0}}{{end}}", tooMuch, 1},
	"one value again and again":      {"{{$x := printf `%99999d` 1}}{{$y := printf `" + strings.Repeat("%[1]s", 40_000) + "` $x}}", tooMuch, 1},
	"what is quoted":                 {"{{$x := \"\\x00\"}}{{range 99}}{{$x = printf `%q` $x}}{{end}}", tooMuch, 1},
	"much that is written":           {"{{range 1000000000}}" + strings.Repeat("and on ", 10_000) + "{{end}}", tooLong, 1},
}

func TestTemplatesEnd(t *testing.T) {
	t.Parallel()
	for what, bomb := range bombs {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			theme, problems := New(own(map[string]string{"a.html": bomb.text}))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			theme.sets["a.html"].steps = mostSteps / 100
			for range 2 {
				_, err := theme.Show("a.html", view{"T"})
				if got := Endless(""); !errors.As(err, &got) || got != bomb.want {
					t.Fatalf("got %v, want %v", err, bomb.want)
				}
				if got, want := theme.Problem(err).String(), fmt.Sprintf("site/templates/a.html:%d: %s", bomb.line, bomb.want.Error()); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
}

// TestABombTakesLittleMemory holds what a template may take of the memory before it is stopped.
func TestABombTakesLittleMemory(t *testing.T) {
	var before, after runtime.MemStats
	for what, bomb := range bombs {
		if bomb.want != tooMuch {
			continue
		}
		theme, _ := New(own(map[string]string{"a.html": bomb.text}))
		runtime.ReadMemStats(&before)
		theme.Show("a.html", view{"T"})
		runtime.ReadMemStats(&after)
		if took := after.Sys - before.Sys; after.Sys > before.Sys && took > 256<<20 {
			t.Errorf("%s: takes %d MB", what, took>>20)
		}
	}
}

func TestBoundsAreNotInTheWay(t *testing.T) {
	t.Parallel()
	text := `{{$n := 0}}{{range $i, $x := .}}{{range $y := $}}{{if eq $i 0}}{{continue}}{{end}}{{$n = $y}}{{else}}none{{end}}{{end}}{{$n}}
{{$_ := "kept"}}{{range 1}}{{$_}}{{end}} {{printf "%-6.2f|%s|%05d" 3.14159 "a<b" 42}} {{print 1 2 "x"}} {{js "a'b"}} {{urlquery "a b"}} {{html "<"}} <a href="?{{printf "q=%s" "x y"}}">
{{len (printf "%s" (index . 0))}} {{and 1 (or 0 "last")}}`
	theme, problems := New(own(map[string]string{"a.html": text}))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	numbers := make([]int, 150)
	for i := range numbers {
		numbers[i] = i
	}
	var want strings.Builder // by html/template alone
	if err := template.Must(template.New("a.html").Parse(text)).Execute(&want, numbers); err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			if got, err := theme.Show("a.html", numbers); string(got) != want.String() || err != nil {
				t.Errorf("got  %s\nwant %s, %v", got, &want, err)
			}
		})
	}
	work.Wait()
}
