package cluster

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// question is what a resolver asks for somebody.
type question struct {
	packed []byte
	typ    uint16
	client netip.Addr // invalid: nothing is said of him, and the resolver is nowhere itself
	bits   int        // of his address are told
}

// questions are those of all clients, for both types, with all of their address and with as much of it as resolvers tell.
func (tb *table) questions(t testing.TB) (list []question) {
	t.Helper()
	add := func(client netip.Addr, bits int, typ uint16) {
		m := new(dns.Msg).SetQuestion("www.example.org.", typ)
		m.SetEdns0(1232, false)
		if client.IsValid() {
			family, p := uint16(1), netip.PrefixFrom(client, bits).Masked()
			if client.Is6() {
				family = 2
			}
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: family, SourceNetmask: uint8(bits), Address: p.Addr().AsSlice()}}
		}
		packed, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, question{packed, typ, client, bits})
	}
	for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA} {
		add(netip.Addr{}, 0, typ)
		for _, client := range tb.clients() {
			add(client, client.BitLen(), typ)
			told := 24
			if client.Is6() {
				told = 56
			}
			if _, scope := tb.answer(client, typ, nil); scope <= told && client == netip.PrefixFrom(client, told).Masked().Addr() {
				add(client, told, typ)
			}
		}
	}
	return list
}

// want is the answer while POPs are out, as text.
func (q *question) want(tb *table, mask []string) string {
	if !q.client.IsValid() {
		return tb.given(tb.nearest(tb.pops[0]), q.typ, mask)
	}
	address, scope := tb.answer(q.client, q.typ, mask)
	return fmt.Sprintf("%s/%d", address, scope)
}

func (q *question) String() string {
	return fmt.Sprintf("%s for %v/%d", dns.TypeToString[q.typ], q.client, q.bits)
}

// given is an answer as text. How long it may be kept depends on whether a POP is in doubt.
func (q *question) given(m *dns.Msg) string {
	if m.Rcode != dns.RcodeSuccess || len(m.Answer) != 1 || !slices.Contains([]uint32{60, 20}, m.Answer[0].Header().Ttl) {
		return fmt.Sprint(dns.RcodeToString[m.Rcode], m.Answer)
	}
	address := ""
	switch rr := m.Answer[0].(type) {
	case *dns.A:
		address = rr.A.String()
	case *dns.AAAA:
		address = rr.AAAA.String()
	}
	if opt := m.IsEdns0(); opt != nil {
		for _, option := range opt.Option {
			if subnet, is := option.(*dns.EDNS0_SUBNET); is && int(subnet.SourceNetmask) == q.bits {
				return fmt.Sprintf("%s/%d", address, subnet.SourceScope)
			}
		}
	}
	return address
}

// asker asks one POP, at home.
type asker struct {
	conn net.Conn
	asks []question
	id   uint16
}

func (f *fleet) asker(t testing.TB, name string) *asker {
	t.Helper()
	conn, err := f.Dial("home", "udp", net.JoinHostPort(f.Address(name), "53"))
	if err != nil {
		t.Fatal(err)
	}
	return &asker{conn: conn, asks: f.asks}
}

// pace is how often everything is asked by who waits for something. It takes a part of the machine that nobody misses.
const pace = 200 * time.Millisecond

// window is how many questions are on their way at a time: the buffers of sockets have room for them.
const window = 32

// all asks everything, and gives the answers in the order of the questions; "": none came.
func (a *asker) all(patience time.Duration) []string {
	answers := make([]string, len(a.asks))
	first, sent := a.id, 0
	a.conn.SetReadDeadline(time.Now().Add(patience))
	buffer := make([]byte, 4096)
	for missing := len(answers); missing > 0; {
		for ; sent < len(answers) && sent-(len(answers)-missing) < window; sent++ {
			packed := a.asks[sent].packed
			a.conn.Write(append([]byte{byte(a.id >> 8), byte(a.id)}, packed[2:]...)) // what is lost of it is missed below
			a.id++
		}
		n, err := a.conn.Read(buffer)
		if err != nil {
			return answers
		}
		m := new(dns.Msg)
		if m.Unpack(buffer[:n]) != nil {
			continue
		}
		if i := int(m.Id - first); i < len(answers) && answers[i] == "" {
			answers[i] = a.asks[i].given(m)
			missing--
		}
	}
	return answers
}

// becomes waits until every answer at some POPs is that of a table without POPs, scopes included, and says how long that took.
func (f *fleet) becomes(t testing.TB, at []string, mask ...string) time.Duration {
	t.Helper()
	begin := time.Now()
	want := make([]string, len(f.asks))
	for i := range f.asks {
		want[i] = f.asks[i].want(f.table, mask)
	}
	var work sync.WaitGroup
	for _, name := range at {
		a := f.asker(t, name)
		work.Go(func() {
			defer a.conn.Close()
			for {
				got := a.all(time.Second)
				if slices.Equal(got, want) {
					return
				}
				if time.Since(begin) > verdictTime || t.Context().Err() != nil {
					t.Errorf("%s does not answer as without %v: %s\n%s", name, mask, f.differs(got, want), f.pops[name].Log)
					return
				}
				time.Sleep(pace)
			}
		})
	}
	if work.Wait(); t.Failed() {
		t.FailNow()
	}
	return time.Since(begin)
}

// verdictTime is longer than any verdict takes, also of half of all POPs, on a machine that has much else to do.
const verdictTime = 2 * time.Minute

// differs names the first answer that is not as it should be.
func (f *fleet) differs(got, want []string) string {
	for i := range want {
		if got[i] != want[i] {
			return fmt.Sprintf("%v is %q, want %q", &f.asks[i], got[i], want[i])
		}
	}
	return "nothing"
}

// steadily asks some POPs all the time, until it is told to stop: each answer has to be there, and as in a table without one of these
// sets of POPs. It says how many there were.
func (f *fleet) steadily(t testing.TB, at []string, masks ...[]string) (stop func() int) {
	t.Helper()
	may := make([][]string, len(f.asks))
	for i := range f.asks {
		for _, mask := range masks {
			may[i] = append(may[i], f.asks[i].want(f.table, mask))
		}
	}
	end := make(chan struct{})
	var work sync.WaitGroup
	counts := make([]int, len(at))
	for n, name := range at {
		a := f.asker(t, name)
		work.Go(func() {
			defer a.conn.Close()
			for tick := time.NewTicker(2 * pace); ; {
				select {
				case <-end:
					tick.Stop()
					return
				case <-tick.C:
				}
				for i, got := range a.all(lostAfter) {
					if counts[n]++; !slices.Contains(may[i], got) {
						t.Errorf("meanwhile %s says of %v %q, want one of %q", name, &f.asks[i], got, may[i])
						return
					}
				}
			}
		})
	}
	enough := sync.OnceFunc(func() {
		close(end)
		work.Wait()
	})
	t.Cleanup(enough)
	return func() (sum int) {
		enough()
		for _, n := range counts {
			sum += n
		}
		return sum
	}
}
