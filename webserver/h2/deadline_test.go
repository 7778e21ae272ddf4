package h2

import (
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
)

// mailbox is the client's end of a connection in memory: it takes what comes, be it asked for or not, so that the other end does not wait.
type mailbox struct {
	net.Conn
	mu   sync.Mutex
	came sync.Cond
	b    []byte
	over error
}

func newMailbox(c net.Conn) *mailbox {
	m := &mailbox{Conn: c}
	m.came.L = &m.mu
	go func() {
		for room := make([]byte, 32<<10); m.over == nil; m.came.Broadcast() {
			n, err := c.Read(room)
			m.mu.Lock()
			m.b, m.over = append(m.b, room[:n]...), err
			m.mu.Unlock()
		}
	}()
	return m
}

func (m *mailbox) Read(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.b) == 0 && m.over == nil {
		m.came.Wait()
	}
	if len(m.b) == 0 {
		return 0, m.over
	}
	n := copy(p, m.b)
	m.b = m.b[n:]
	return n, nil
}

// patient is a site that is served in a bubble, with the times that the page server has, and what its client goes through.
type patient struct {
	*site
	*client
	server *Server
	begin  time.Time
	below  sync.WaitGroup // requests of the lane
	beside sync.WaitGroup // what the client does meanwhile
}

// inBubble has a client do something. In the end nothing of it may be left.
func inBubble(t *testing.T, do func(p *patient)) {
	synctest.Test(t, func(t *testing.T) {
		p := &patient{begin: time.Now()}
		p.site = newSite(func(w http.ResponseWriter, r *http.Request) {
			p.below.Add(1)
			defer p.below.Done()
			http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute)) // as the page server does
			echo(w, r)
		})
		p.server = p.site.serve(t)
		p.server.config.HeaderTime, p.server.config.IdleTime, p.server.config.Progress = 10*time.Second, time.Minute, time.Minute
		here, there := net.Pipe()
		p.server.take(there)
		p.client = &client{Conn: newMailbox(here), t: t}
		do(p)
		here.Close()
		p.beside.Wait()
		synctest.Wait()
		p.below.Wait()
		if p.server.mu.Lock(); len(p.server.conns) > 0 || p.entered.Load() != 0 || p.server.batches.held.Load() != 0 {
			t.Errorf("%d connections, %d places and %d batches are kept", len(p.server.conns), p.entered.Load(), p.server.batches.held.Load())
		}
		p.server.mu.Unlock()
	})
}

// greets says hello with some settings.
func (p *patient) greets(settings ...http2.Setting) {
	p.client = greet(p.t, p.Conn, settings...)
	p.SetDeadline(time.Time{})
}

func (p *patient) after() time.Duration { return time.Since(p.begin) }

// TestWhoSaysNothingIsLetGo in time: a header must be there after ten seconds, however it drips, and who has no request is idle.
func TestWhoSaysNothingIsLetGo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do    func(p *patient)
		after time.Duration
	}{
		"nothing":          {func(*patient) {}, 10 * time.Second},
		"half a preface":   {func(p *patient) { io.WriteString(p, preface[:10]) }, 10 * time.Second},
		"no SETTINGS":      {func(p *patient) { io.WriteString(p, preface) }, 10 * time.Second},
		"part of a frame":  {func(p *patient) { p.greets(); p.Write([]byte{0, 0, 8, framePing}) }, 10 * time.Second},
		"half a header":    {func(p *patient) { p.greets(); p.halfHeader() }, 10 * time.Second},
		"a header, slowly": {func(p *patient) { p.greets(); p.halfHeader(); p.drip() }, 10 * time.Second},
		"no request":       {func(p *patient) { p.greets() }, time.Minute},
		"a page, and then PING": {func(p *patient) {
			p.greets()
			p.ask(1, true, p.header("GET", "/small"))
			p.whole(1)
			p.again(20*time.Second, func() error { return p.WritePing(false, [8]byte{}) })
		}, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(p *patient) {
				if c.do(p); p.Framer == nil {
					p.Framer = http2.NewFramer(p, p.Conn)
				}
				if why := p.ends(); why != "NO_ERROR" || p.after() != c.after {
					t.Errorf("it ends with %s after %v, want it after %v", why, p.after(), c.after)
				}
			})
		})
	}
}

func (p *patient) halfHeader() {
	p.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.header("GET", "/")[:3], EndStream: true})
}

// drip goes on with a header every three seconds.
func (p *patient) drip() {
	p.again(3*time.Second, func() error { return p.WriteContinuation(1, false, []byte{0}) })
}

// again does something now and then, as long as it can.
func (p *patient) again(every time.Duration, do func() error) {
	p.beside.Go(func() {
		for time.Sleep(every); do() == nil; time.Sleep(every) {
		}
	})
}

// TestSlowReadersHoldNothingForLong: a stream of which the client takes nothing, or an octet a second, is broken off after a minute. Then the
// connection has nothing to do, and ends after another.
func TestSlowReadersHoldNothingForLong(t *testing.T) {
	t.Parallel()
	closed := http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}
	open := http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20}
	for name, c := range map[string]struct {
		path    string
		setting http2.Setting
		widen   []uint32 // the windows that grow by an octet a second
	}{
		"a page, no window":                        {"/", closed, nil},
		"a page, an octet a second":                {"/", closed, []uint32{1}},
		"a page, the connection's window is full":  {"/", open, nil},
		"a page, of that an octet a second":        {"/", open, []uint32{0}},
		"from below, no window":                    {"/echo?octets=300000", closed, nil},
		"from below, an octet a second":            {"/echo?octets=300000", closed, []uint32{1}},
		"from below, the connection's is full":     {"/echo?octets=300000", open, nil},
		"from below, of that an octet in a second": {"/echo?octets=300000", open, []uint32{0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(p *patient) {
				p.greets(c.setting)
				p.ask(1, true, p.header("GET", c.path))
				for _, id := range c.widen {
					p.again(time.Second, func() error { return p.WriteWindowUpdate(id, 1) })
				}
				for reset := false; !reset; {
					if f, ok := p.next().(*http2.RSTStreamFrame); ok {
						if reset = true; f.StreamID != 1 || f.ErrCode != http2.ErrCodeInternal || p.after() != time.Minute {
							t.Errorf("got %v after %v", f, p.after())
						}
					}
				}
				if why := p.ends(); why != "NO_ERROR" || p.after() != 2*time.Minute {
					t.Errorf("it ends with %s after %v", why, p.after())
				}
			})
		})
	}
}
