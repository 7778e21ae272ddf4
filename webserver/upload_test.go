package webserver

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/webserver/upload"
)

// drip is a body whose beginning comes at once, and then for so many seconds so many octets in each.
type drip struct {
	beginning      int
	seconds, speed int
	left           chan bool // closed: the visitor sends no more
}

func (d *drip) Read(p []byte) (int, error) {
	switch {
	case d.beginning > 0:
		n := min(len(p), d.beginning)
		d.beginning -= n
		return n, nil
	case d.seconds == 0:
		return 0, io.EOF
	}
	d.seconds--
	select {
	case <-time.After(time.Second):
		return d.speed, nil
	case <-d.left:
		return 0, io.ErrUnexpectedEOF
	}
}

// post sends a body whose length is told, or is not if it is -1.
func post(c *http.Client, body *drip, length int64) (*http.Response, error) {
	body.left = make(chan bool)
	defer close(body.left)
	r, err := http.NewRequest("POST", "http://example.org/", body)
	if err != nil {
		return nil, err
	}
	r.ContentLength = length
	response, err := c.Do(r)
	if err == nil {
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	return response, err
}

// TestApplicationIsAskedOnceThereIsSomething: a hundred visitors who have just begun to send are none for it.
func TestApplicationIsAskedOnceThereIsSomething(t *testing.T) {
	t.Parallel()
	for major := 1; major <= 2; major++ {
		var asked, came atomic.Int64
		inItsOwnTime(t, major, streamed(func(_ http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			body, err := io.ReadAll(r.Body)
			if err != nil || r.ContentLength != int64(len(body)) || len(r.TransferEncoding) > 0 {
				t.Errorf("HTTP/%d: got %d bytes of %d, %v", major, len(body), r.ContentLength, err)
			}
			came.Add(int64(len(body)))
		}), func(t *testing.T, c *http.Client) {
			var visitors sync.WaitGroup
			for i := range 100 {
				visitors.Go(func() {
					response, err := post(c, &drip{seconds: 20, speed: 1}, [...]int64{20, -1}[i%2])
					if err != nil || response.StatusCode != http.StatusOK {
						t.Errorf("HTTP/%d: got %v, %v", major, response, err)
					}
				})
			}
			time.Sleep(19*time.Second + time.Second/2)
			if n := asked.Load(); n != 0 {
				t.Errorf("HTTP/%d: it was asked %d times before anything was there", major, n)
			}
			visitors.Wait()
		})
		if asked.Load() != 100 || came.Load() != 2000 {
			t.Errorf("HTTP/%d: it was asked %d times, with %d octets", major, asked.Load(), came.Load())
		}
	}
}

// TestLongUploadIsAskedForWithItsBeginning, and the rest of it comes as the visitor sends it.
func TestLongUploadIsAskedForWithItsBeginning(t *testing.T) {
	t.Parallel()
	for major := 1; major <= 2; major++ {
		inItsOwnTime(t, major, streamed(func(_ http.ResponseWriter, r *http.Request) {
			begun := time.Now()
			beginning := make([]byte, upload.KeptBytes)
			if _, err := io.ReadFull(r.Body, beginning); err != nil || time.Since(begun) > 0 {
				t.Errorf("HTTP/%d: the beginning took %v: %v", major, time.Since(begun), err)
			}
			if rest, err := io.ReadAll(r.Body); len(rest) != 5 || err != nil || time.Since(begun) < 4*time.Second {
				t.Errorf("HTTP/%d: the rest is %q and took %v: %v", major, rest, time.Since(begun), err)
			}
		}), func(t *testing.T, c *http.Client) {
			if _, err := post(c, &drip{beginning: upload.KeptBytes, seconds: 5, speed: 1}, -1); err != nil {
				t.Errorf("HTTP/%d: %v", major, err)
			}
		})
	}
}

// TestWholeUploadCanBeSentAgain, on another connection, if the application has closed the one it was sent on.
func TestWholeUploadCanBeSentAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{}, whole(streamed(func(_ http.ResponseWriter, r *http.Request) {
		for range 2 {
			again, err := r.GetBody()
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(again); string(body) != "text" || err != nil {
				t.Errorf("got %q, %v", body, err)
			}
		}
	})))
	r := request("POST /")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("text")), 4
	s.ask(r)
}

