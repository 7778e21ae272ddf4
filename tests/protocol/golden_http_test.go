package protocol

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// TestGoldenHTTP makes the requests of http.requests, in their order, and compares every response with http.txt: the
// lines of the header as they come over HTTP/1 (over HTTP/2 and HTTP/3 in the order of their names), and the body. At the
// end of the file is the access log. What differs from time to time is in ( ). Packed bodies are those of amd64.
func TestGoldenHTTP(t *testing.T) {
	t.Parallel()
	wantGolden(t, "http.txt", goldenWeb(t, "http"))
}

// TestGoldenProxy does the same with a server behind a proxy that it trusts, with HTTPS for all, and a log in JSON.
func TestGoldenProxy(t *testing.T) {
	t.Parallel()
	wantGolden(t, "proxy.txt", goldenWeb(t, "proxy"))
}

// goldenWeb runs a server and asks it everything.
func goldenWeb(t *testing.T, name string) string {
	h := testkit.Build(t, readGolden(t, name+".house"))
	large := "<!doctype html><title>large</title>\n" + strings.Repeat("<p>The same again and again, and again the same.\n", 200)
	write(t, h, "public/large.html", large)
	write(t, h, "app/large", "HTTP/1.1 200 OK\nContent-Type: text/html\nCache-Control: max-age=600\n\n"+large)
	write(t, h, "public/forty.bin", strings.Repeat("0123456789", 4_000))  // too much for one write
	write(t, h, "public/disk.bin", strings.Repeat("0123456789", 200_000)) // too much to be kept in memory
	date(t, h, "public", "pages")
	app := openGolden(t, h)
	tag := settle(t, h)
	text, shown := &strings.Builder{}, &bodies{steady: func(text string) string { return steady(h, text) }, known: map[string]bool{}}
	visitors := map[string]*http.Client{"h2": h.Visitor(t, "http2"), "h3": h.Visitor(t, "http3")}
	steps := readSteps(t, name+".requests", strings.NewReplacer("{etag}", tag, "$HTTP", fmt.Sprint(h.Ports.HTTP)), shown)
	for _, s := range steps {
		if s.words["stop"] {
			app.Close()
			continue
		}
		var last []string
		for _, transport := range s.transports() {
			var got string
			if visitor := visitors[transport]; visitor != nil {
				got = s.ask(t, visitor)
			} else {
				got = s.raw(t, dialPages(t, h, transport, "example.org"))
			}
			if s.words["vague"] {
				got = regexp.MustCompile(`(?m)^(Content-Length:) \d+$`).ReplaceAllString(got, "$1 (length)")
				got = regexp.MustCompile(`(?m)^(Etag:) .*$`).ReplaceAllString(got, "$1 (tag)")
			}
			lines := strings.Split(strings.TrimSpace(steady(h, got)), "\n")
			fmt.Fprintf(text, "\n=== %s (%s)\n", s.name, transport)
			for _, line := range beyond(last, lines) {
				text.WriteString("  " + line + "\n")
			}
			last = lines
		}
	}
	text.WriteString("\n=== the access log\n")
	if err := h.Stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	text.WriteString(accessLog(t, h, steps))
	text.WriteString("\n=== bodies that were too long for a line\n" + shown.texts.String())
	return regexp.MustCompile(`(?m) +$`).ReplaceAllString(text.String(), "")[1:]
}

// beyond gives those of the lines that are not in last, each with its number, or all of them if there is more to it. The
// name of the protocol, which begins the first line, makes no difference.
func beyond(last, lines []string) []string {
	same, added := 0, []string{"as before"}
	for i, line := range lines {
		_, mine, _ := strings.Cut(line, " ")
		if same < len(last) && (last[same] == line || i == 0 && strings.HasSuffix(last[0], " "+mine)) {
			same++
		} else {
			added = append(added, fmt.Sprintf("+%d %s", i, line))
		}
	}
	if same == 0 || same < len(last) {
		return lines
	}
	return added
}

// write writes a file of the host.
func write(t *testing.T, h *testkit.Host, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(h.Folder, file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// date gives all files in some folders the same age.
func date(t *testing.T, h *testkit.Host, folders ...string) {
	t.Helper()
	long := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(h.Folder, folder), func(path string, _ fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			return os.Chtimes(path, long, long)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// openGolden starts the server with its certificate, and its application.
func openGolden(t *testing.T, h *testkit.Host) *http.Server {
	t.Helper()
	now := time.Now()
	hosts := []string{"example.org", "www.example.org", "pages.example", "app.example", "broken.example", "other.example", "any.example"}
	if _, err := testkit.Authority().Issue(filepath.Join(h.Folder, "cert"), now.Add(-time.Hour), now.Add(time.Hour), hosts...); err != nil {
		t.Fatal(err)
	}
	app, err := testkit.StartApp(h.Ports.App, goldenApp(testkit.NewApp(filepath.Join(h.Folder, "app"))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	h.Start(t)
	return app
}

// goldenApp is an application that does some things which no file can say.
func goldenApp(files http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", files)
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintf(w, "%s %s of %s, %v, %q, %v\n", r.Method, r.RequestURI, r.Host, r.TransferEncoding, body, err)
		for _, name := range slices.Sorted(maps.Keys(r.Header)) {
			fmt.Fprintf(w, "%s: %s\n", name, strings.Join(r.Header[name], " and "))
		}
	})
	mux.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: one\n\n")
		w.(http.Flusher).Flush()
		io.WriteString(w, "data: two\n\n")
	})
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		conn, in, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Own: tunnel\r\n\r\n")
		io.Copy(conn, in)
	})
	return mux
}

