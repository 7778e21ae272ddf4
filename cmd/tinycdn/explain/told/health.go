package told

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tinycdn/zones"
)

// healthTexts say what health has changed for whom e is about, a line each: which POPs would come before the one he gets, and
// what may change soon.
func healthTexts(e *zones.Explanation, now time.Time) (texts []string) {
	var passed []string
	for i, c := range e.POPs {
		j := slices.IndexFunc(e.Out, func(o zones.Out) bool { return o.POP == c.POP })
		if j < 0 || e.Out[j].Is == "in doubt" {
			if c.POP == e.POP {
				break
			}
			continue
		}
		o := &e.Out[j]
		place := "next"
		switch {
		case i == 0 && e.Rule == "nearest" && e.Share == nil:
			place = "nearest"
		case i == 0:
			place = "first"
		}
		text := fmt.Sprintf("%s is %s, %s", o.POP, place, stateText(o, e, now))
		if len(o.Passed) > 0 {
			passed = append(passed, text)
		} else if c.POP == e.POP {
			texts = append(texts, text+", but no other one is left: gets "+e.POP)
		}
		if c.POP == e.POP {
			break
		}
	}
	if len(passed) > 0 {
		texts = append(texts, strings.Join(passed, "; ")+"; gets "+getsText(e))
	}
	for _, o := range e.Out {
		if o.Is == "in doubt" && (slices.Contains(e.A.From, o.POP) || slices.Contains(e.AAAA.From, o.POP)) {
			ttl := cmp.Or(e.A.TTL, e.AAAA.TTL)
			texts = append(texts, fmt.Sprintf("%s may be down%s: its addresses are given for %d s at most", o.POP, inBrackets(o.Why), *ttl))
		}
	}
	return texts
}

// getsText names the POP, or those of both types where they are not the same.
func getsText(e *zones.Explanation) string {
	a, aaaa := strings.Join(e.A.From, " and "), strings.Join(e.AAAA.From, " and ")
	if a != "" && aaaa != "" && a != aaaa {
		return fmt.Sprintf("A of %s, AAAA of %s", a, aaaa)
	}
	return cmp.Or(a, aaaa)
}

// stateText says since when a POP is out, and why.
func stateText(o *zones.Out, e *zones.Explanation, now time.Time) string {
	state := o.Is
	if state == "down" {
		state = "out"
	}
	switch both := len(e.A.Addresses) > 0 && len(e.AAAA.Addresses) > 0; {
	case both && !o.AAAA:
		state += " for IPv4"
	case both && !o.A:
		state += " for IPv6"
	}
	if !o.Since.IsZero() {
		since := o.Since.Local()
		format := time.DateTime
		if since.Format(time.DateOnly) == now.Local().Format(time.DateOnly) {
			format = time.TimeOnly
		}
		state += " since " + since.Format(format)
	}
	return state + inBrackets(o.Why)
}

// outText is what a list of POPs says behind one that is not up.
func outText(e *zones.Explanation, name string) string {
	for _, o := range e.Out {
		if o.POP == name {
			return ", " + o.Is
		}
	}
	return ""
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
