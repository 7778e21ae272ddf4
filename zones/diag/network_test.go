package diag

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"
)

func TestNetworkSaysWhatAnOperatorWants(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, refused := net.Dial("tcp", l.Addr().String())
	past, done := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer done()
	_, late := new(net.Dialer).DialContext(past, "tcp", l.Addr().String())
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("a question: %w", refused), "connection refused"},
		{late, "no answer"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "ntfy.example", IsNotFound: true}}, "there is no host ntfy.example"},
		{&net.DNSError{Err: "server misbehaving", Name: "ntfy.example"}, "the address of ntfy.example is not to be had: server misbehaving"},
		{&net.DNSError{Err: "i/o timeout", Name: "ntfy.example", IsTimeout: true}, "no answer"},
		{errors.New("nonsense"), "nonsense"},
	} {
		if got := Network(c.err); got != c.want {
			t.Errorf("%v: got %q, want %q", c.err, got, c.want)
		}
	}
}
