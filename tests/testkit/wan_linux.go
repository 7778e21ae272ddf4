package testkit

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// WAN is a wide area network between network namespaces (IPv4 and IPv6): a TUN device in each, and between any two of them a delay and
// a loss. It does in this process what netem does in kernels that have it.
type WAN struct {
	nodes map[string]*wanNode
	byIP  map[netip.Addr]*wanNode
	done  chan struct{}
}

type wanNode struct {
	name  string // of its namespace, too, with a prefix
	space string
	addr  netip.Addr
	addr6 netip.Addr
	no6   string // why there is no addr6
	tun   *os.File
	links map[*wanNode]*wanLink
	isCut atomic.Bool
	sent  atomic.Int64 // octets

	mu   sync.Mutex
	rate float64   // bits a second that it can send
	free time.Time // when its line is free
}

type wanLink struct {
	delay atomic.Int64  // one way, in nanoseconds
	loss  atomic.Uint64 // of a million packets
	queue chan wanPacket
}

type wanPacket struct {
	at   time.Time
	data []byte
}

// wans counts those of this process: each has namespaces of its own.
var wans atomic.Int64

// modem is how long a packet may wait for its sender's line before it is dropped.
const modem = 250 * time.Millisecond

// NewWAN makes namespaces with the names, which can send so many Mbit/s, delay apart from each other, one way. Where that is not
// allowed, the test is skipped.
func NewWAN(t testing.TB, delay time.Duration, rates map[string]float64) *WAN {
	t.Helper()
	w := &WAN{nodes: map[string]*wanNode{}, byIP: map[netip.Addr]*wanNode{}, done: make(chan struct{})}
	i, number := 0, wans.Add(1)
	for name, rate := range rates {
		i++
		n := &wanNode{name: name, space: fmt.Sprintf("tinycdn-%d-%d-%s", os.Getpid(), number, name), rate: rate * 1e6}
		n.addr = netip.AddrFrom4([4]byte{10, 99, 0, byte(i)})
		if out, err := exec.Command("ip", "netns", "add", n.space).CombinedOutput(); err != nil {
			leaveOut(t, "no network namespaces here, without which there is no WAN", fmt.Sprintf("%v %s", err, out))
		}
		t.Cleanup(func() { exec.Command("ip", "netns", "delete", n.space).Run() })
		var err error
		if n.tun, err = openTUN(n.space); err != nil {
			leaveOut(t, "no TUN devices here, without which there is no WAN", err.Error())
		}
		for _, args := range [][]string{{"addr", "add", n.addr.String() + "/24", "dev", "wan0"}, {"link", "set", "wan0", "up"}, {"link", "set", "lo", "up"}} {
			if out, err := exec.Command("ip", append([]string{"-n", n.space}, args...)...).CombinedOutput(); err != nil {
				t.Fatalf("ip %v: %v %s", args, err, out)
			}
		}
		w.nodes[name], w.byIP[n.addr] = n, n
		second := netip.AddrFrom16([16]byte{0: 0xfd, 1: 0x99, 15: byte(i)})
		if out, err := exec.Command("ip", "-n", n.space, "addr", "add", second.String()+"/64", "dev", "wan0", "nodad").CombinedOutput(); err == nil {
			n.addr6, w.byIP[second] = second, n
		} else {
			n.no6 = fmt.Sprintf("%v %s", err, out)
		}
	}
	w.connect(delay)
	t.Cleanup(w.close)
	return w
}

func (w *WAN) connect(delay time.Duration) {
	for _, a := range w.nodes {
		a.links = map[*wanNode]*wanLink{}
		for _, b := range w.nodes {
			if a == b {
				continue
			}
			l := &wanLink{queue: make(chan wanPacket, 20000)}
			l.delay.Store(int64(delay))
			a.links[b] = l
			go func() {
				for {
					select {
					case p := <-l.queue:
						time.Sleep(time.Until(p.at))
						b.tun.Write(p.data)
					case <-w.done:
						return
					}
				}
			}()
		}
	}
	for _, n := range w.nodes {
		go w.read(n)
	}
}

func (w *WAN) close() {
	close(w.done)
	for _, n := range w.nodes {
		n.tun.Close()
	}
}

