package dashboard

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/admin"
)

// enterPath is where the page changes the code of its address for the token.
const enterPath = Prefix + "enter"

// Gate is a way for one browser on this machine to a POP's socket. Others on this machine can come to the port as well, and see in the
// list of processes what a browser was started with: so the code in the address is good once, and what it is changed for stands nowhere.
//
// The page is its own, and not the POP's: with RollBack it may do what no POP may, and so must not run a script of one that was broken into.
type Gate struct {
	RollBack RollBack // nil: Why says why there is none
	Why      string

	listener net.Listener
	token    string
	mu       sync.Mutex
	code     string     // "": it was used
	rolling  sync.Mutex // held by whoever rolls back, or looks at what that would change
}

// OpenGate binds a port of loopback.
func OpenGate() (*Gate, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &Gate{listener: l, token: rand.Text() + rand.Text(), code: rand.Text()}, nil
}

// Address is where the page is. It is good once, and in a fragment there is what no server is told but by the page.
func (g *Gate) Address() string { return fmt.Sprintf("http://%s/#once=%s", g.listener.Addr(), g.code) }

// Serve leads to the POP until ctx ends.
func (g *Gate) Serve(ctx context.Context, pop http.RoundTripper) error {
	server := &http.Server{Handler: g.handler(ctx, pop), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	err := server.Serve(g.listener)
	g.rolling.Lock() // what has begun comes to an end that is told
	defer g.rolling.Unlock()
	if ctx.Err() == nil {
		return err
	}
	return nil
}

func (g *Gate) handler(ctx context.Context, pop http.RoundTripper) http.Handler {
	way := &httputil.ReverseProxy{
		Transport: pop,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "localhost", "localhost"
			r.Out.Header.Del("Authorization")
		},
		ModifyResponse: func(r *http.Response) error { // a page would be at the origin of this one
			r.Header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
			r.Header.Set("X-Content-Type-Options", "nosniff")
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "the POP does not answer: "+err.Error(), http.StatusBadGateway)
		},
	}
	let := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, Prefix) && r.URL.Path != admin.DrainPath {
			http.NotFound(w, r) // the socket can do more than the page
			return
		}
		if r.URL.Path == rollBackPath && g.RollBack != nil {
			g.takeOrder(ctx, w, r)
			return
		}
		way.ServeHTTP(w, r)
	})
	page := Page(g.Why)
	if g.RollBack != nil {
		page = Page(rollsBack)
	}
	guarded, entered := admin.Guard(g.token, page, let), admin.Guard("", page, http.HandlerFunc(g.enter))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == enterPath && r.Method == http.MethodPost {
			r.Header.Set("Authorization", "Bearer ") // the code is asked for, and all else is held as ever
			entered.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// enter gives the token for the code, once.
func (g *Gate) enter(w http.ResponseWriter, r *http.Request) {
	said, _ := io.ReadAll(io.LimitReader(r.Body, 100))
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.code == "" || subtle.ConstantTimeCompare(said, []byte(g.code)) != 1 {
		http.Error(w, "the code was good once", http.StatusForbidden)
		return
	}
	g.code = ""
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprintln(w, g.token)
}
