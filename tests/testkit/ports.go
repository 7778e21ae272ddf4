package testkit

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Ports are a test's own: of the nameserver, of the pages, and of an application behind them.
type Ports struct{ DNS, HTTP, HTTPS, App int }

// FreePorts gives ports that nobody else uses while the test runs.
func FreePorts() (p Ports, err error) {
	for _, port := range []*int{&p.DNS, &p.HTTP, &p.HTTPS, &p.App} {
		if *port, err = freePort(); err != nil {
			return p, err
		}
	}
	return p, nil
}

// In writes the ports into a text, in which $PORT, $HTTP, $HTTPS and $APP stand for them.
func (p Ports) In(text string) string {
	return strings.NewReplacer("$PORT", fmt.Sprint(p.DNS), "$HTTPS", fmt.Sprint(p.HTTPS), "$HTTP", fmt.Sprint(p.HTTP), "$APP", fmt.Sprint(p.App)).Replace(text)
}

// WriteInto writes the ports into every file of a test.
func (p Ports) WriteInto(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(p.In(string(text))), 0o644)
	})
}

// blocks of ports are given to the tests of one package each, since several packages are tested at once. They are ports that
// the kernel gives to nobody meanwhile: those for clients start higher. Whoever listens at claims + N has block N.
const (
	firstPort = 10_000
	blocks    = 20
	blockSize = 500
	claims    = firstPort + blocks*blockSize
)

// given says which ports this process has given to its tests.
var given struct {
	sync.Mutex
	next, end int
	claims    []net.Listener // kept until the process ends
}

// freePort gives a port that is free, for UDP and TCP, on the loopback addresses that tests use.
func freePort() (int, error) {
	given.Lock()
	defer given.Unlock()
	for range 2 * blocks * blockSize {
		if given.next == given.end {
			if err := claimBlock(); err != nil {
				return 0, err
			}
		}
		given.next++
		if port := given.next - 1; portIsFree(port) {
			return port, nil
		}
	}
	return 0, errors.New("there is no free port")
}

// claimBlock takes the next block of ports that nobody has.
func claimBlock() error {
	for block := range blocks {
		claim, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", claims+block))
		if err == nil {
			given.claims = append(given.claims, claim)
			given.next = firstPort + block*blockSize
			given.end = given.next + blockSize
			return nil
		}
	}
	return errors.New("others have all ports for tests")
}

func portIsFree(port int) bool {
	for _, host := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3", "::1"} {
		address := net.JoinHostPort(host, fmt.Sprint(port))
		l, err := net.Listen("tcp", address)
		if err != nil {
			return false
		}
		l.Close()
		c, err := net.ListenPacket("udp", address)
		if err != nil {
			return false
		}
		c.Close()
	}
	return true
}
