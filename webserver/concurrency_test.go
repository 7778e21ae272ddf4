package webserver

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"tinycdn/webserver/page"
)

// Whoever asks for a page on each of many streams and reads none of them gets no more of them, and keeps nobody else out.
func TestOneClientHasNotAllStreams(t *testing.T) {
	t.Parallel()
	begun, release := make(chan bool), make(chan bool)
	s := newServer(t, Config{}, whole(&scripted{answer: func(*http.Request) page.Answer {
		begun <- true
		<-release
		return page.Ready(page.Plain(http.StatusOK))
	}}))
	ask := func(address string, major int) chan int {
		r := request("GET /")
		r.RemoteAddr, r.ProtoMajor = address, major
		status := make(chan int, 1)
		go func() {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			status <- w.Code
		}()
		return status
	}
	var waiting []chan int
	for range s.streams.mostFrom {
		waiting = append(waiting, ask("[2001:db8::1]:1", 2))
		<-begun
	}
	if got := <-ask("[2001:db8::2]:1", 2); got != http.StatusServiceUnavailable { // of the same network
		t.Errorf("one more: got %d, want 503", got)
	}
	for _, other := range []chan int{ask("[2001:db8:0:1::1]:1", 3), ask("192.0.2.1:1", 2), ask("[2001:db8::1]:1", 1)} {
		waiting = append(waiting, other)
		<-begun
	}
	close(release)
	for _, status := range waiting {
		if got := <-status; got != http.StatusOK {
			t.Errorf("got %d, want 200", got)
		}
	}
	after := ask("[2001:db8::1]:1", 2)
	<-begun
	if got := <-after; got != http.StatusOK {
		t.Errorf("afterwards: got %d, want 200", got)
	}
	if s.streams.all != 0 || len(s.streams.from) != 0 {
		t.Errorf("got %d streams of %v left, want none", s.streams.all, s.streams.from)
	}
}
