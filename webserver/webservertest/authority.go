// Package webservertest lends an authority of certificates to tests. Only tests import it.
package webservertest

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

// Authority is pebble in the test's process: it asks the nameserver that it is given, and web servers at a port of the test's.
type Authority struct {
	Directory string // its URL
	Roots     string // the file of the root of its own certificate
	Root      []byte // the root of the certificates that it gives, in PEM

	// Before may answer a request in its place; it says whether it did.
	Before atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool]

	orders     atomic.Int64
	management http.Handler
}

// Wish is what an authority shall be like.
type Wish struct {
	Nameserver string            // with a port; it is asked over TCP
	HTTPPort   int               // at which it looks for tokens
	EAB        map[string]string // keys of customers by their numbers; nil: it takes everybody
	Life       time.Duration     // of its certificates; zero: 90 days
	Shortlived bool              // it has a profile of that name, too; who asks for none gets any
}

var (
	once    sync.Once
	ordinal atomic.Int64
)

// New starts an authority, until the test ends.
func New(t testing.TB, w Wish) *Authority {
	t.Helper()
	once.Do(func() { os.Setenv("PEBBLE_VA_NOSLEEP", "1") }) // it waits at random; its bad nonces, one in twenty, stay
	if w.Life == 0 {
		w.Life = 90 * 24 * time.Hour
	}
	quiet := log.New(io.Discard, "", 0)
	memory := db.NewMemoryStore()
	seconds := uint64(w.Life / time.Second)
	profiles := map[string]ca.Profile{"default": {Description: "the usual one", ValidityPeriod: seconds}}
	if w.Shortlived {
		profiles["shortlived"] = ca.Profile{Description: "for six days", ValidityPeriod: 6 * 24 * 3600}
	}
	for id, key := range w.EAB {
		if err := memory.AddExternalAccountKeyByID(id, key); err != nil {
			t.Fatal(err)
		}
	}
	issuer := ca.New(quiet, memory, "", "ecdsa", 0, 1, profiles)
	front := wfe.New(quiet, memory, va.New(quiet, w.HTTPPort, 0, false, w.Nameserver, memory), issuer, []string{"pebble.test"}, false, w.EAB != nil, 0, 0)
	a := &Authority{management: front.ManagementHandler()}
	handler := front.Handler()
	// No other has this path: the client keeps directories by their URL for as long as the process lives, and ports come back.
	path := wfe.DirectoryPath + "/" + strconv.FormatInt(ordinal.Add(1), 10)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before := a.Before.Load(); before != nil && (*before)(w, r) {
			return
		}
		if r.URL.Path == path {
			r.URL.Path = wfe.DirectoryPath
		}
		seen := &status{ResponseWriter: w}
		handler.ServeHTTP(seen, r)
		if r.URL.Path == "/order-plz" && seen.code == http.StatusCreated {
			a.orders.Add(1)
		}
	}))
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	a.Directory = server.URL + path
	a.Roots = filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(a.Roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	root := httptest.NewRecorder()
	a.management.ServeHTTP(root, httptest.NewRequest(http.MethodGet, wfe.RootCertPath+"0", nil))
	a.Root = root.Body.Bytes()
	return a
}

// status remembers what was answered.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Orders is how many orders were placed.
func (a *Authority) Orders() int { return int(a.orders.Load()) }

// Wants has it say that a certificate, in PEM, is to be renewed in a window.
func (a *Authority) Wants(t testing.TB, certificate string, start, end time.Time) {
	t.Helper()
	window := map[string]map[string]time.Time{"suggestedWindow": {"start": start, "end": end}}
	text, err := json.Marshal(window)
	if err == nil {
		text, err = json.Marshal(map[string]string{"certificate": certificate, "ariResponse": string(text)})
	}
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/set-renewal-info/", bytes.NewReader(text))
	r.Header.Set("User-Agent", "a test")
	a.management.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("the window was not set: %d %s", w.Code, w.Body)
	}
}