// settle asks for every page that is packed in the background, until it has been, and for a file whose tag is known only
// once it was read. It gives the tag of the home page.
func settle(t *testing.T, h *testkit.Host) (tag string) {
	t.Helper()
	visitor := h.Visitor(t, "http1.1")
	for _, page := range []string{
		"https://example.org/", "https://example.org/large", "https://example.org/disk.bin", "https://app.example/large", "http://app.example/large",
		"https://pages.example/", "https://pages.example/hello/", "https://pages.example/notes/", "https://pages.example/notes/second/",
		"https://pages.example/none/", "https://pages.example/tags/", "https://pages.example/tags/dns/",
		"https://pages.example/atom.xml", "https://pages.example/sitemap.xml", "https://pages.example/robots.txt",
	} {
		for late := time.Now().Add(testkit.Patience); ; time.Sleep(2 * time.Millisecond) {
			response, body, err := testkit.Fetch(visitor, http.MethodGet, page, http.Header{"Accept-Encoding": {"br"}, "User-Agent": {"probe"}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if page == "https://example.org/" {
				tag = response.Header.Get("ETag")
			}
			h := response.Header
			if h.Get("Content-Encoding") == "br" || len(body) < 600 || h.Get("Content-Type") == "application/octet-stream" && h.Get("ETag") != "" {
				break
			}
			if time.Now().After(late) {
				t.Fatalf("%s is never packed", page)
			}
		}
	}
	return tag
}

var unsteady = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(?m)^Date: \w\w\w, \d\d \w\w\w \d\d\d\d \d\d:\d\d:\d\d GMT$`), "Date: (date)"},
	{regexp.MustCompile(`gen;dur=\d+\.\d\d\d\b`), "gen;dur=(ms)"},
	{regexp.MustCompile(`\bttl=-?\d+`), "ttl=(ttl)"},
	{regexp.MustCompile(`\b[0-9a-f]{60}\b`), "(boundary)"}, // which net/http makes
	{regexp.MustCompile(`\[\d\d/\w\w\w/\d{4}:\d\d:\d\d:\d\d \+0000\]`), "[(time)]"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "(time)"},
	{regexp.MustCompile(`"gen_us":\d+\.\d\b`), `"gen_us":(us)`},
	{regexp.MustCompile(`("(age|left|serial)"): \d+`), "$1: (seconds)"},
	{regexp.MustCompile(`(?m)^(Age: )\d+((\n.+)*\nCache-Status: tinycdn; .*(ttl|fwd)=)`), "$1(age)$2"},
	{regexp.MustCompile(`(?m)^(Cache-Status: tinycdn; .*(ttl|fwd)=(.+\n)*Age: )\d+$`), "$1(age)"},
}

// steady puts words in the place of what differs from time to time.
func steady(h *testkit.Host, text string) string {
	text = strings.ReplaceAll(text, h.Folder, "(folder)")
	for name, port := range map[string]int{"$PORT": h.Ports.DNS, "$HTTP": h.Ports.HTTP, "$HTTPS": h.Ports.HTTPS, "$APP": h.Ports.App} {
		text = regexp.MustCompile(fmt.Sprintf(`\b%d\b`, port)).ReplaceAllLiteralString(text, name)
	}
	for _, u := range unsteady {
		text = u.pattern.ReplaceAllString(text, u.instead)
	}
	return text
}

// accessLog gives the lines of the log, in the order of the requests: of two that overlap, either may be written first.
func accessLog(t *testing.T, h *testkit.Host, steps []step) string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(h.Folder, "access.log"))
	if err != nil {
		t.Fatal(err)
	}
	place := func(line string) int {
		return slices.IndexFunc(steps, func(s step) bool { return strings.Contains(line, `"`+s.name+`"`) })
	}
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(log)), "\n"), func(line string) bool { return strings.Contains(line, `"probe"`) })
	slices.SortStableFunc(lines, func(a, b string) int { return place(a) - place(b) })
	for i, line := range lines {
		if at := place(line); at >= 0 && steps[at].words["vague"] {
			line = regexp.MustCompile(`("bytes":|" \d{3} )\d+`).ReplaceAllString(line, "$1(length)")
		}
		lines[i] = "  " + regexp.MustCompile(`x{99,}`).ReplaceAllString(steady(h, line), "x...")
	}
	return strings.Join(lines, "\n") + "\n"
}
