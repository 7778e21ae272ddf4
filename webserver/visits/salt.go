package visits

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"time"
)

// salt is the key of a day's hashes. All POPs have the same, so that who comes to two of them is one visitor; and when it is forgotten,
// nobody can find out any more whose a hash was.
type salt struct {
	Made   int64  `json:"made"` // in seconds since 1970
	Secret []byte `json:"secret"`
}

// salts are those of this day and the next, by day.
type salts map[string]salt

const (
	saltSize = 32
	// aheadTime is how long before a day its salt is made: POPs that are apart for less than that have the same from the first second on.
	aheadTime = 12 * time.Hour
	// mostSalts that are known at a time: of today and tomorrow, by two clocks.
	mostSalts = 4
)

// renew forgets the salts of days that are over, and makes those that are due and that nobody has made yet.
func (s salts) renew(now time.Time) (changed bool) {
	today := dateOf(now)
	for date := range s {
		if date < today {
			delete(s, date)
			changed = true
		}
	}
	for _, date := range []string{today, dateOf(now.Add(aheadTime))} {
		if _, has := s[date]; !has {
			secret := make([]byte, saltSize)
			rand.Read(secret)
			s[date] = salt{now.Unix(), secret}
			changed = true
		}
	}
	return changed
}

// take takes those of another POP that were made before ours, so that whoever hears of two keeps the same. Nobody has to say who makes one.
func (s salts) take(theirs salts, now time.Time) (changed bool) {
	first, last := dateOf(now), dateOf(now.Add(24*time.Hour))
	for date, their := range theirs {
		if date < first || date > last {
			continue // of a clock that is off, or forgotten here
		}
		our, has := s[date]
		if !has || their.Made < our.Made || their.Made == our.Made && bytes.Compare(their.Secret, our.Secret) < 0 {
			s[date] = their
			changed = true
		}
	}
	return changed
}

// parseSalts reads those of another POP, or of before a restart.
func parseSalts(text []byte) (salts, error) {
	s := salts{}
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	if len(s) > mostSalts {
		return nil, fmt.Errorf("%d salts: there are %d at most", len(s), mostSalts)
	}
	for date, one := range s {
		if _, err := time.Parse(time.DateOnly, date); err != nil || len(one.Secret) != saltSize {
			return nil, fmt.Errorf("%.20q has no salt of %d octets", date, saltSize)
		}
	}
	return s, nil
}

// hasher makes hashes of visitors with a day's salt.
type hasher struct {
	secret []byte
	mac    hash.Hash
	room   [sha256.Size]byte
}

// of is the hash of a visitor: of the site, the IPv4 address or the /64, and what his browser calls itself.
func (h *hasher) of(secret []byte, v *view) uint64 {
	if h.mac == nil || !bytes.Equal(secret, h.secret) {
		h.secret, h.mac = secret, hmac.New(sha256.New, secret)
	}
	client := v.client.As16()
	h.mac.Reset()
	h.mac.Write(v.site)
	h.mac.Write([]byte{0})
	h.mac.Write(client[:])
	h.mac.Write(v.agent)
	return binary.BigEndian.Uint64(h.mac.Sum(h.room[:0]))
}

// dateOf is the day of a moment, as it is called everywhere on Earth.
func dateOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }
