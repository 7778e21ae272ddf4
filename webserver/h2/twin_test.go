package h2

import (
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
)

// twin serves the same as start, by net/http alone.
func twin(t testing.TB, s *site) (dial func(testing.TB) net.Conn) {
	give := serveBy(t, s.handler)
	return func(t testing.TB) net.Conn {
		here, there := pair(t)
		give(there)
		return here
	}
}

// serveBy has net/http speak HTTP/2 on the connections that it is given.
func serveBy(t testing.TB, h http.Handler) (give func(net.Conn)) {
	server := &http.Server{
		Handler: h, Protocols: new(http.Protocols), MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0),
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 100, MaxReceiveBufferPerStream: 64 << 10, MaxReceiveBufferPerConnection: 100 * 64 << 10, MaxReadFrameSize: frameSize,
		},
	}
	server.Protocols.SetUnencryptedHTTP2(true)
	l := newListener()
	done := make(chan bool)
	go func() {
		defer close(done)
		server.Serve(l)
	}()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	return func(c net.Conn) { l.give(c) }
}

// states are those that a stream can be in (RFC 9113, 5.1), and how a client brings stream 1 there.
var states = map[string]func(v *client){
	"idle": func(v *client) {},
	"open": func(v *client) {
		v.ask(1, false, v.header("POST", "/wait"))
		v.until(1, false)
	},
	"half-closed, of a page": func(v *client) {
		v.ask(1, true, v.header("GET", "/"))
		v.until(1, false)
	},
	"half-closed, from below": func(v *client) {
		v.ask(1, true, v.header("GET", "/echo?octets=1000"))
		v.until(1, false)
	},
	"closed": func(v *client) {
		v.ask(1, true, v.header("HEAD", "/small"))
		v.until(1, true)
	},
	"closed, from below": func(v *client) {
		v.ask(1, true, v.header("HEAD", "/echo"))
		v.until(1, true)
	},
	"taken back": func(v *client) {
		v.ask(1, false, v.header("POST", "/wait"))
		v.until(1, false)
		v.WriteRSTStream(1, http2.ErrCodeCancel)
	},
}

// until reads until there is a header, or the end of a stream.
func (v *client) until(id uint32, end bool) {
	v.t.Helper()
	for {
		if h, ok := v.next().(*http2.HeadersFrame); ok && h.StreamID == id && h.StreamEnded() == end {
			return
		}
	}
}

// newTwinSite is a site whose handler has its pages too.
func newTwinSite() *site {
	s := newSite(nil)
	s.handler = func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			s.large.ServeHTTP(w, r)
		case "/small":
			s.small.ServeHTTP(w, r)
		case "/wait":
			waits(w, r)
		default:
			echo(w, r)
		}
	}
	return s
}

// waits answers with a header, and then reads what comes.
func waits(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(200)
	http.NewResponseController(w).Flush()
	io.Copy(io.Discard, r.Body)
}

// TestEveryFrameInEveryState: whatever comes, of whatever length, on whatever stream, we say what net/http says.
func TestEveryFrameInEveryState(t *testing.T) {
	t.Parallel()
	s := newTwinSite()
	ours, _ := start(t, s)
	theirs := twin(t, s)
	flags := map[byte][]byte{
		frameData: {0, 1, 8}, frameHeaders: {0, 4, 5, 4 | 8, 4 | 32}, framePriority: {0}, frameReset: {0}, frameSettings: {0, 1}, framePush: {4},
		framePing: {0, 1}, frameGoAway: {0}, frameWindow: {0}, frameContinuation: {4}, 0x42: {0},
	}
	for state, bring := range states {
		for kind := range flags {
			t.Run(fmt.Sprintf("%s/kind %d", state, kind), func(t *testing.T) {
				t.Parallel()
				for _, f := range flags[kind] {
					for _, length := range []int{0, 1, 4, 5, 6, 8, 9, 24, frameSize, frameSize + 1} {
						for _, id := range []uint32{0, 1, 2} {
							if id != 1 && state != "idle" && state != "open" {
								continue
							}
							h := head{length, kind, f, id}
							got, want := react(t, ours(t), bring, h, nil), react(t, theirs(t), bring, h, nil)
							if got != want && !isKnown(state, kind, id, length, got, want) {
								t.Errorf("flags %d, stream %d, %d octets: got %q, want %q", f, id, length, got, want)
							}
						}
					}
				}
			})
		}
	}
}

