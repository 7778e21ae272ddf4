package channel

import (
	"context"
	"crypto/hmac"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// JoinProtocol is what a machine speaks by ALPN that was invited, and is no member yet.
const JoinProtocol = "tinycdn-join/1"

// Welcome is what a machine gets that has shown its invitation.
type Welcome struct {
	Listen []string `json:"listen"` // where its channel is to listen; none: at the usual place
	Roster []byte   `json:"roster"` // signed, with its key in it
}

// ErrUninvited is that the other side of a connection has not the secret of this invitation.
var ErrUninvited = errors.New("the other side does not know this invitation: it has another one, or something between ends TLS")

// bindingLabel is for what only the two ends of a connection know (RFC 5705; RFC 8446, 7.5).
const bindingLabel = "EXPORTER-tinycdn-join"

// maxJoin in octets is room for a roster.
const maxJoin = 256 << 10

func joinConfig(key roster.PrivateKey) (*tls.Config, error) {
	certificate, err := certificate(key)
	return &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13, NextProtos: []string{JoinProtocol},
		SessionTicketsDisabled: true, ClientAuth: tls.RequireAnyClientCert,
		InsecureSkipVerify: true, // in favour of the proofs that are exchanged
	}, err
}

// joining is a connection between two of whom neither knows the other yet.
type joining struct {
	*tls.Conn
	in      *json.Decoder
	peer    roster.Key
	binding []byte
}

func shake(ctx context.Context, conn *tls.Conn) (j joining, err error) {
	if err := conn.HandshakeContext(ctx); err != nil {
		return j, err
	}
	conn.SetDeadline(time.Now().Add(handshakeTime))
	state := conn.ConnectionState()
	if state.NegotiatedProtocol != JoinProtocol {
		return j, fmt.Errorf("the other side does not speak %s", JoinProtocol)
	}
	j = joining{Conn: conn, in: json.NewDecoder(io.LimitReader(conn, maxJoin))}
	if j.peer, err = KeyOf(state); err != nil {
		return j, err
	}
	j.binding, err = state.ExportKeyingMaterial(bindingLabel, nil, 32)
	return j, err
}

func (j *joining) say(value any) error { return json.NewEncoder(j).Encode(value) }

// hearProof reads the other side's proof.
func (j *joining) hearProof(i *roster.Invitation, who string) error {
	var proof []byte
	if err := j.in.Decode(&proof); err != nil {
		return fmt.Errorf("%w (%w)", ErrUninvited, err)
	}
	if !hmac.Equal(proof, i.Proof(who, j.binding)) {
		return ErrUninvited
	}
	return nil
}

// Invite calls the machine at an address, on behalf of the owner. Welcome is called with the key of the machine once that has shown that
// it was invited. What it gives has arrived, and was taken, when Invite returns nil.
func Invite(ctx context.Context, address string, owner roster.PrivateKey, i *roster.Invitation, welcome func(roster.Key) (Welcome, error)) error {
	config, err := joinConfig(owner)
	if err != nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, handshakeTime)
	defer done()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	j, err := shake(ctx, tls.Client(conn, config))
	if err != nil {
		return err
	}
	if err := j.say(i.Proof("owner", j.binding)); err != nil {
		return fmt.Errorf("%w (%w)", ErrUninvited, err)
	}
	if err := j.hearProof(i, "pop"); err != nil {
		return err
	}
	w, err := welcome(j.peer)
	if err != nil {
		return err
	}
	if err := j.say(w); err != nil {
		return err
	}
	var wrong string
	if err := j.in.Decode(&wrong); err != nil {
		return fmt.Errorf("the machine hung up before it had taken the roster: %w", err)
	}
	if wrong != "" {
		return fmt.Errorf("the machine says: %s", wrong)
	}
	return nil
}

// Join waits at a listener for the call of whoever has invited this machine, until ctx ends. How many strangers are at it is for the
// listener to bound: a limit here would have the owner wait behind them. Proven is told of whoever has shown the secret; it may be nil.
// Take is called once, with the owner's key and what he gives, and says what is wrong with it. Then the invitation is used up. The
// listener is closed.
func Join(ctx context.Context, l net.Listener, key roster.PrivateKey, i *roster.Invitation, proven func(net.Conn), take func(owner roster.Key, w Welcome) error) error {
	config, err := joinConfig(key)
	if err != nil {
		return err
	}
	ctx, done := context.WithCancel(ctx)
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var calls sync.WaitGroup
	var once sync.Mutex
	joined := false
	for {
		conn, err := l.Accept()
		if err != nil {
			done()
			calls.Wait()
			if joined {
				return nil
			}
			return err
		}
		calls.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			j, w, err := hearWelcome(ctx, tls.Server(conn, config), i, func() {
				if proven != nil {
					proven(conn)
				}
			})
			if err != nil {
				return // whoever that was, he was not the owner
			}
			once.Lock()
			defer once.Unlock()
			if joined {
				return
			}
			wrong := ""
			if err := take(j.peer, w); err != nil {
				wrong = err.Error()
			} else {
				joined = true
			}
			j.say(wrong)
			if joined {
				l.Close()
			}
		})
	}
}

// hearWelcome is the machine's side of a call.
func hearWelcome(ctx context.Context, conn *tls.Conn, i *roster.Invitation, proven func()) (j joining, w Welcome, err error) {
	ctx, done := context.WithTimeout(ctx, handshakeTime)
	defer done()
	if j, err = shake(ctx, conn); err != nil {
		return j, w, err
	}
	if !i.IsOf(j.peer) {
		return j, w, ErrUninvited
	}
	if err := j.hearProof(i, "owner"); err != nil {
		return j, w, err
	}
	proven()
	if err := j.say(i.Proof("pop", j.binding)); err != nil {
		return j, w, err
	}
	err = j.in.Decode(&w)
	return j, w, err
}
