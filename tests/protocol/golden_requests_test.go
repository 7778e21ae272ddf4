package protocol

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// step is a request of a file, as it says of itself how it is written.
type step struct {
	name  string
	words map[string]bool // "h2", "vague"
	text  string          // what is sent
	then  string          // what is sent once there is an interim response, or a tunnel

	bodies *bodies
}

// bodies are those of the responses up to now: a short one is written down once.
type bodies struct {
	steady func(string) string
	known  map[string]bool
	texts  strings.Builder
}

var manyOfOne = regexp.MustCompile(`\{(.)\*(\d+)\}`)

// readSteps reads a file of requests.
func readSteps(t *testing.T, file string, words *strings.Replacer, shown *bodies) (steps []step) {
	t.Helper()
	_, text, _ := strings.Cut("\n"+readGolden(t, file), "\n=== ")
	for block := range strings.SplitSeq(text, "\n=== ") {
		heading, text, _ := strings.Cut(block, "\n")
		name, more, _ := strings.Cut(heading, " | ")
		s := step{name: name, words: map[string]bool{}, bodies: shown}
		for _, word := range strings.Fields(more) {
			s.words[word] = true
		}
		text = regexp.MustCompile(`(?m)^Host: .*$`).ReplaceAllString(text+"\n", "$0\nUser-Agent: "+strings.ReplaceAll(name, "$", "$$"))
		text = manyOfOne.ReplaceAllStringFunc(words.Replace(text), func(word string) string {
			m := manyOfOne.FindStringSubmatch(word)
			n, _ := strconv.Atoi(m[2])
			return strings.Repeat(m[1], n)
		})
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\n", "\r\n"), "\\\r\n", "")
		s.text, s.then, _ = strings.Cut(text, "---\r\n")
		steps = append(steps, s)
	}
	return steps
}

// transports are those that a request is made over.
func (s *step) transports() (list []string) {
	for _, transport := range []string{"h1", "tls", "h2", "h3"} {
		if s.words[transport] {
			list = append(list, transport)
		}
	}
	if list == nil {
		list = []string{"h1"}
	}
	return list
}

var requestLine = regexp.MustCompile(`(?m)^([A-Z]+) (\S+) HTTP/1\.[01]\r$`)

// methods are those of the requests that are sent at once.
func (s *step) methods() (list []string) {
	for _, m := range requestLine.FindAllStringSubmatch(s.text, -1) {
		list = append(list, m[1])
	}
	if list == nil {
		list = []string{http.MethodGet}
	}
	return list
}

// ask makes the request with a client, and gives the response as text.
func (s *step) ask(t *testing.T, visitor *http.Client) string {
	t.Helper()
	head, body, _ := strings.Cut(s.text, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	words := strings.Fields(lines[0])
	header := http.Header{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		if name != "Content-Length" {
			header.Add(name, value)
		}
	}
	target, err := url.Parse("https://" + header.Get("Host") + words[1])
	if err != nil {
		t.Fatal(err)
	}
	response, content, err := testkit.Fetch(visitor, words[0], target.String(), header, strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", response.Proto, response.Status)
	response.Header.Write(&b) // in the order of the names
	return strings.ReplaceAll(b.String(), "\r", "") + s.bodyLine(content)
}

// bodyLine is a line that stands for a body: all of it if it is very short, else its length and hash.
func (s *step) bodyLine(body []byte) string {
	if len(body) == 0 {
		return "no body\n"
	}
	if strings.Contains(s.text, "/metrics ") && len(body) > 1000 {
		return namesOfCounters(body)
	}
	text := string(body)
	readable := len(text) <= 2500 && !strings.ContainsFunc(text, func(r rune) bool { return r > '~' || r < ' ' && r != '\n' && r != '\r' })
	if readable {
		text = s.bodies.steady(text)
	}
	if readable && len(text) <= 60 {
		return fmt.Sprintf("body %q\n", text)
	}
	if hash := hashed([]byte(text)); readable && !s.bodies.known[hash] {
		s.bodies.known[hash] = true
		text := strings.ReplaceAll(strings.TrimSpace(text), "\r", "")
		fmt.Fprintf(&s.bodies.texts, "%s\n  %s\n", hash, strings.ReplaceAll(text, "\n", "\n  "))
	}
	if s.words["vague"] {
		return fmt.Sprintf("body %s\n", hashed([]byte(text)))
	}
	return fmt.Sprintf("body of %d bytes %s\n", len(body), hashed([]byte(text)))
}

// namesOfCounters leaves out what the counters say, and for which site.
func namesOfCounters(text []byte) string {
	var b strings.Builder
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line[0] != '#' {
			line, _, _ = strings.Cut(line, " ")
			line = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(line, `""`) + "\n"
		}
		if !seen[line] {
			b.WriteString("counter " + line)
		}
		seen[line] = true
	}
	return b.String()
}
