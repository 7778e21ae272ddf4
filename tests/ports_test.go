package tests

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// ports are a test's own: of the nameserver, of the pages, and of an application behind them.
type ports struct{ dns, http, https, app int }

// freePorts gives ports that nobody else uses while the test runs.
func freePorts() (p ports, err error) {
	for _, port := range []*int{&p.dns, &p.http, &p.https, &p.app} {
		if *port, err = freePort(); err != nil {
			return p, err
		}
	}
	return p, nil
}

// in writes the ports into a text, in which $PORT, $HTTP, $HTTPS and $APP stand for them.
func (p ports) in(text string) string {
	return strings.NewReplacer("$PORT", fmt.Sprint(p.dns), "$HTTPS", fmt.Sprint(p.https), "$HTTP", fmt.Sprint(p.http), "$APP", fmt.Sprint(p.app)).Replace(text)
}

// writeInto writes the ports into every file of a test.
func (p ports) writeInto(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(p.in(string(text))), 0o644)
	})
}

// lastPort is the port that was given out last.
var lastPort atomic.Int32

// freePort gives a port that is free, for UDP and TCP, on the loopback addresses that tests use. It is one that the
// kernel gives to nobody else meanwhile: those for clients start higher.
func freePort() (int, error) {
	lastPort.CompareAndSwap(0, int32(10_000+os.Getpid()*31%10_000))
	for range 2000 {
		port := int(lastPort.Add(1))
		if portIsFree(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no free port up to %d", lastPort.Load())
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
