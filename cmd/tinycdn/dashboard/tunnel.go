package dashboard

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Tunnel has ssh lead from a socket here, in a folder of its own, to the one of a POP, until end. No port is opened at either side.
func Tunnel(ctx context.Context, host, socket string) (here string, end func(), err error) {
	folder, err := os.MkdirTemp("", "tinycdn-")
	if err != nil {
		return "", nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	here = filepath.Join(folder, "pop")
	c := exec.CommandContext(ctx, "ssh", "-N", "-T", "-o", "ExitOnForwardFailure=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=10",
		"-o", "StreamLocalBindMask=0177", "-L", here+":"+socket, "--", host)
	c.WaitDelay = time.Second
	var wrong bytes.Buffer
	c.Stdin, c.Stderr = os.Stdin, &wrong // ssh asks its questions at the terminal itself
	over := make(chan error, 1)
	if err = c.Start(); err == nil {
		go func() { over <- c.Wait() }()
		err = await(ctx, here, over)
	}
	end = func() {
		stop()
		if c.Process != nil {
			over <- <-over
		}
		os.RemoveAll(folder)
	}
	if err != nil {
		end()
		return "", nil, fmt.Errorf("%s: %s", host, cmp.Or(strings.TrimSpace(wrong.String()), err.Error()))
	}
	return here, end, nil
}

// await waits until somebody listens at a socket, or the program that is to has ended.
func await(ctx context.Context, socket string, over chan error) error {
	for {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			return nil
		}
		select {
		case err := <-over:
			over <- err
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