// openTUN makes the device wan0 in a namespace.
func openTUN(space string) (*os.File, error) {
	fd := 0
	err := within(space, func() (err error) {
		if fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0); err != nil {
			return &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err}
		}
		request, err := unix.NewIfreq("wan0")
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		return unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "wan0"), nil
}

// within does something in a namespace: what is opened there stays there. The thread goes back afterwards, since what it has started
// before would end with it (prctl(2), PR_SET_PDEATHSIG).
func within(space string, do func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	back, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer back.Close()
	there, err := os.Open("/run/netns/" + space)
	if err != nil {
		return err
	}
	defer there.Close()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		return err
	}
	err = do()
	if failed := unix.Setns(int(back.Fd()), unix.CLONE_NEWNET); failed != nil {
		panic("a thread cannot go back to its namespace: " + failed.Error()) // everything else would be done in a wrong one
	}
	return err
}

// read carries what a node sends.
func (w *WAN) read(a *wanNode) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := a.tun.Read(buffer)
		if err != nil {
			return
		}
		b := w.byIP[destination(buffer[:n])]
		if b == nil || b == a || a.isCut.Load() || b.isCut.Load() {
			continue
		}
		l := a.links[b]
		if rand.Uint64N(1e6) < l.loss.Load() {
			continue
		}
		at, ok := a.line(n)
		if !ok {
			continue
		}
		select {
		case l.queue <- wanPacket{at.Add(time.Duration(l.delay.Load())), append([]byte(nil), buffer[:n]...)}:
		default:
		}
	}
}

// destination is that of a packet.
func destination(packet []byte) netip.Addr {
	switch {
	case len(packet) >= 20 && packet[0]>>4 == 4:
		return netip.AddrFrom4([4]byte(packet[16:20]))
	case len(packet) >= 40 && packet[0]>>4 == 6:
		return netip.AddrFrom16([16]byte(packet[24:40]))
	}
	return netip.Addr{}
}

// line says when so many octets have left a node, if its modem has room for them.
func (n *wanNode) line(octets int) (time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	if n.free.Before(now) {
		n.free = now
	}
	if n.free.Sub(now) > modem {
		return now, false
	}
	n.sent.Add(int64(octets))
	n.free = n.free.Add(time.Duration(float64(octets*8) / n.rate * float64(time.Second)))
	return n.free, true
}

// Address is that of a node.
func (w *WAN) Address(name string) string { return w.nodes[name].addr.String() }

// Address6 is that of IPv6. On a machine that has none, the test is skipped.
func (w *WAN) Address6(t testing.TB, name string) string {
	t.Helper()
	n := w.nodes[name]
	if !n.addr6.IsValid() {
		leaveOut(t, "no IPv6 here, by which half of the visitors come", n.no6)
	}
	return n.addr6.String()
}

// Command runs a program at a node.
func (w *WAN) Command(name string, argv ...string) *exec.Cmd {
	cmd := exec.Command("ip", append([]string{"netns", "exec", w.nodes[name].space}, argv...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// Dial connects from a node, as net.Dial does.
func (w *WAN) Dial(from, network, address string) (conn net.Conn, err error) {
	err = within(w.nodes[from].space, func() (err error) {
		conn, err = net.Dial(network, address)
		return err
	})
	return conn, err
}

// Cut takes a node's line away, or gives it back.
func (w *WAN) Cut(name string, cut bool) { w.nodes[name].isCut.Store(cut) }

// Sent is how many octets have left a node.
func (w *WAN) Sent(name string) int64 { return w.nodes[name].sent.Load() }

// Rate sets how many Mbit/s a node can send.
func (w *WAN) Rate(name string, rate float64) {
	n := w.nodes[name]
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rate = rate * 1e6
}

// Link sets the delay, one way, and the share of packets that are lost, between two nodes.
func (w *WAN) Link(a, b string, delay time.Duration, loss float64) {
	for _, l := range []*wanLink{w.nodes[a].links[w.nodes[b]], w.nodes[b].links[w.nodes[a]]} {
		l.delay.Store(int64(delay))
		l.loss.Store(uint64(loss * 1e6))
	}
}