// TestSlowUploadEnds after half a minute, whether it is the application's already or not.
func TestSlowUploadEnds(t *testing.T) {
	t.Parallel()
	for major := 1; major <= 2; major++ {
		for name, c := range map[string]struct {
			beginning, speed int
			asked            bool
			ended            time.Duration // 0: never
		}{
			"too slow":              {1, 1, false, 30 * time.Second},
			"a little too slow":     {1, 450, false, 30 * time.Second},
			"too slow, later":       {upload.KeptBytes, 450, true, 60 * time.Second}, // the beginning was enough for its own half minute
			"slow":                  {1, 550, true, 0},
			"slow, with more to it": {upload.KeptBytes, 550, true, 0},
		} {
			var failure error
			asked := false
			inItsOwnTime(t, major, streamed(func(w http.ResponseWriter, r *http.Request) {
				asked = true
				if _, failure = io.Copy(io.Discard, r.Body); failure != nil {
					w.WriteHeader(http.StatusRequestTimeout)
				}
			}), func(t *testing.T, client *http.Client) {
				begun := time.Now()
				response, err := post(client, &drip{beginning: c.beginning, seconds: 1000, speed: c.speed}, -1)
				if err != nil {
					t.Errorf("HTTP/%d: %s: %v", major, name, err)
					return
				}
				want := http.StatusOK
				if c.ended != 0 {
					want = http.StatusRequestTimeout
				}
				took := time.Since(begun) // its client may be a second behind, with what it was about to send
				if response.StatusCode != want || c.ended != 0 && (took < c.ended || took > c.ended+time.Second) {
					t.Errorf("HTTP/%d: %s: got %d after %v", major, name, response.StatusCode, took)
				}
				if major == 1 && c.ended != 0 && !response.Close {
					t.Errorf("%s: what else comes would be taken for a request", name)
				}
			})
			if asked != c.asked || asked && errors.Is(failure, upload.ErrSlow) != (c.ended != 0) {
				t.Errorf("HTTP/%d: %s: the application was asked: %v, and got %v", major, name, asked, failure)
			}
		}
	}
}

// TestSlowApplicationIsNotTheVisitorsFault: he is held at what there is room for, for as long as it takes.
func TestSlowApplicationIsNotTheVisitorsFault(t *testing.T) {
	t.Parallel()
	const size = 4 << 20
	for major := 1; major <= 2; major++ {
		var sent atomic.Int64
		inItsOwnTime(t, major, streamed(func(_ http.ResponseWriter, r *http.Request) {
			synctest.Wait()
			if n := sent.Load(); n > upload.KeptBytes+upload.Window+600<<10 { // Go's client reads 512 KB ahead

				t.Errorf("HTTP/%d: %d octets came that nobody has read", major, n)
			}
			got := 0
			for buffer := make([]byte, 256<<10); ; time.Sleep(5 * time.Minute) {
				n, err := r.Body.Read(buffer)
				if got += n; err != nil {
					break
				}
			}
			if got != size {
				t.Errorf("HTTP/%d: got %d octets", major, got)
			}
		}), func(t *testing.T, c *http.Client) {
			r, err := http.NewRequest("POST", "http://example.org/", &counted{strings.NewReader(strings.Repeat("x", size)), &sent})
			if err != nil {
				t.Fatal(err)
			}
			response, err := c.Do(r)
			if err != nil {
				t.Fatalf("HTTP/%d: %v", major, err)
			}
			response.Body.Close()
		})
	}
}

type counted struct {
	io.Reader
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}
