package geodns

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	dnstap "github.com/dnstap/golang-dnstap"
	"github.com/miekg/dns"
	"google.golang.org/protobuf/proto"

	"tinycdn/geodns/geodnstest"
	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/querylog"
	"tinycdn/zones/zonestest"
)

// serveEverything serves the zones of zonestest.Everything.
func serveEverything(t *testing.T, c Config, log *slog.Logger) *nameserver {
	t.Helper()
	f := zonestest.Must(t, zonestest.Everything)
	s, err := Listen(patient(c), func(l *Loop) Answerer { return NewResponder(f.Store, Identity{Name: "fra"}, l) }, log)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, s)
}

// askUDP asks over UDP, and gives the answer and the port it was asked from.
func askUDP(t *testing.T, addr string, query []byte) (answer []byte, port uint16) {
	t.Helper()
	conn, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write(query); err != nil {
		t.Fatal(err)
	}
	answer = make([]byte, 4096)
	n, err := conn.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	return answer[:n], conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

// askTCP asks many queries in one write, among them what is none, and gives their answers.
func askTCP(t *testing.T, addr string, queries ...[]byte) (answers [][]byte, port uint16) {
	t.Helper()
	c := dial(t, addr)
	c.send(framed(append([][]byte{response(1, 12)}, queries...)...))
	for range queries {
		var length [2]byte
		c.read(length[:])
		answer := make([]byte, int(length[0])<<8|int(length[1]))
		c.read(answer)
		answers = append(answers, answer)
	}
	return answers, c.LocalAddr().(*net.TCPAddr).AddrPort().Port()
}

func (c *client) read(b []byte) {
	c.t.Helper()
	if _, err := io.ReadFull(c, b); err != nil {
		c.t.Fatal(err)
	}
}

// line is one of the query log, but for its times.
type line struct {
	Client, Transport, Name, Type, Ecs, Rcode, Pop string
	Port                                           uint16
	Scope                                          *uint8
	Octets                                         int
}

func TestEveryQueryHasItsLine(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "queries.log")
	geo, missing := packQuery(t, "www.example.org.", dns.TypeA, "81.2.69.0/24"), packQuery(t, "nothing.example.org.", dns.TypeMX, "")
	m := new(dns.Msg)
	f := zonestest.Must(t, zonestest.Everything)
	if err := m.Unpack(NewResponder(f.Store, Identity{}, &Loop{}).Respond(nil, geo, loopback, false)); err != nil {
		t.Fatal(err)
	}
	first, _ := netip.AddrFromSlice(m.Answer[0].(*dns.A).A.To4())
	n := serveEverything(t, Config{QueryLog: file, POP: func(a netip.Addr) string {
		if a == first {
			return "the first"
		}
		return ""
	}}, slog.New(slog.DiscardHandler))

	overUDP, port := askUDP(t, n.addr, geo)
	overTCP, tcpPort := askTCP(t, n.addr, missing, geo, missing)
	n.stop() // what was asked is written by then
	scope := overUDP[len(overUDP)-4]
	want := []line{
		{"127.0.0.1", "udp", "www.example.org", "A", "81.2.69.0/24", "NOERROR", "the first", port, &scope, len(overUDP)},
		{"127.0.0.1", "tcp", "nothing.example.org", "MX", "", "NXDOMAIN", "", tcpPort, nil, len(overTCP[0])},
		{"127.0.0.1", "tcp", "www.example.org", "A", "81.2.69.0/24", "NOERROR", "the first", tcpPort, &scope, len(overTCP[1])},
		{"127.0.0.1", "tcp", "nothing.example.org", "MX", "", "NXDOMAIN", "", tcpPort, nil, len(overTCP[2])},
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []line
	for text := range strings.Lines(string(text)) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got = append(got, l)
	}
	if len(got) == len(want) && got[0].Transport == "tcp" { // each loop has a ring: who was first is not known
		got = append(got[3:], got[:3]...)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant %+v", text, want)
	}
	if dropped := n.Stats().Unlogged; dropped != (querylog.Dropped{}) {
		t.Errorf("dropped %+v", dropped)
	}
}

