package dashboard

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// picture is the map as it was drawn last.
type picture struct {
	mu     sync.Mutex // held while it is drawn, which takes as long as a walk through the databases: by one at a time
	of     string     // State.Map
	packed []byte
}

// TellMap gives the map, packed: a drawing of large databases has 300 KB, and 150 then.
func (d *Dashboard) TellMap(w http.ResponseWriter, r *http.Request) {
	of := d.host.MapOf()
	if of == "" {
		http.Error(w, "there is no [maps.NAME], so nobody is sent anywhere", http.StatusNotFound)
		return
	}
	http.NewResponseController(w).SetWriteDeadline(time.Time{}) // it takes as long as it does
	packed, err := d.picture.draw(of, d.host.Map)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed)
		return
	}
	if unpacked, err := gzip.NewReader(bytes.NewReader(packed)); err == nil {
		io.Copy(w, unpacked)
	}
}

// draw draws it, unless what it is of is what it was of.
func (p *picture) draw(of string, paint func() ([]byte, error)) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.packed != nil && p.of == of {
		return p.packed, nil
	}
	svg, err := paint()
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	to.Write(svg)
	to.Close()
	p.of, p.packed = of, packed.Bytes()
	return p.packed, nil
}
