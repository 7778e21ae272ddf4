package theme

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	texttemplate "text/template"
	"time"
)

const (
	// longestPage is how many bytes a template may write: one that never ends would take all memory there is.
	longestPage = 32 << 20
	// mostMade is how many bytes its functions may make on the way: a text that is put together with itself doubles each time.
	mostMade = 16 << 20
	// mostSteps is how often it may go round a loop or call a template: through a thousand pages for each of a thousand. So
	// many take a second or two.
	mostSteps = 1_000_000
	// longestShow is the last resort, for loops that make much of each step. A bound of time holds at one POP and not at
	// another: no machine may reach it with honest templates.
	longestShow = time.Minute
)

// Endless is why a template was stopped.
type Endless string

func (e Endless) Error() string { return string(e) + " (is there a loop without an end?)" }

const (
	tooLong  Endless = "it writes more than 32 MB"
	tooMuch  Endless = "its functions make more than 16 MB of text"
	tooOften Endless = "it takes more than 1,000,000 steps"
	tooSlow  Endless = "it takes more than a minute"
)

// meter counts what a template does while it is executed, and stops it. It belongs to one execution at a time.
type meter struct {
	page  bytes.Buffer
	steps int // that are left
	made  int
	begin time.Time
	over  error // what it has come to; nil: it may go on
}

func (m *meter) reset(steps int) { *m = meter{steps: steps, begin: time.Now()} }

// Write takes what the template writes. Beyond the bound it goes nowhere, and the next step, of which it is known where it
// stands, is the last.
func (m *meter) Write(p []byte) (int, error) {
	if m.page.Len()+len(p) > longestPage {
		m.over = tooLong
	}
	if m.over == nil {
		m.page.Write(p)
	}
	return len(p), nil
}

// step is called in each round of a loop and in each template.
func (m *meter) step() (string, error) {
	if m.steps--; m.steps < 0 && m.over == nil {
		m.over = tooOften
	}
	if m.steps%64 == 0 && m.over == nil && time.Since(m.begin) > longestShow {
		m.over = tooSlow
	}
	return "", m.over
}

// bound lets a function make a text of at most so many bytes, if there is room.
func (m *meter) bound(most int, text func() string) (string, error) {
	if m.over == nil && most > mostMade-m.made {
		m.over = tooMuch
	}
	if m.over != nil {
		return "", m.over
	}
	made := text()
	m.made += len(made)
	return made, nil
}

// worst is how many bytes an escape may make of one: \u003c.
const worst = 6

// functions are those of text/template that make texts, with a bound, and the step.
func (m *meter) functions() template.FuncMap {
	bounded := func(of func(...any) string) func(...any) (string, error) {
		return func(args ...any) (string, error) {
			return m.bound(worst*lengths(args), func() string { return of(args...) })
		}
	}
	return template.FuncMap{
		stepName: m.step,
		"print":  bounded(fmt.Sprint), "println": bounded(fmt.Sprintln),
		"html": bounded(texttemplate.HTMLEscaper), "js": bounded(texttemplate.JSEscaper), "urlquery": bounded(texttemplate.URLQueryEscaper),
		"printf": func(format string, args ...any) (string, error) {
			return m.bound(formatted(format, args), func() string { return fmt.Sprintf(format, args...) })
		},
	}
}

// lengths is how many bytes values have when they are written, about.
func lengths(args []any) (n int) {
	for _, arg := range args {
		if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
			n += v.Len()
		} else {
			n += len(fmt.Sprint(arg))
		}
		n++
	}
	return n
}

// formatted is the most bytes that a format may make: every verb may be of any value, and as wide as any number in the
// format or among the values says.
func formatted(format string, args []any) int {
	verbs, wide, number := 0, 0, 0
	for _, c := range []byte(format) {
		switch {
		case c >= '0' && c <= '9':
			number = min(10*number+int(c-'0'), mostMade)
			continue
		case c == '%':
			verbs++
		case c == '*':
			for _, arg := range args {
				if v := reflect.ValueOf(arg); v.CanInt() {
					wide += int(min(max(v.Int(), -v.Int(), 0), mostMade))
				}
			}
		}
		wide += number
		number = 0
	}
	return min(len(format)+wide, mostMade+1) + verbs*worst*lengths(args)
}
