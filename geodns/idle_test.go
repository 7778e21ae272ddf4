package geodns

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

const manyClients = 10_000

// Not parallel: it measures the memory of the whole process.
func TestTenThousandIdleClientsCostLittleAndStopNobody(t *testing.T) {
	n := start(t, Config{MaxClients: manyClients, MaxPerAddress: manyClients + 1, IdleTime: time.Hour})
	before := memoryInUse()
	crowd := startCrowd(t, n.addr)
	crowd.expect(t, "all have asked")
	each := float64(memoryInUse()-before) / manyClients
	t.Logf("%.1f kB for each idle client", each/1000)
	if each > 8000 {
		t.Errorf("an idle client costs %.0f octets, want at most 8000", each)
	}

	began := time.Now()
	dial(t, n.addr).asks(1)
	t.Logf("a new client was answered after %v", time.Since(began))
	fmt.Fprintln(crowd.in)
	crowd.expect(t, "the first has made way, others are answered")
}

// memoryInUse is what the heap, the stacks and the runtime's books on them hold.
func memoryInUse() uint64 {
	runtime.GC()
	runtime.GC() // the first shrinks stacks, the second counts them
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse + m.OtherSys
}

// crowd is a process of so many TCP clients: in this one they would take the server's descriptors and memory.
type crowd struct {
	in  io.Writer
	out *bufio.Reader
}

const crowdOf = "TINYCDN_TEST_CROWD_OF" // the address to ask

func startCrowd(t *testing.T, addr string) *crowd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crowdOf+"="+addr)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // ends it
		cmd.Wait()
	})
	return &crowd{in, bufio.NewReader(out)}
}

func (c *crowd) expect(t *testing.T, want string) {
	t.Helper()
	if line, err := c.out.ReadString('\n'); line != want+"\n" {
		t.Fatalf("the clients say %q, %v; want %q", line, err, want)
	}
}

// TestMain makes this program the crowd where it is started as such.
func TestMain(m *testing.M) {
	addr := os.Getenv(crowdOf)
	if addr == "" {
		os.Exit(m.Run())
	}
	clients := make([]net.Conn, manyClients)
	var err error
	for i := range clients {
		if clients[i], err = net.Dial("tcp", addr); err != nil {
			log.Fatal(err)
		}
		clients[i].(*net.TCPConn).SetLinger(0) // leave no port in TIME_WAIT
		mustBeAnswered(clients[i], i)
	}
	fmt.Println("all have asked")
	os.Stdin.Read(make([]byte, 1))
	if n, err := clients[0].Read(make([]byte, 1)); err != io.EOF {
		log.Fatalf("the first: %d octets, %v", n, err)
	}
	for i := 1; i < manyClients; i += 100 {
		mustBeAnswered(clients[i], i)
	}
	fmt.Println("the first has made way, others are answered")
	io.Copy(io.Discard, os.Stdin)
}

func mustBeAnswered(conn net.Conn, n int) {
	conn.SetDeadline(time.Now().Add(patience))
	conn.Write(framed(query(n, 40)))
	got, want := make([]byte, 42), framed(response(n, 40))
	if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, want) {
		log.Fatalf("client %d: got %x, %v; want %x", n, got, err, want)
	}
}

// Not parallel: it takes the whole process's file descriptors.
func TestWithoutDescriptorsTheIdlestClientMakesWay(t *testing.T) {
	n := start(t, Config{})
	var clients []*client
	for i := range 3 {
		c := dial(t, n.addr)
		c.asks(i)
		clients = append(clients, c)
	}
	takeAllFilesBut(t, 2) // for both ends of the new client; but to accept the next takes one more
	dial(t, n.addr).asks(4)
	clients[0].expectEnd()
	clients[1].asks(5)
	clients[2].asks(6)
	udpAsks(t, n.addr, 7)
}

// takeAllFilesBut leaves this process so many file descriptors until the test ends.
func takeAllFilesBut(t *testing.T, spare int) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	few := old
	few.Cur = min(old.Cur, 1000)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old) })
	var taken []*os.File
	for {
		file, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		taken = append(taken, file)
		t.Cleanup(func() { file.Close() })
	}
	for _, file := range taken[:spare] {
		file.Close()
	}
}
