package origin

import (
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

// fixture is an application, and a site in front of it.
type fixture struct {
	testing.TB
	site        *Site
	front       *httptest.Server
	application *httptest.Server
	client      *http.Client // of front
	secure      bool         // clients come by HTTPS
	port        string       // that they name, of ours
	early       bool         // they take what comes before an answer

	mu     sync.Mutex
	script http.HandlerFunc
	asked  []*http.Request // what the application was asked
}

// newFixture is for tests in a bubble of testing/synctest: connections are in memory, and time passes when all wait.
func newFixture(t *testing.T, change ...func(*Config)) *fixture {
	t.Helper()
	h := &fixture{TB: t}
	serve := func(name string, handler http.HandlerFunc) *httptest.Server {
		l := &memoryListener{name: name, conns: make(chan net.Conn), closed: make(chan struct{})}
		s := &httptest.Server{Listener: l, Config: &http.Server{Handler: handler}}
		s.Start()
		return s
	}
	h.application, h.front = serve("application.test:80", h.apply), serve("front.test:80", h.serve)
	h.begin(change)
	h.client = &http.Client{Transport: &http.Transport{DialContext: h.dial}}
	h.site.transport.DialContext = h.dialInPlace
	return h
}

// newLoopbackFixture is for tests of connections and of speed.
func newLoopbackFixture(t testing.TB, change ...func(*Config)) *fixture {
	t.Helper()
	h := &fixture{TB: t, client: http.DefaultClient}
	h.application, h.front = httptest.NewServer(http.HandlerFunc(h.apply)), httptest.NewServer(http.HandlerFunc(h.serve))
	h.begin(change)
	return h
}

func (h *fixture) begin(change []func(*Config)) {
	there, err := url.Parse(h.application.URL)
	if err != nil {
		h.Fatal(err)
	}
	c := Config{Name: "test", URL: there, Memory: 8 << 20, POP: "fra"}
	for _, f := range change {
		f(&c)
	}
	h.site = New(c)
	h.Cleanup(func() {
		h.client.CloseIdleConnections()
		h.front.Close()
		h.site.Close()
		h.application.Close()
	})
}

// play sets what the application does.
func (h *fixture) play(script http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.script = script
}

// says lets the application answer with a header ("Cache-Control: max-age=1 | ETag: \"a\"") and a body that tells how
// often it was asked.
func (h *fixture) says(header string) {
	h.play(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), headerOf(header, time.Now()))
		if tag := w.Header().Get("Etag"); tag != "" && r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, "page "+strconv.Itoa(h.times()))
	})
}

func (h *fixture) apply(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.asked = append(h.asked, r.Clone(r.Context()))
	script := h.script
	h.mu.Unlock()
	script(w, r)
}

// times is how often the application was asked.
func (h *fixture) times() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.asked)
}

func (h *fixture) last() *http.Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.asked) == 0 {
		h.Fatal("the application was not asked")
	}
	return h.asked[len(h.asked)-1]
}

// serve does as much of delivering as it takes to see what comes of an answer.
func (h *fixture) serve(w http.ResponseWriter, r *http.Request) {
	q := page.RequestOf(r)
	q.Secure, q.Port = h.secure, h.port
	if h.early {
		q.Early = w
	}
	answer := h.site.Answer(&q)
	w.Header().Set("X-Word", answer.Cache.Result.String())
	w.Header().Set("Cache-Status", "tinycdn; "+answer.Cache.Status)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if answer.Page == nil {
		answer.Stream.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Age", strconv.Itoa(answer.Cache.Age))
	answer.Page.ServeHTTP(w, r)
}

// got is what a visitor got.
type got struct {
	status int
	word   string
	body   string
	header http.Header
}

// do asks for a path as a visitor does, with a header as says has.
func (h *fixture) do(method, target, header string) got {
	h.Helper()
	r := httptest.NewRequest(method, target, nil)
	r.Header = headerOf(header, time.Now())
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
		r.Header.Del("Host")
	}
	return h.send(r)
}

func (h *fixture) send(r *http.Request) got {
	w := httptest.NewRecorder()
	h.serve(w, r)
	return got{w.Code, w.Header().Get("X-Word"), w.Body.String(), w.Header()}
}

func (h *fixture) get(target, header string) got {
	h.Helper()
	return h.do("GET", target, header)
}

// headerOf reads "Name: value | Name: value"; {60} in a value is the time in 60 seconds.
func headerOf(text string, now time.Time) http.Header {
	header := http.Header{}
	for line := range strings.SplitSeq(text, " | ") {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			continue
		}
		if seconds, ok := strings.CutPrefix(value, "{"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(seconds, "}"))
			if err != nil {
				panic(err)
			}
			value = now.Add(time.Duration(n) * time.Second).UTC().Format(http.TimeFormat)
		}
		header.Add(name, value)
	}
	return header
}

// eventually waits for what a goroutine of the site is about to do.
func (h *fixture) eventually(what string, holds func() bool) {
	h.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			h.Fatalf("never: %s", what)
		}
	}
}

var _ interface {
	Answer(*page.Request) page.Answer
	Error(int) *page.Page
	Health() error
} = (*Site)(nil)
