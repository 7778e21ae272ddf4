package conns

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

var errTimeout = os.ErrDeadlineExceeded

// pipe is a connection through a table, and its client's end. Nothing is sent before it is read.
func pipe(t *testing.T, c Config) (*conn, net.Conn) {
	client, server := net.Pipe()
	t.Cleanup(func() { client.Close(); server.Close() })
	return &conn{Conn: server, table: New(c)}, client
}

func TestSlowLineMayTakeItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, client := pipe(t, Config{WriteTime: 30 * time.Second})
		sent := bytes.Repeat([]byte("0123456789abcdef"), 10*chunkSize/16)
		var got []byte
		go func() {
			for len(got) < len(sent) {
				time.Sleep(25 * time.Second)
				chunk := make([]byte, chunkSize)
				io.ReadFull(client, chunk)
				got = append(got, chunk...)
			}
		}()
		began := time.Now()
		n, err := c.Write(sent)
		synctest.Wait()
		if n != len(sent) || err != nil || !bytes.Equal(got, sent) {
			t.Errorf("wrote %d of %d octets, %v", n, len(sent), err)
		}
		if took := time.Since(began); took != 250*time.Second {
			t.Errorf("took %v, want 250 s", took)
		}
	})
}

func TestWhoStopsReadingHasTheTimeOfOnePiece(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, client := pipe(t, Config{WriteTime: 30 * time.Second})
		go func() {
			time.Sleep(20 * time.Second)
			io.ReadFull(client, make([]byte, chunkSize))
		}()
		began := time.Now()
		n, err := c.Write(make([]byte, 1<<20))
		if n != chunkSize || !errors.Is(err, errTimeout) {
			t.Errorf("wrote %d octets, %v; want one chunk and the deadline", n, err)
		}
		if took := time.Since(began); took != 50*time.Second {
			t.Errorf("took %v, want 20 s and 30 s more", took)
		}
	})
}

func TestDeadlineThatWasAskedForCountsToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, client := pipe(t, Config{WriteTime: 30 * time.Second})
		writeFails := func(after time.Duration) {
			t.Helper()
			began := time.Now()
			if _, err := c.Write([]byte("x")); !errors.Is(err, errTimeout) {
				t.Errorf("got %v, want the deadline", err)
			}
			if took := time.Since(began); took != after {
				t.Errorf("failed after %v, want %v", took, after)
			}
		}
		c.SetWriteDeadline(time.Now().Add(5 * time.Second))
		writeFails(5 * time.Second)
		writeFails(0) // it is over
		c.SetDeadline(time.Now().Add(time.Hour))
		writeFails(30 * time.Second)
		c.SetWriteDeadline(time.Time{})
		writeFails(30 * time.Second)

		// A deadline ends a write that has begun: so does http.Server where the client has gone.
		time.AfterFunc(7*time.Second, func() { c.SetWriteDeadline(time.Unix(1, 0)) })
		writeFails(7 * time.Second)
		c.SetWriteDeadline(time.Time{})
		writeFails(30 * time.Second)

		// One that passes while nothing is written counts for what is written later.
		c.SetWriteDeadline(time.Now().Add(time.Minute))
		time.Sleep(time.Hour)
		writeFails(0)
		c.SetWriteDeadline(time.Time{})
		go io.ReadFull(client, make([]byte, 1))
		if n, err := c.Write([]byte("x")); n != 1 || err != nil {
			t.Errorf("with a reader again: %d, %v", n, err)
		}
	})
}

// moreThanTheKernelHolds between two ends of a connection.
const moreThanTheKernelHolds = 32 << 20

func newFile(t *testing.T, size int) (path string, content []byte) {
	t.Helper()
	content = bytes.Repeat([]byte("0123456789abcde\n"), size/16)
	path = filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, content
}

func TestFilesAndOtherBodiesArriveWhole(t *testing.T) {
	t.Parallel()
	path, content := newFile(t, 4<<20)
	bodies := map[string]http.HandlerFunc{
		"/file": func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) },
		"/bytes": func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		},
		"/write": func(w http.ResponseWriter, r *http.Request) { w.Write(content) },
	}
	addr := serve(t, New(Config{}), func(w http.ResponseWriter, r *http.Request) { bodies[r.URL.Path](w, r) })
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for path := range bodies {
		for _, part := range []struct {
			asked string
			want  []byte
		}{{"", content}, {"bytes=1000000-2999999", content[1000000:3000000]}} {
			if path == "/write" && part.asked != "" {
				continue
			}
			request, _ := http.NewRequest("GET", "http://"+addr+path, nil)
			if part.asked != "" {
				request.Header.Set("Range", part.asked)
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || !bytes.Equal(got, part.want) {
				t.Errorf("%s %s: got %d octets, %v; want %d", path, part.asked, len(got), err, len(part.want))
			}
		}
	}
}

// TestFileIsCopiedByTheKernel asks the connection below for what it was given.
func TestFileIsCopiedByTheKernel(t *testing.T) {
	t.Parallel()
	path, content := newFile(t, 4<<20)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	below := &kernel{}
	c := &conn{Conn: below, table: New(Config{})}
	n, err := c.ReadFrom(io.LimitReader(file, int64(len(content)-1)))
	if n != int64(len(content)-1) || err != nil {
		t.Errorf("copied %d, %v", n, err)
	}
	if below.files != len(content)/chunkSize || below.deadlines != 1 {
		t.Errorf("%d copies of chunks of the file with %d deadlines, want %d with one", below.files, below.deadlines, len(content)/chunkSize)
	}
}

// kernel counts the chunks of files that it copies.
type kernel struct {
	net.Conn
	files, deadlines int
}

func (k *kernel) SetWriteDeadline(time.Time) error { k.deadlines++; return nil }

func (k *kernel) ReadFrom(src io.Reader) (int64, error) {
	if _, ok := src.(*io.LimitedReader).R.(*os.File); ok {
		k.files++
	}
	return io.Copy(io.Discard, src)
}

func TestSlowReaderOfAnythingLosesItsConnection(t *testing.T) {
	t.Parallel()
	path, content := newFile(t, moreThanTheKernelHolds)
	g := New(Config{WriteTime: 200 * time.Millisecond})
	failures := make(chan error, 1)
	bodies := map[string]func(w http.ResponseWriter) error{
		"file":  func(w http.ResponseWriter) error { return copyFile(w, path) },
		"bytes": func(w http.ResponseWriter) error { _, err := io.Copy(w, bytes.NewReader(content)); return err },
		"write": func(w http.ResponseWriter) error { _, err := w.Write(content); return err },
	}
	for name, body := range bodies {
		addr := serve(t, g, func(w http.ResponseWriter, r *http.Request) { failures <- body(w) })
		v := visit(t, addr, "127.0.0.1")
		io.WriteString(v, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if err := <-failures; !errors.Is(err, errTimeout) {
			t.Errorf("%s: got %v, want the deadline", name, err)
		}
	}
}

func copyFile(w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(w, io.LimitReader(file, 1<<30))
	return err
}
