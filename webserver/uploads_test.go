package webserver

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"tinycdn/webserver/upload"
)

// TestUploadsOfOneConnectionDoNotWaitForEachOther, even if the application reads none of the others.
func TestUploadsOfOneConnectionDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	const size = 300 << 10
	release := make(chan bool)
	inItsOwnTime(t, 2, streamed(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Wait") != "" {
			<-release
		}
		if n, err := io.Copy(io.Discard, r.Body); n != size || err != nil {
			t.Errorf("got %d octets, %v", n, err)
		}
	}), func(t *testing.T, c *http.Client) {
		release = make(chan bool)
		var others sync.WaitGroup
		for range 20 {
			others.Go(func() {
				r, _ := http.NewRequest("POST", "http://example.org/", strings.NewReader(strings.Repeat("x", size)))
				r.Header.Set("X-Wait", "1")
				if response, err := c.Do(r); err != nil {
					t.Error(err)
				} else {
					response.Body.Close()
				}
			})
		}
		time.Sleep(time.Hour)
		if _, err := post(c, &drip{beginning: size}, size); err != nil {
			t.Error(err)
		}
		close(release)
		others.Wait()
	})
}

// TestWindowIsThatOfAnUpload: what a visitor may send before anybody reads it.
func TestWindowIsThatOfAnUpload(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	_, _, secure := serve(t, Config{}, current, whole(examplePages()))
	conn, err := tls.Dial("tcp", secure, &tls.Config{RootCAs: roots, ServerName: "example.org", NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, http2.ClientPreface)
	frames := http2.NewFramer(conn, conn)
	frames.WriteSettings()
	frame, err := frames.ReadFrame()
	settings, ok := frame.(*http2.SettingsFrame)
	if err != nil || !ok {
		t.Fatalf("got %v, %v", frame, err)
	}
	if got, _ := settings.Value(http2.SettingInitialWindowSize); got != upload.Window {
		t.Errorf("got %d octets, want %d", got, upload.Window)
	}
}

// TestContinueIsOurs: whoever wants to know first whether he may send hears it of us, and the application is not asked before.
func TestContinueIsOurs(t *testing.T) {
	t.Parallel()
	var asked atomic.Bool
	_, plain, _ := serve(t, Config{}, nil, whole(streamed(func(_ http.ResponseWriter, r *http.Request) {
		asked.Store(true)
		io.Copy(io.Discard, r.Body)
	})))
	conn, err := net.Dial("tcp", plain)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: example.org\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); line != "HTTP/1.1 100 Continue\r\n" || err != nil || asked.Load() {
		t.Fatalf("got %q, %v; the application was asked: %v", line, err, asked.Load())
	}
	in.ReadString('\n')
	io.WriteString(conn, "text")
	if response, err := http.ReadResponse(in, nil); err != nil || response.StatusCode != http.StatusOK || !asked.Load() {
		t.Errorf("got %v, %v", response, err)
	}
}

// TestNoRoomForMore: what is not taken in is answered at once, though the visitor goes on.
func TestNoRoomForMore(t *testing.T) {
	t.Parallel()
	const visitors, size = 200, 1 << 20
	release := make(chan bool)
	var asked, refused, torn atomic.Int64
	s, plain, _ := serve(t, Config{}, nil, whole(streamed(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-release
		if n, err := io.Copy(io.Discard, r.Body); n != size || err != nil {
			t.Errorf("got %d octets, %v", n, err)
		}
	})))
	var work sync.WaitGroup
	for range visitors {
		work.Go(func() {
			response, err := http.Post("http://"+plain, "", strings.NewReader(strings.Repeat("x", size)))
			if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
				torn.Add(1) // it came to the answer later than we wait for it
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			response.Body.Close()
			full := response.StatusCode == http.StatusServiceUnavailable
			if full {
				refused.Add(1)
			}
			if retry := response.Header.Get("Retry-After") == "1"; full != response.Close || full != retry || !full && response.StatusCode != http.StatusOK {
				t.Errorf("got %d %v", response.StatusCode, response.Header)
			}
		})
	}
	until(t, "all are passed on or refused", func() bool { return asked.Load()+refused.Load()+torn.Load() == visitors })
	if held := s.uploads.Held(); refused.Load() == 0 || held > 8<<20 {
		t.Errorf("%d are refused, and the others hold %d octets", refused.Load(), held)
	}
	close(release)
	work.Wait()
	until(t, "all is given back", func() bool { return s.uploads.Held() == 0 })
}

// TestAnswerDoesNotWaitForASlowUpload that nobody wants any more. Over HTTP/1.1, net/http reads on for a while before it answers.
func TestAnswerDoesNotWaitForASlowUpload(t *testing.T) {
	t.Parallel()
	for major := 1; major <= 2; major++ {
		inItsOwnTime(t, major, streamed(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			http.NewResponseController(w).Flush()
		}), func(t *testing.T, c *http.Client) {
			begun := time.Now()
			response, err := post(c, &drip{beginning: upload.KeptBytes, seconds: 1000, speed: 1}, -1)
			if err != nil {
				t.Fatalf("HTTP/%d: %v", major, err)
			}
			if took := time.Since(begun); response.StatusCode != http.StatusRequestEntityTooLarge || took > bodyTime+time.Second {
				t.Errorf("HTTP/%d: got %d after %v", major, response.StatusCode, took)
			}
		})
	}
}

// TestAnswerMayTakeLongAfterAnUpload, whether the end of it was read by the application or by nobody.
func TestAnswerMayTakeLongAfterAnUpload(t *testing.T) {
	t.Parallel()
	for major := 1; major <= 2; major++ {
		for _, reads := range []bool{true, false} {
			inItsOwnTime(t, major, streamed(func(w http.ResponseWriter, r *http.Request) {
				if reads {
					io.Copy(io.Discard, r.Body)
				}
				for range 3 {
					io.WriteString(w, "an event\n")
					http.NewResponseController(w).Flush()
					time.Sleep(time.Hour)
				}
				if err := r.Context().Err(); err != nil {
					t.Errorf("HTTP/%d, read: %v: %v", major, reads, err)
				}
			}), func(t *testing.T, c *http.Client) {
				response, err := c.Post("http://example.org/", "", strings.NewReader(strings.Repeat("x", upload.KeptBytes+100)))
				if err != nil {
					t.Fatalf("HTTP/%d: %v", major, err)
				}
				defer response.Body.Close()
				if text, err := io.ReadAll(response.Body); len(text) != 27 || err != nil {
					t.Errorf("HTTP/%d, read: %v: got %q, %v", major, reads, text, err)
				}
			})
		}
	}
}
