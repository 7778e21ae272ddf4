package origin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/webserver/upload"
)

// sends lets the application write a response as it stands, and end the connection.
func (h *fixture) sends(text string) {
	h.play(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			h.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, strings.ReplaceAll(text, "\n", "\r\n"))
	})
}

// logging gives a site a log to read.
func logging(into *bytes.Buffer) func(*Config) {
	return func(c *Config) { c.Log = slog.New(slog.NewTextHandler(into, nil)) }
}

// A body that its header calls packed costs nobody the page: what is empty has nothing to unpack, what stands behind the
// end is passed over, and what is not packed at all goes on as it is. Only what is cut off is an error.
func TestBodiesThatOnlySayThatTheyArePacked(t *testing.T) {
	t.Parallel()
	packed := string(gzipped(t, []byte("the page")))
	for _, c := range []struct {
		name, status, body string
		code               int
		want               string
		coding, log        string
	}{
		{"empty", "200 OK", "", 200, "", "", ""},
		{"empty 404", "404 Not Found", "", 404, "", "", ""},
		{"empty 301", "301 Moved Permanently\nLocation: /x", "", 301, "", "", ""},
		{"good", "200 OK", packed, 200, "the page", "", ""},
		{"zeros behind", "200 OK", packed + strings.Repeat("\x00", 12), 200, "the page", "", ""},
		{"text behind", "200 OK", packed + "\n", 200, "the page", "", ""},
		{"two members", "200 OK", packed + packed, 200, "the pagethe page", "", ""},
		{"text", "200 OK", "the page", 200, "the page", "gzip", "says gzip"},
		{"one octet", "200 OK", "\x1f", 200, "\x1f", "gzip", "says gzip"},
		{"spoiled", "200 OK", packed[:12] + "xx" + packed[14:], 200, packed[:12] + "xx" + packed[14:], "gzip", "says gzip"},
		{"cut", "200 OK", packed[:len(packed)-5], 502, "", "", "ends too early"},
		{"cut in the second", "200 OK", packed + packed[:9], 502, "", "", "ends too early"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var events bytes.Buffer
			h := newFixture(t, logging(&events))
			h.sends(fmt.Sprintf("HTTP/1.1 %s\nCache-Control: max-age=60\nContent-Type: text/plain\nContent-Encoding: gzip\nContent-Length: %d\n\n", c.status, len(c.body)) + c.body)
			a := h.get("/", "Accept-Encoding: gzip")
			if a.status != c.code || c.code != 502 && a.body != c.want || a.header.Get("Content-Encoding") != c.coding {
				t.Errorf("%s: got %d %q in coding %q, want %d %q in %q", c.name, a.status, a.body, a.header.Get("Content-Encoding"), c.code, c.want, c.coding)
			}
			if got := events.String(); c.log == "" && got != "" || !strings.Contains(got, c.log) || strings.Count(got, "\n") > 1 {
				t.Errorf("%s: the log is %q, want %q", c.name, got, c.log)
			}
		})
	}
}

// Each way to spoil a response is one line with the reason, at most every ten seconds.
func TestSpoiledResponsesAreToldOnce(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"two lengths": "HTTP/1.1 200 OK\nContent-Length: 3\nContent-Length: 4\n\npage",
		"cut":         "HTTP/1.1 200 OK\nCache-Control: max-age=60\nContent-Length: 40\n\npage",
		"no HTTP":     "page\n",
		"chunks":      "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nzz\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			var events bytes.Buffer
			h := newFixture(t, logging(&events))
			h.sends(text)
			for i := range 5 {
				if a := h.get(fmt.Sprint("/", i), ""); a.status != 502 {
					t.Errorf("%s: got %d", name, a.status)
				}
			}
			time.Sleep(tellEvery)
			h.get("/last", "")
			lines := strings.Split(strings.TrimSpace(events.String()), "\n")
			if len(lines) != 2 || !strings.Contains(lines[0], "site=test path=/0 reason=") || !strings.Contains(lines[1], "others_before=4") {
				t.Errorf("%s: the log is\n%s", name, events.String())
			}
		})
	}
}

func TestAnApplicationThatIsDownIsToldWhenItGoesAndWhenItComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var events bytes.Buffer
		h := newFixture(t, logging(&events))
		h.says("Cache-Control: no-store")
		dial := h.site.transport.DialContext
		h.site.transport.DialContext = refusing
		for range 3 {
			h.get("/", "")
			h.do("POST", "/", "")
		}
		h.site.transport.DialContext = dial
		for range 3 {
			h.get("/", "")
		}
		lines := strings.Split(strings.TrimSpace(events.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "cannot be reached") || !strings.Contains(lines[1], "can be reached again") {
			t.Errorf("the log is\n%s", events.String())
		}
	})
}