// TestHeadersInEveryState is the same of headers that are well-formed: they begin a stream, end what is sent on it, or should not be there.
func TestHeadersInEveryState(t *testing.T) {
	t.Parallel()
	s := newTwinSite()
	ours, _ := start(t, s)
	theirs := twin(t, s)
	for state, bring := range states {
		for name, block := range map[string][]byte{
			"of a page":   appendPlain(appendPlain(appendPlain(appendPlain(nil, ":method", "HEAD"), ":path", "/small"), ":scheme", "https"), ":authority", "x"),
			"of no page":  appendPlain(appendPlain(appendPlain(appendPlain(nil, ":method", "HEAD"), ":path", "/echo"), ":scheme", "https"), ":authority", "x"),
			"a trailer":   appendPlain(nil, "x-sum", "1"),
			"twice":       appendPlain(appendPlain(nil, ":method", "GET"), ":method", "GET"),
			"upper case":  appendPlain(appendPlain(appendPlain(appendPlain(nil, ":method", "GET"), ":path", "/"), ":scheme", "https"), "Accept", "x"),
			"connection":  appendPlain(appendPlain(appendPlain(appendPlain(nil, ":method", "GET"), ":path", "/"), ":scheme", "https"), "connection", "close"),
			"other order": appendPlain(appendPlain(appendPlain(appendPlain(nil, "accept", "x"), ":method", "GET"), ":path", "/"), ":scheme", "https"),
		} {
			for _, flags := range []byte{flagEndHeaders, flagEndHeaders | flagEndStream} {
				h := head{len(block), frameHeaders, flags, 1}
				got, want := react(t, ours(t), bring, h, block), react(t, theirs(t), bring, h, block)
				if got != want && !isKnown(state, frameHeaders, 1, len(block), got, want) {
					t.Errorf("%s, %s, flags %d: got %q, want %q", state, name, flags, got, want)
				}
			}
		}
	}
}

// react sends a frame in a state, of zeros if there is nothing else, and gives what is said to it.
func react(t *testing.T, c net.Conn, bring func(*client), h head, payload []byte) string {
	defer c.Close()
	v := greet(t, c, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	bring(v)
	v.AllowIllegalWrites = true
	if payload == nil {
		payload = make([]byte, h.length)
	}
	c.Write(append(h.appendTo(nil), payload...))
	const behind = 1001 // what comes from below is behind what was said of the frame there
	v.ask(behind, true, v.header("HEAD", "/echo"))
	v.WritePing(false, [8]byte{'e', 'n', 'd'})
	said := map[string]bool{}
	for answered, ponged := false, false; !ponged || !answered && !said["farewell"]; {
		f, err := v.ReadFrame()
		if err != nil {
			return fmt.Sprint("no word, but ", err)
		}
		switch f := f.(type) {
		case *http2.GoAwayFrame:
			if f.ErrCode != http2.ErrCodeNo {
				return "the connection ends with " + f.ErrCode.String()
			}
			said["farewell"] = true
		case *http2.RSTStreamFrame:
			said[fmt.Sprint(f.StreamID, " is reset with ", f.ErrCode)] = true
		case *http2.HeadersFrame:
			answered = answered || f.StreamID == behind
		case *http2.PingFrame:
			ponged = ponged || f.Data == [8]byte{'e', 'n', 'd'}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(said)), ", ")
}

// isKnown is where we do other than net/http, for a reason.
func isKnown(state string, kind byte, id uint32, length int, got, want string) bool {
	const protocol = "the connection ends with PROTOCOL_ERROR"
	switch {
	case strings.HasPrefix(want, "no word"): // it closes the connection over wrong padding and wrong lengths, without a reason
		return got == protocol || got == "the connection ends with FRAME_SIZE_ERROR"
	case kind == frameHeaders && want == fmt.Sprint(id, " is reset with PROTOCOL_ERROR") && (id == 2 || state != "idle" && state != "open"):
		return got == protocol || got == "1 is reset with STREAM_CLOSED" // RFC 9113, 5.1: it looks first whether the fields are malformed
	case kind == frameSettings && length == 24: // RFC 9113, 6.5.3: a setting may come twice
		return got == "" && want == protocol
	case kind == frameHeaders && length == frameSize: // too long goes before malformed: 431, and nothing more of it is wanted
		return got == "1 is reset with NO_ERROR" && want == "1 is reset with PROTOCOL_ERROR"
	}
	return false
}
