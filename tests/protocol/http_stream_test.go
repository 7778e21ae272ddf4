package protocol

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// liveApp says what it has to say bit by bit: three events, each only when it is told to, and an echo to those who leave
// HTTP.
type liveApp struct{ next chan string }

func (a liveApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "" {
		conn, both, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		io.Copy(conn, both)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for range 3 {
		fmt.Fprintf(w, "data: %s\n\n", <-a.next)
		http.NewResponseController(w).Flush()
	}
}

// TestEventsArriveAsTheyAreSent reads events of an application over each protocol: each is there before the next is sent.
func TestEventsArriveAsTheyAreSent(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, testkit.Sites)
	app := liveApp{make(chan string)}
	h.App = app
	h.StartWeb(t)
	for _, protocol := range testkit.Protocols {
		go func() { app.next <- "first" }() // the header comes with it
		response, err := h.Visitor(t, protocol).Get("https://app.example/events")
		if err != nil {
			t.Fatalf("over %s: %v", protocol, err)
		}
		in := bufio.NewReader(response.Body)
		for _, event := range []string{"first", "second", "third"} {
			if event != "first" {
				app.next <- event
			}
			if got, err := in.ReadString('\n'); got != "data: "+event+"\n" || err != nil {
				t.Fatalf("over %s: got %q %v, want %s", protocol, got, err, event)
			}
			in.ReadString('\n')
		}
		if rest, err := io.ReadAll(in); len(rest) > 0 || err != nil {
			t.Errorf("over %s: at the end: got %q %v", protocol, rest, err)
		}
		response.Body.Close()
	}
}

// TestWhoLeavesHTTPIsLetThrough opens a WebSocket behind a request for a page on the same connection.
func TestWhoLeavesHTTPIsLetThrough(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, testkit.Sites)
	h.App = liveApp{}
	h.StartWeb(t)
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.Ports.HTTP))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(testkit.Patience))
	if err := testkit.GetHome(conn); err != nil { // a page first: the connection has been used
		t.Fatal(err)
	}
	io.WriteString(conn, "GET /echo HTTP/1.1\r\nHost: app.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n")
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Upgrade") != "websocket" {
		t.Fatalf("got %s %v", response.Status, response.Header)
	}
	for _, word := range []string{"one\n", "two\n", strings.Repeat("x", 100_000) + "\n"} {
		io.WriteString(conn, word)
		if got, err := in.ReadString('\n'); got != word || err != nil {
			t.Fatalf("got %.20q %v, want %.20q", got, err, word)
		}
	}
	conn.(*net.TCPConn).CloseWrite()
	if rest, err := io.ReadAll(in); len(rest) > 0 || err != nil {
		t.Errorf("at the end: got %q %v", rest, err)
	}
}