// What a visitor sends wrongly, or too slowly, is his own mistake, whatever the application has said by then.
func TestUploadThatBreaksOffIsNotTheApplicationsFault(t *testing.T) {
	t.Parallel()
	for _, answersFirst := range []bool{false, true} {
		for why, status := range map[error]int{io.ErrUnexpectedEOF: http.StatusBadRequest, upload.ErrSlow: http.StatusRequestTimeout} {
			var events bytes.Buffer
			h := newLoopbackFixture(t, logging(&events))
			w := &answering{httptest.NewRecorder(), make(chan bool)}
			h.play(func(w http.ResponseWriter, r *http.Request) {
				if r.Header["Expect"] != nil {
					t.Error("the application is to say whether it wants what is there")
				}
				if answersFirst {
					http.NewResponseController(w).EnableFullDuplex()
					io.WriteString(w, "so far")
					http.NewResponseController(w).Flush()
				}
				io.Copy(io.Discard, r.Body)
			})
			if !answersFirst {
				close(w.begun)
			}
			r, _ := http.NewRequest("POST", "http://example.com/", io.MultiReader(strings.NewReader("begun"), broken{w.begun, why}))
			r.ContentLength, r.RequestURI, r.RemoteAddr = 10, "/", "127.0.0.1:1"
			r.Header.Set("Expect", "100-continue")
			r = r.WithContext(context.WithValue(t.Context(), http.ServerContextKey, h.front.Config)) // as net/http has it
			if answersFirst {
				status = http.StatusOK
			}
			func() {
				defer func() {
					if fault := recover(); (fault != nil) != answersFirst { // so that the visitor sees that it is cut off
						t.Errorf("%v: got %v", why, fault)
					}
				}()
				h.serve(w, r)
			}()
			if w.Code != status {
				t.Errorf("%v: got %d, want %d", why, w.Code, status)
			}
			if events.Len() > 0 {
				t.Errorf("%v: the log says %s", why, events.String())
			}
		}
	}
}

func refusing(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
}

// answering tells when the first of an answer has come through.
type answering struct {
	*httptest.ResponseRecorder
	begun chan bool
}

func (a *answering) Write(p []byte) (int, error) {
	if a.Body.Len() == 0 && a.Code == http.StatusOK {
		close(a.begun)
	}
	return a.ResponseRecorder.Write(p)
}

// broken is a body that breaks once it is time.
type broken struct {
	when <-chan bool
	why  error
}

func (b broken) Read([]byte) (int, error) {
	<-b.when
	return 0, b.why
}

// A 304 without a Date is of now, and the Age of the first answer is no more (RFC 9110, 6.6.1; RFC 9111, 4.3.4).
func TestConfirmationDatesThePageAnew(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"", "Age: 100\n"} {
		synctest.Test(t, func(t *testing.T) {
			h := newFixture(t)
			h.sends("HTTP/1.1 200 OK\nEtag: \"a\"\nCache-Control: max-age=102\nDate: " + time.Now().UTC().Format(http.TimeFormat) + "\n" + first + "Content-Length: 4\n\npage")
			h.get("/", "")
			h.sends("HTTP/1.1 304 Not Modified\nEtag: \"a\"\nCache-Control: max-age=102\n\n")
			time.Sleep(200 * time.Second)
			now := time.Now().UTC().Format(http.TimeFormat)
			if a := h.get("/", ""); a.word != "revalidated" || a.header.Get("Age") != "0" || a.header.Get("Date") != now {
				t.Errorf("%q: got %s with %v", first, a.word, a.header)
			}
			time.Sleep(100 * time.Second)
			if a := h.get("/", ""); a.word != "hit" || a.header.Get("Age") != "100" || h.times() != 2 {
				t.Errorf("%q: then %s with %v, asked %d times", first, a.word, a.header, h.times())
			}
		})
	}
}

// Who tells no type is not given one, kept or not, and the recipient may find out (RFC 9110, 8.3).
func TestResponseWithoutTypeStaysWithoutOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		for _, control := range []string{"max-age=60", "no-store"} {
			h.sends("HTTP/1.1 200 OK\nCache-Control: " + control + "\nContent-Length: 14\n\n<html><script>")
			for _, method := range []string{"GET", "POST"} {
				a := h.do(method, "/"+control, "")
				if kind, said := a.header["Content-Type"]; a.body != "<html><script>" || !said || len(kind) > 0 {
					t.Errorf("%s, %s: got %q of type %q", method, control, a.body, kind)
				}
			}
		}
	})
}

func TestHintsReachWhoAskedFirst(t *testing.T) {
	t.Parallel()
	h := newLoopbackFixture(t)
	h.play(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Cache-Control", "max-age=60")
		io.WriteString(w, "page")
	})
	h.early = true
	for _, want := range []int{103, 0} { // the second is a hit
		status, link := 0, ""
		trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			status, link = code, header.Get("Link")
			return nil
		}}
		r, _ := http.NewRequest("GET", h.front.URL, nil)
		response, err := h.client.Do(r.WithContext(httptrace.WithClientTrace(t.Context(), trace)))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if status != want || want > 0 && link == "" || string(body) != "page" || response.Header.Get("Link") == "" {
			t.Errorf("got %d with %q, then %q with %v; want %d", status, link, body, response.Header, want)
		}
	}
}
