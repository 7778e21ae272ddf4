package protocol

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tinycdn/tests/testkit"
)

// receivingApp says what it got, and how often it was asked.
type receivingApp struct{ asked atomic.Int64 }

func (a *receivingApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked.Add(1)
	body, err := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s, %d of %d, %v", body[:min(len(body), 10)], len(body), r.ContentLength, err)
}

// TestApplicationSeesNoUploadThatHasJustBegun: a hundred visitors of each protocol send one octet, and none of them is at the
// application before he sends the rest.
func TestApplicationSeesNoUploadThatHasJustBegun(t *testing.T) {
	t.Parallel()
	const many = 100
	h := testkit.Build(t, testkit.Sites)
	app := new(receivingApp)
	h.App = app
	h.StartWeb(t)
	send := func(visitor *http.Client, body io.Reader) (string, error) {
		response, text, err := testkit.Fetch(visitor, http.MethodPost, "https://app.example/upload", nil, body)
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s", response.Status)
		}
		return string(text), err
	}
	for _, protocol := range testkit.Protocols {
		app.asked.Store(0)
		visitor := h.Visitor(t, protocol)
		var visitors sync.WaitGroup
		var rests []io.WriteCloser
		for range many {
			body, rest := io.Pipe()
			rests = append(rests, rest)
			visitors.Go(func() {
				if text, err := send(visitor, body); text != "ab, 2 of 2, <nil>" || err != nil {
					t.Errorf("over %s: %q, %v", protocol, text, err)
				}
			})
			rest.Write([]byte("a"))
		}
		// Another one, who sends all at once, is not kept waiting.
		if text, err := send(h.Visitor(t, protocol), strings.NewReader("whole")); text != "whole, 5 of 5, <nil>" || err != nil {
			t.Errorf("over %s: %q, %v", protocol, text, err)
		}
		if n := app.asked.Load(); n != 1 {
			t.Errorf("over %s: of %d who have just begun, %d are at the application", protocol, many, n-1)
		}
		for _, rest := range rests {
			rest.Write([]byte("b"))
			rest.Close()
		}
		visitors.Wait()
		if n := app.asked.Load(); n != many+1 {
			t.Errorf("over %s: the application was asked %d times", protocol, n)
		}
	}
}
