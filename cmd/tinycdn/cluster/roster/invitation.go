package roster

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Invitation lets one machine become a POP without ssh. Whoever has it can: it is a secret, for an hour, and for once.
type Invitation struct {
	Name   string // of the POP
	Owner  [16]byte
	Secret [16]byte
	Until  time.Time // to the second
}

// invitationTime is how long somebody may take to type it in at the machine.
const invitationTime = time.Hour

// NewInvitation is for a POP, from the owner of a cluster.
func NewInvitation(name string, owner Key, now time.Time) Invitation {
	i := Invitation{Name: name, Owner: ownerHash(owner), Until: now.Add(invitationTime).Truncate(time.Second)}
	rand.Read(i.Secret[:]) // never fails
	return i
}

func ownerHash(owner Key) [16]byte {
	sum := sha256.Sum256(owner[:])
	return [16]byte(sum[:16])
}

// IsOf says whether the holder of that key has made it.
func (i *Invitation) IsOf(owner Key) bool { return i.Owner == ownerHash(owner) }

// invitationSize in octets: the owner, the secret, the time, and a sum against typing mistakes.
const invitationSize = 16 + 16 + 4 + 2

var invitationEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// String is the invitation as it is typed: the name, a hyphen, and 61 letters and digits.
func (i *Invitation) String() string {
	text := append(bytes.Clone(i.Owner[:]), i.Secret[:]...)
	text = binary.BigEndian.AppendUint32(text, uint32(i.Until.Unix()))
	text = append(text, i.sum(text)...)
	return i.Name + "-" + invitationEncoding.EncodeToString(text)
}

func (i *Invitation) sum(text []byte) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s", i.Name, text))
	return sum[:2]
}

var errNoInvitation = errors.New("this is no invitation, or not all of it: want the word that tinycdn invite has printed")

// ParseInvitation reads what String wrote. Its errors quote nothing of it.
func ParseInvitation(text string) (i Invitation, err error) {
	at := strings.LastIndexByte(text, '-')
	if at < 0 || Valid(text[:at]) != nil {
		return i, errNoInvitation
	}
	i.Name = text[:at]
	octets, err := invitationEncoding.DecodeString(text[at+1:])
	if err != nil || len(octets) != invitationSize || invitationEncoding.EncodeToString(octets) != text[at+1:] {
		return Invitation{}, errNoInvitation
	}
	rest := octets[:invitationSize-2]
	if !bytes.Equal(i.sum(rest), octets[len(rest):]) {
		return Invitation{}, errNoInvitation
	}
	i.Owner, i.Secret = [16]byte(rest), [16]byte(rest[16:])
	i.Until = time.Unix(int64(binary.BigEndian.Uint32(rest[32:])), 0)
	return i, nil
}

// Proof is what shows, to the other side of one connection alone, that somebody has the secret. Who is "owner" or "pop", and binding
// is what only the two ends of the connection know (RFC 5705): whoever is between them has two of those.
func (i *Invitation) Proof(who string, binding []byte) []byte {
	mac := hmac.New(sha256.New, i.Secret[:])
	fmt.Fprintf(mac, "tinycdn join 1\n%s\n%s\n", who, i.Name)
	mac.Write(binding)
	return mac.Sum(nil)
}
