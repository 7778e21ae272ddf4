package cluster

import (
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// wire lets a listener be reached by way of it, and cuts all connections after so many octets towards it.
type wire struct {
	net.Listener
	to    string
	left  atomic.Int64
	taken atomic.Int64

	mu    sync.Mutex
	ends  []net.Conn // both of each connection
	isCut bool
}

func newWire(t *testing.T, to net.Addr) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l, to: to.String()}
	w.left.Store(1 << 62)
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { w.carry(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); work.Wait() })
	return w
}

// cut ends all connections, and those that are begun, until it is mended.
func (w *wire) cut(is bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.isCut = is; is {
		for _, end := range w.ends {
			end.Close()
		}
		w.ends = nil
	}
}

// holds says whether a connection may be, whose ends these are.
func (w *wire) holds(near, far net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = append(w.ends, near, far)
	return !w.isCut
}

func (w *wire) carry(conn net.Conn) {
	defer conn.Close()
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer far.Close()
	if !w.holds(conn, far) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { io.Copy(conn, far); conn.Close() })
	b := make([]byte, 16<<10)
	for {
		n, err := conn.Read(b)
		if w.left.Add(-int64(n)) < 0 || err != nil {
			break
		}
		w.taken.Add(int64(n))
		far.Write(b[:n])
	}
	conn.Close()
	far.Close()
	back.Wait()
}

// folder is what somebody publishes: files by path.
func folder(t *testing.T, files map[string]string) (dir string, paths []string) {
	t.Helper()
	dir = t.TempDir()
	for path, text := range files {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return dir, paths
}

// next is the generation after parent of these files.
func (c *testCluster) next(t *testing.T, parent *manifest.Signed, files map[string]string) (*manifest.Signed, Source) {
	t.Helper()
	return nextBy(t, c.owner, "owner", parent, files)
}

// nextBy is that of somebody else.
func nextBy(t *testing.T, key roster.PrivateKey, by string, parent *manifest.Signed, files map[string]string) (*manifest.Signed, Source) {
	t.Helper()
	dir, paths := folder(t, files)
	list, err := manifest.Scan(dir, paths)
	if err != nil {
		t.Fatal(err)
	}
	at := map[manifest.Hash]string{}
	for _, f := range list {
		at[f.Hash] = filepath.Join(dir, f.Path)
	}
	m := manifest.Manifest{Number: parent.ID.Number + 1, Parent: parent.ID, Config: "tinycdn.toml", By: by, Time: time.Now(), Files: parent.Follow(list, time.Now())}
	signed, err := m.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed, FromFiles(at)
}

func (c *testCluster) publisher() *Publisher {
	members := *c.members
	members.POPs = slices.Clone(members.POPs)
	return &Publisher{Key: c.owner, Members: &members}
}

func noise(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return string(b)
}
