package files

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"tinycdn/webserver/folder"
	"tinycdn/webserver/page"
)

// A disk that hangs has as many threads wait for it as there are places. All others hear of it, and so do those who look
// for a challenge, as anybody may.
func TestADiskThatHangsTakesSoManyAtATime(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "film.mp4", ".well-known/acme-challenge/token")
	synctest.Test(t, func(t *testing.T) {
		mended := make(chan struct{})
		opened := 0
		disk := NewDisk()
		disk.open = func(in folder.Folder, name string) (*os.File, error) {
			opened++ // by one at a time: the others wait
			<-mended
			return in.Open(name)
		}
		s := Load(Config{Folder: d.path, Disk: disk}, nil).Value
		answers := make(chan *httptest.ResponseRecorder, 2*atATime)
		for range atATime {
			go func() { answers <- get(t, s, "http://example.org/film.mp4") }()
			synctest.Wait()
		}
		for _, url := range []string{"/film.mp4", "/film.mp4", "/.well-known/acme-challenge/token", "/.well-known/acme-challenge/none"} {
			if w := get(t, s, "http://example.org"+url); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
				t.Errorf("%s: got %d %v, want 503 and Retry-After", url, w.Code, w.Header())
			}
		}
		if opened != atATime {
			t.Errorf("%d files are being opened", opened)
		}
		ctx, goneAway := context.WithCancel(t.Context())
		goneAway()
		if in, _, err := s.open(ctx, s.folder, "film.mp4"); in != nil || err != errBusy {
			t.Errorf("a visitor who has gone away: got %v", err)
		}
		close(mended)
		for range atATime {
			if w := <-answers; w.Code != http.StatusOK || w.Body.String() != "this is film.mp4" {
				t.Errorf("in the end: got %d %q", w.Code, w.Body)
			}
		}
		if w := get(t, s, "http://example.org/.well-known/acme-challenge/token"); w.Code != http.StatusOK {
			t.Errorf("mended: got %d", w.Code)
		}
	})
}

// slowVisitor says how many files are being read while it takes what it is sent.
type slowVisitor struct {
	*httptest.ResponseRecorder
	disk *Disk
	most int
}

func (v *slowVisitor) Write(b []byte) (int, error) {
	v.most = max(v.most, len(v.disk.places))
	return v.ResponseRecorder.Write(b)
}

func TestAVisitorWhoTakesAFileSlowlyHoldsNoPlace(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	d.write("film.mp4", words(300_000))
	disk := NewDisk()
	s := Load(Config{Folder: d.path, Disk: disk}, nil).Value
	for range 2 { // before and after its tag is known
		w := &slowVisitor{httptest.NewRecorder(), disk, 0}
		r := httptest.NewRequest("GET", "http://example.org/film.mp4", nil)
		q := page.RequestOf(r)
		a := s.Answer(&q)
		a.Stream.ServeHTTP(w, r)
		if w.Body.Len() != 300_000 || w.most != 0 || len(disk.places) != 0 {
			t.Errorf("got %d bytes, at most %d places taken, %d in the end", w.Body.Len(), w.most, len(disk.places))
		}
	}
}

// hanging is a file whose disk gives nothing until it is mended.
type hanging struct{ mended chan struct{} }

func (h hanging) Read(b []byte) (int, error) {
	<-h.mended
	return strings.NewReader("x").Read(b)
}

func (h hanging) Seek(int64, int) (int64, error) { return 0, nil }

func TestReadingWaitsForAPlaceToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		disk, mended := NewDisk(), make(chan struct{})
		var done atomic.Int32
		for range atATime + 1 {
			go func() {
				io.ReadAtLeast(&queued{hanging{mended}, t.Context(), disk}, make([]byte, 1), 1)
				done.Add(1)
			}()
		}
		synctest.Wait()
		if len(disk.places) != atATime || done.Load() != 0 {
			t.Errorf("%d places are taken, %d are done", len(disk.places), done.Load())
		}
		ctx, goneAway := context.WithCancel(t.Context())
		goneAway()
		if n, err := (&queued{hanging{mended}, ctx, disk}).Read(make([]byte, 1)); n != 0 || err != errBusy {
			t.Errorf("a visitor who has gone away: got %d, %v", n, err)
		}
		close(mended)
		synctest.Wait()
		if len(disk.places) != 0 || done.Load() != atATime+1 {
			t.Errorf("mended: %d places are taken, %d are done", len(disk.places), done.Load())
		}
	})
}