func TestADNSTapReaderGetsTheMessagesAsTheyWere(t *testing.T) {
	t.Parallel()
	tap := geodnstest.ListenTap(t)
	n := serveEverything(t, Config{DNSTap: tap.Path, NSID: "fra", Version: "tinycdn 1"}, slog.New(slog.DiscardHandler))
	came := tap.Accept(t, patience)
	next := func() *dnstap.Dnstap {
		d := new(dnstap.Dnstap)
		if err := proto.Unmarshal(<-came, d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	query := packQuery(t, "www.example.org.", dns.TypeA, "81.2.69.0/24")
	// The first few may come before the reader is known to be there.
	for len(came) == 0 {
		askUDP(t, n.addr, query)
	}
	for next().Message.GetType() != dnstap.Message_AUTH_RESPONSE {
	}
	begin := time.Now()
	answers, port := askTCP(t, n.addr, query)
	for {
		q := next()
		if q.Message.GetSocketProtocol() != dnstap.SocketProtocol_TCP {
			continue
		}
		r := next()
		for kind, d := range map[dnstap.Message_Type]*dnstap.Dnstap{dnstap.Message_AUTH_QUERY: q, dnstap.Message_AUTH_RESPONSE: r} {
			m := d.Message
			asked := time.Unix(int64(m.GetQueryTimeSec()), int64(m.GetQueryTimeNsec()))
			if m.GetType() != kind || string(d.Identity) != "fra" || string(d.Version) != "tinycdn 1" || m.GetQueryPort() != uint32(port) ||
				!bytes.Equal(m.QueryAddress, []byte{127, 0, 0, 1}) || !bytes.Equal(m.ResponseAddress, []byte{127, 0, 0, 1}) ||
				asked.Before(begin) || asked.After(time.Now()) {
				t.Errorf("got %v", d)
			}
		}
		if !bytes.Equal(q.Message.QueryMessage, query) || !bytes.Equal(r.Message.ResponseMessage, answers[0]) {
			t.Errorf("got %v and %v", q, r)
		}
		return
	}
}

func TestAQueryLogThatCannotBeWrittenIsToldAndMissedAlone(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	folder := t.TempDir()
	n := serveEverything(t, Config{QueryLog: folder}, slog.New(slog.NewTextHandler(&log, nil)))
	askUDP(t, n.addr, packQuery(t, "www.example.org.", dns.TypeA, ""))
	n.stop()
	if got := log.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "dns.query_log: the query log "+folder+" cannot be written: is a directory") {
		t.Errorf("the log is %s", got)
	}
	if dropped := n.Stats().Unlogged; dropped != (querylog.Dropped{}) {
		t.Errorf("dropped %+v", dropped)
	}
}

// loggedLoop is a loop with a ring of a log that nobody runs, and a batch for it.
func loggedLoop(t testing.TB, file string) (*Loop, []mmsg.Packet) {
	t.Helper()
	f := zonestest.Must(t, zonestest.Everything)
	loop := new(Loop)
	if file != "" {
		log := querylog.New(querylog.Config{File: file}, slog.New(slog.DiscardHandler))
		if err := log.Open(); err != nil {
			t.Fatal(err)
		}
		loop.log = log.NewRing()
	}
	loop.answer = NewResponder(f.Store, Identity{Name: "fra"}, loop)
	packets := make([]mmsg.Packet, 32)
	for i := range packets {
		packets[i] = mmsg.Packet{Client: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), Port: 5353, Query: packQuery(t, "www.example.org.", dns.TypeA, "81.2.69.0/24"), Reply: make([]byte, 0, mmsg.MaxSize)}
	}
	return loop, packets
}

// answerLogged is what serveUDP does with a batch, but for its system calls.
func (l *Loop) answerLogged(packets []mmsg.Packet) {
	if l.log != nil {
		l.log.Begin()
	}
	l.answerPackets(packets)
	if l.log != nil {
		l.logPackets(packets, netip.AddrPort{})
	}
}

func TestALoggedBatchAllocatesNothing(t *testing.T) {
	loop, packets := loggedLoop(t, filepath.Join(t.TempDir(), "queries.log"))
	if n := testing.AllocsPerRun(100, func() { loop.answerLogged(packets) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
