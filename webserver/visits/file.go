package visits

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// mostFile is the size of a day's file in octets, at the most: names and sketches of mostNamed, and of a hundred sites.
const mostFile = 16 << 20

// fileKind begins the first line of a day's file: "tinycdn stats 1 2026-11-28 fra 1204 20480" has the day, the POP, the number that rises
// with each change, and how many octets follow. So it is seen at once which of two files is newer, and whether one is torn.
const fileKind = "tinycdn stats 1 "

// head is the first line of a file.
type head struct {
	Day    string `json:"day"` // "2026-11-28", in UTC
	POP    string `json:"pop"`
	Number uint64 `json:"number"`
	length int
}

// name is that of the file.
func (h head) name() string { return h.Day + "." + h.POP }

var (
	goodName = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)\.([A-Za-z0-9][A-Za-z0-9._-]{0,62})$`)
	goodHead = regexp.MustCompile(`^tinycdn stats 1 (\d{4}-\d\d-\d\d) ([A-Za-z0-9][A-Za-z0-9._-]{0,62}) (\d{1,19}) (\d{1,8})$`)
)

// nameOf takes a file's name apart; false: it is none of ours.
func nameOf(name string) (h head, ok bool) {
	m := goodName.FindStringSubmatch(name)
	if m == nil {
		return h, false
	}
	_, err := time.Parse(time.DateOnly, m[1])
	return head{Day: m[1], POP: m[2]}, err == nil
}

// longestHead in octets.
const longestHead = 160

// parseHead reads the first line of a file, of which the beginning is enough.
func parseHead(text []byte) (h head, rest []byte, err error) {
	line, _, found := bytes.Cut(text[:min(len(text), longestHead)], []byte("\n"))
	m := goodHead.FindSubmatch(line)
	if !found || m == nil {
		return h, nil, errors.New("is no file of statistics (the first line of one begins with \"" + fileKind + "\")")
	}
	if _, err := time.Parse(time.DateOnly, string(m[1])); err != nil {
		return h, nil, fmt.Errorf("%s is no day", m[1])
	}
	h.Day, h.POP = string(m[1]), string(m[2])
	if h.Number, err = strconv.ParseUint(string(m[3]), 10, 63); err != nil {
		return h, nil, fmt.Errorf("%s is no number", m[3])
	}
	h.length, _ = strconv.Atoi(string(m[4])) // eight digits
	return h, text[len(line)+1:], nil
}

// parse reads a whole file.
func parse(text []byte) (head, *day, error) {
	if len(text) > mostFile {
		return head{}, nil, fmt.Errorf("is larger than %d MB", mostFile>>20)
	}
	h, rest, err := parseHead(text)
	if err != nil {
		return h, nil, err
	}
	if len(rest) != h.length {
		return h, nil, fmt.Errorf("is torn: %d of %d octets are there", len(rest), h.length)
	}
	d := &day{}
	if err := json.Unmarshal(rest, d); err != nil {
		return h, nil, err
	}
	if d.Number != h.Number {
		return h, nil, fmt.Errorf("has the number %d in its first line, and %d below", h.Number, d.Number)
	}
	return h, d, d.check()
}

// check says what of a file could not have been written here.
func (d *day) check() error {
	if err := d.Queries.check(); err != nil {
		return err
	}
	named := 0
	for name, s := range d.Sites {
		if s == nil {
			return fmt.Errorf("%q: null is no site", name)
		}
		if err := s.Visitors.check(wholePrecision); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		for _, l := range []*list{&s.Pages, &s.Countries, &s.Referrers} {
			if *l == nil {
				*l = list{}
			}
			named += len(*l)
			for what, t := range *l {
				if t == nil {
					return fmt.Errorf("%q: %q: null is no count", name, what)
				}
				if err := t.Visitors.check(partPrecision); err != nil {
					return fmt.Errorf("%q: %q: %w", name, what, err)
				}
			}
		}
	}
	if named > 2*mostNamed {
		return fmt.Errorf("names %d pages, countries and referrers: %d are the most", named, 2*mostNamed)
	}
	return nil
}

// print is the file of a day.
func (d *day) print(date, pop string) ([]byte, error) {
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	out.SetEscapeHTML(false)
	if err := out.Encode(d); err != nil {
		return nil, err
	}
	text := fmt.Appendf(nil, "%s%s %s %d %d\n", fileKind, date, pop, d.Number, body.Len())
	if len(text)+body.Len() > mostFile {
		return nil, fmt.Errorf("the statistics of %s are larger than %d MB", date, mostFile>>20)
	}
	return append(text, body.Bytes()...), nil
}
