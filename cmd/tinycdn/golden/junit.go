package golden

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// suites are what a CI reads: JUnit's XML, as Jenkins and GitLab take it. Each place is a suite.
type suites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnitFile writes it into a file.
func (r *Report) writeJUnitFile(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(r.writeJUnit(f), f.Close())
}

// writeJUnit writes it as JUnit's XML.
func (r *Report) writeJUnit(w io.Writer) error {
	var out suites
	for _, p := range r.Places {
		s := junitSuite{Name: p.String()}
		for _, c := range r.Checks {
			if c.Place == p {
				one := junitCase{Class: s.Name, Name: c.Test + " over " + c.Network, File: c.File, Line: c.Line}
				if c.failed {
					one.Failure = &junitFailure{fmt.Sprintf("want %s, got %s", c.Want, c.Got), c.Repeat}
				}
				s.add(one)
			}
		}
		for _, d := range r.Down {
			if d.Place == p {
				s.add(junitCase{Class: s.Name, Name: "answers over " + strings.Join(d.Networks, ", "), Failure: &junitFailure{Message: d.Why, Text: d.String()}})
			}
		}
		out.add(s)
	}
	s := junitSuite{Name: "as a whole"}
	for _, f := range r.Findings {
		s.add(junitCase{Class: s.Name, Name: f.About, Failure: &junitFailure{Message: f.Text}})
	}
	if len(s.Cases) > 0 {
		out.add(s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	s.Cases = append(s.Cases, c)
}

func (s *suites) add(one junitSuite) {
	s.Tests += one.Tests
	s.Failures += one.Failures
	s.Suites = append(s.Suites, one)
}
