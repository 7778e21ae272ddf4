package channel

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// invited is a machine that waits for its owner's call.
type invited struct {
	address string
	key     roster.PrivateKey
	took    []Welcome
	ended   chan error
}

func waitForCall(t *testing.T, i *roster.Invitation) *invited {
	t.Helper()
	l := listen(t)
	m := &invited{address: l.Addr().String(), key: roster.NewKey(), ended: make(chan error, 1)}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.ended <- Join(ctx, l, m.key, i, nil, func(_ roster.Key, w Welcome) error {
			m.took = append(m.took, w)
			return nil
		})
	}()
	t.Cleanup(func() { stop(); <-done })
	return m
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func welcomeOf(text string) func(roster.Key) (Welcome, error) {
	return func(roster.Key) (Welcome, error) { return Welcome{Roster: []byte(text)}, nil }
}

func TestAnInvitationIsGoodForOnce(t *testing.T) {
	t.Parallel()
	owner := roster.NewKey()
	i := roster.NewInvitation("syd", owner.Public(), time.Now())
	m := waitForCall(t, &i)
	var key roster.Key
	err := Invite(t.Context(), m.address, owner, &i, func(k roster.Key) (Welcome, error) { key = k; return Welcome{Roster: []byte("one")}, nil })
	if err != nil || key != m.key.Public() {
		t.Fatalf("%v, %v", key, err)
	}
	if err := <-m.ended; err != nil || len(m.took) != 1 || string(m.took[0].Roster) != "one" {
		t.Errorf("%+v, %v", m.took, err)
	}
	if err := Invite(t.Context(), m.address, owner, &i, welcomeOf("two")); err == nil {
		t.Error("it is good for twice")
	}
}

func TestWhoHasNotTheInvitationLearnsAndChangesNothing(t *testing.T) {
	t.Parallel()
	owner := roster.NewKey()
	i := roster.NewInvitation("syd", owner.Public(), time.Now())
	other := roster.NewInvitation("syd", owner.Public(), time.Now())
	m := waitForCall(t, &i)
	never := func(roster.Key) (Welcome, error) { t.Error("the roster was signed"); return Welcome{}, nil }
	if err := Invite(t.Context(), m.address, owner, &other, never); !errors.Is(err, ErrUninvited) {
		t.Errorf("another invitation: %v", err)
	}
	if err := Invite(t.Context(), m.address, roster.NewKey(), &i, never); err == nil {
		t.Error("somebody who has the secret, but not the owner's key, is taken for him")
	}
	conn, err := tls.Dial("tcp", m.address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	if err == nil {
		conn.Close()
		t.Error("it speaks HTTP")
	}
	if err := Invite(t.Context(), m.address, owner, &i, welcomeOf("one")); err != nil {
		t.Errorf("it is used up by strangers: %v", err)
	}
}

// TestStrangersDoNotHoldUpTheOwner: half of them say nothing at all, the others nothing after their handshake.
func TestStrangersDoNotHoldUpTheOwner(t *testing.T) {
	t.Parallel()
	owner := roster.NewKey()
	i := roster.NewInvitation("syd", owner.Public(), time.Now())
	m := waitForCall(t, &i)
	config, err := joinConfig(roster.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	var strangers []net.Conn
	for n := range 200 {
		conn, err := net.Dial("tcp", m.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if n%2 == 0 {
			if err := tls.Client(conn, config).Handshake(); err != nil {
				t.Fatal(err)
			}
		}
		strangers = append(strangers, conn)
	}
	if err := Invite(t.Context(), m.address, owner, &i, welcomeOf("one")); err != nil {
		t.Fatal(err)
	}
	if err := <-m.ended; err != nil || len(m.took) != 1 {
		t.Errorf("%+v, %v", m.took, err)
	}
	for n, conn := range strangers {
		if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("stranger %d is left: %v", n, err)
		}
	}
}

// TestAProxyThatEndsTLSIsNoticed: it passes on every octet, but the ends of its two connections have not the same in common.
func TestAProxyThatEndsTLSIsNoticed(t *testing.T) {
	t.Parallel()
	owner := roster.NewKey()
	i := roster.NewInvitation("syd", owner.Public(), time.Now())
	m := waitForCall(t, &i)
	config, err := joinConfig(roster.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	proxy := listen(t)
	go func() {
		for {
			conn, err := proxy.Accept()
			if err != nil {
				return
			}
			near := tls.Server(conn, config)
			near.Handshake()
			far, err := tls.Dial("tcp", m.address, config)
			if err != nil {
				near.Close()
				continue
			}
			go func() { io.Copy(far, near); far.Close() }()
			go func() { io.Copy(near, far); near.Close() }()
		}
	}()
	err = Invite(t.Context(), proxy.Addr().String(), owner, &i, func(roster.Key) (Welcome, error) {
		t.Error("the key of the proxy is taken")
		return Welcome{}, nil
	})
	if !errors.Is(err, ErrUninvited) {
		t.Errorf("%v", err)
	}
	if len(m.took) != 0 {
		t.Errorf("the machine took %+v", m.took)
	}
}
