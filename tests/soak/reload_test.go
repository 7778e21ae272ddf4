package soak

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

const (
	reloads = 20
	askers  = 4 // over UDP; and as many over TCP
)

// versions counts the versions of a file. Those who ask while one takes the place of another may get either.
type versions struct{ begun, done atomic.Int64 }

// TestReloadUnderLoadLosesNothing changes a zone, the map and the database twenty times while clients keep asking. Every
// question gets its answer, and each is that of a version which was in force between question and answer.
func TestReloadUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, loadHost)
	var zone, steering, places versions
	change := func(round int) {
		zone.change(t, round, func() error {
			return h.Replace("example.org.toml", fmt.Sprintf("[records]\n'@' = { NS = 'ns.example.net.' }\nstatic = { A = '192.0.2.%d' }\ngeo = { geo = 'site' }\n", 100+round))
		})
		steering.change(t, round, func() error {
			return h.Replace("tinycdn.toml", strings.Replace(config(h), "9.9.9.0/24\" = \"fra", "9.9.9.0/24\" = \""+[]string{"fra", "syd"}[round%2], 1))
		})
		places.change(t, round, func() error {
			return testkit.WriteMMDB(filepath.Join(h.Folder, "places.mmdb"), "81.2.69.0/24 "+[]string{"GB 51.51,-0.13", "AU -33.87,151.21"}[round%2])
		})
	}
	change(0)
	h.Start(t)

	questions := []struct {
		msg   []byte
		of    *versions
		wants func(version int64, addr string) bool
	}{
		{testkit.Query(t, "static.example.org.", dns.TypeA), &zone, func(v int64, addr string) bool { return addr == fmt.Sprintf("192.0.2.%d", 100+v) }},
		{testkit.Query(t, "geo.example.org.", dns.TypeA, from("9.9.9.0")), &steering, byParity},
		{testkit.Query(t, "geo.example.org.", dns.TypeA, from("81.2.69.0")), &places, byParity},
	}
	var asked atomic.Int64
	stop := make(chan struct{})
	var work sync.WaitGroup
	failures := make(chan error, 2*askers)
	for i := range 2 * askers {
		network := []string{"udp", "tcp"}[i%2]
		conn := &dns.Conn{Conn: h.Dial(t, network)}
		work.Go(func() {
			for n := i; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(testkit.Pace):
				}
				q := &questions[n%len(questions)]
				before := q.of.done.Load()
				addr, err := askAddress(conn, q.msg)
				after := q.of.begun.Load()
				fits := false
				for v := before; v <= after; v++ {
					fits = fits || q.wants(v, addr)
				}
				if err != nil || !fits {
					failures <- fmt.Errorf("%s: question %d of %d while version %d to %d: got %q %v", network, n%len(questions), asked.Load(), before, after, addr, err)
					return
				}
				asked.Add(1)
			}
		})
	}

	for round := 1; round <= reloads; round++ {
		seen := asked.Load()
		change(round)
		if err := h.Reload(); err != nil {
			t.Error(err)
			break
		}
		for _, v := range []*versions{&zone, &steering, &places} {
			v.done.Store(int64(round))
		}
		for asked.Load() < seen+20 && len(failures) == 0 { // some questions to each version alone
			time.Sleep(testkit.Pace)
		}
	}
	close(stop)
	work.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	if asked.Load() < 20*reloads {
		t.Errorf("only %d questions were asked", asked.Load())
	}
}

func (v *versions) change(t *testing.T, to int, act func() error) {
	t.Helper()
	v.begun.Store(int64(to))
	if err := act(); err != nil {
		t.Fatal(err)
	}
}

func byParity(version int64, addr string) bool {
	return addr == []string{"192.0.2.2", "192.0.2.3"}[version%2]
}

func from(address string) func(*dns.Msg) {
	return func(m *dns.Msg) { testkit.AddOption(m, testkit.Subnet(address, 24)) }
}

// askAddress asks once; a lost question is an error.
func askAddress(conn *dns.Conn, msg []byte) (string, error) {
	conn.SetDeadline(time.Now().Add(testkit.Patience))
	if _, err := conn.Write(msg); err != nil {
		return "", err
	}
	reply, err := conn.ReadMsg()
	if err != nil {
		return "", err
	}
	if len(reply.Answer) != 1 {
		return "", errors.New(reply.String())
	}
	a, ok := reply.Answer[0].(*dns.A)
	if !ok {
		return "", errors.New(reply.String())
	}
	return a.A.String(), nil
}

// config is the host's tinycdn.toml as it was at first.
func config(h *testkit.Host) string {
	_, text, _ := strings.Cut(loadHost, "-- tinycdn.toml --\n")
	return h.Ports.In(text)
}

const loadHost = `
-- tinycdn.toml --
zones = ["example.org.toml"]
pop   = "fra"
dns   = { listen = "127.0.0.1:$PORT" }
geoip = { databases = ["places.mmdb"] }
[pops]
fra = { addresses = "192.0.2.2", location = [50.11, 8.68] }
syd = { addresses = "192.0.2.3", location = [-33.87, 151.21] }
[maps.site]
default  = "fra"
networks = { "9.9.9.0/24" = "fra" }
`

// TestNothingIsAnsweredBeforeEverythingIsLoaded asks from before the start on: the very first answer is right. A server
// that listens while it loads gives wrong ones after every crash.
func TestNothingIsAnsweredBeforeEverythingIsLoaded(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, loadHost)
	if err := errors.Join(
		h.Replace("example.org.toml", "[records]\n'@' = { NS = 'ns.example.net.' }\ngeo = { geo = 'site' }\n"),
		testkit.WriteMMDB(filepath.Join(h.Folder, "places.mmdb"), "81.2.69.0/24 AU -33.87,151.21"),
	); err != nil {
		t.Fatal(err)
	}
	msg := testkit.Query(t, "geo.example.org.", dns.TypeA, from("81.2.69.0"))
	h.Launch(t)
	for begin := time.Now(); time.Since(begin) < testkit.Patience; {
		conn, err := net.Dial("udp", h.Address)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(testkit.Patience))
		conn.Write(msg)
		buf := make([]byte, 1232)
		n, err := conn.Read(buf)
		conn.Close()
		if errors.Is(err, syscall.ECONNREFUSED) { // nobody listens yet
			time.Sleep(testkit.Pace)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if m := testkit.Unpack(t, buf[:n]); len(m.Answer) != 1 || m.Answer[0].(*dns.A).A.String() != "192.0.2.3" {
			t.Errorf("the first answer is\n%v", m)
		}
		if err := h.Ready(); err != nil {
			t.Error(err)
		}
		return
	}
	t.Errorf("no answer\n%s", h.Log)
}
