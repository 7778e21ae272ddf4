package testkit

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// StartWeb starts a host with a certificate for the names of Sites, and with its application.
func StartWeb(t *testing.T, archive string) *Host {
	t.Helper()
	h := Build(t, archive)
	h.StartWeb(t)
	return h
}

// StartWeb starts the server, and the application behind it, with a new certificate.
func (h *Host) StartWeb(t *testing.T) {
	t.Helper()
	now := time.Now()
	hosts := []string{"example.org", "pages.example", "app.example"}
	if _, err := Authority().Issue(filepath.Join(h.Folder, "cert"), now.Add(-time.Hour), now.Add(time.Hour), hosts...); err != nil {
		t.Fatal(err)
	}
	if h.App == nil {
		h.App = NewApp(filepath.Join(h.Folder, "app"))
	}
	app, err := StartApp(h.Ports.App, h.App)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	h.Start(t)
}

// WantPage gets the home page over a new connection, as a visitor who has nothing to do with what others are up to.
func (h *Host) WantPage(t *testing.T) {
	t.Helper()
	visitor := NewVisitor(h.Ports, "127.0.0.1", "http1.1")
	defer Leave(visitor)
	response, body, err := Fetch(visitor, http.MethodGet, "http://example.org/", nil, nil)
	if err != nil {
		t.Errorf("a visitor gets no page: %v\n%s", err, h.Log)
	} else if response.StatusCode != http.StatusOK || len(body) == 0 {
		t.Errorf("a visitor gets %s\n%s", response.Status, body)
	}
}
