package dashboard

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// TellMap gives the picture of a map, packed: a drawing of large databases has 200 KB, and a quarter of that then.
func (d *Dashboard) TellMap(w http.ResponseWriter, r *http.Request) {
	draw, err := d.host.Map(r.URL.Query().Get("map"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	packed, err := d.pack(draw)
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

// pack packs what is drawn, one picture at a time, so that it is a few MB at most that they take.
func (d *Dashboard) pack(draw func(io.Writer) error) ([]byte, error) {
	d.drawing.Lock()
	defer d.drawing.Unlock()
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	if err := draw(to); err != nil {
		return nil, err
	}
	err := to.Close()
	return packed.Bytes(), err
}
