package sign

import (
	"crypto/ecdsa"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

var now = time.Unix(1_800_000_000, 0)

// recordsOf are the records of a zone with as many names.
func recordsOf(names int) *records.Set {
	s := records.New()
	s.Main, s.SignedHere = "example.zone", true
	add := func(owner string, typ uint16, ttl uint32, data string) {
		s.Record(&zonefile.Record{Owner: []byte(owner), Type: typ, TTL: ttl, Data: []byte(data), File: "example.zone", Line: 1})
	}
	add(string(apex), rr.TypeSOA, 300, "\x02ns\x04test\x00\x01h\x04test\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04\x00\x00\x00\x3c")
	add(string(apex), rr.TypeNS, 300, "\x02NS\x04test\x00")
	for i := range names {
		label := fmt.Sprint("n", i)
		add(string(rune(len(label)))+label+string(apex), rr.TypeA, 300, "\xc0\x00\x02\x01")
	}
	return s
}

// TestNothingBogusIsGivenAway: neither by a signer that errs, nor by one with a key that is not the zone's; and none of it is remembered.
func TestNothingBogusIsGivenAway(t *testing.T) {
	t.Parallel()
	for what, digest := range map[string]func(*ecdsa.PrivateKey, []byte) ([]byte, error){
		"a bit that flips": func(key *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
			signature, err := signDigest(key, digest)
			signature[17] ^= 4
			return signature, err
		},
		"another key": func(_ *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
			return signDigest(mustKey(t).private, digest)
		},
		"another digest": func(key *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
			digest[0]++
			return signDigest(key, digest)
		},
	} {
		cache := new(Cache)
		s := NewSigner(apex, mustKey(t), cache, now)
		s.digest = digest
		problems := s.Zone(recordsOf(3), 7)
		if len(problems) != 1 || !strings.Contains(problems[0].Text, "does not hold, so nothing of the zone is published") || cache.Len() != 0 {
			t.Errorf("%s: got %v, and %d are remembered", what, problems, cache.Len())
		}
	}
}

func TestASignatureThatCannotBeMadeIsTold(t *testing.T) {
	t.Parallel()
	s := NewSigner(apex, mustKey(t), nil, now)
	s.digest = func(*ecdsa.PrivateKey, []byte) ([]byte, error) { return nil, errSignature }
	if problems := s.Zone(recordsOf(1), 7); len(problems) != 1 || !strings.Contains(problems[0].Text, "cannot be signed") {
		t.Errorf("got %v", problems)
	}
}

// TestWhatIsTheSameIsSignedOnce: the second time, and after an edit, the cache has what has not changed; and what is no longer signed is
// forgotten in time.
func TestWhatIsTheSameIsSignedOnce(t *testing.T) {
	t.Parallel()
	cache, key, made := new(Cache), mustKey(t), 0
	signAt := func(now time.Time, names int) int {
		s := NewSigner(apex, key, cache, now)
		s.digest = func(key *ecdsa.PrivateKey, digest []byte) ([]byte, error) { made++; return signDigest(key, digest) }
		made = 0
		if problems := s.Zone(recordsOf(names), 1); len(problems) > 0 {
			t.Fatal(problems)
		}
		return made
	}
	const all = 6 + 2*50 // SOA, NS, DNSKEY, CDS, CDNSKEY and NSEC of the apex; A and NSEC of the others
	if got := signAt(now, 50); got != all {
		t.Errorf("%d signatures, want %d", got, all)
	}
	if got := signAt(now.Add(time.Second), 50); got != 0 {
		t.Errorf("%d signatures again", got)
	}
	if got := signAt(now, 51); got != 3 { // its A and NSEC, and the NSEC before
		t.Errorf("%d signatures for a name more", got)
	}
	for day := range 30 {
		if got := signAt(now.Add(time.Duration(day+1)*24*time.Hour), 50); got < 4 || got > 50 {
			t.Errorf("day %d: %d signatures", day, got)
		}
	}
	if n := cache.Len(); n > 2*all {
		t.Errorf("%d are remembered", n)
	}
}

// BenchmarkZone signs 100,000 names, from their records to those of a signed zone, and tells what that takes of the CPU.
func BenchmarkZone(b *testing.B) {
	key, cache := mustKey(b), new(Cache)
	for _, cached := range []bool{false, true} {
		b.Run(fmt.Sprintf("cached=%v", cached), func(b *testing.B) {
			var taken time.Duration
			for b.Loop() {
				b.StopTimer()
				if !cached {
					*cache = Cache{}
				}
				set := recordsOf(100_000)
				begin := cpu()
				b.StartTimer()
				if problems := NewSigner(apex, key, cache, now).Zone(set, 1); len(problems) > 0 {
					b.Fatal(problems)
				}
				taken += cpu() - begin
			}
			b.ReportMetric(float64(taken.Nanoseconds())/1000/float64(b.N)/200_006, "cpu-µs/signature")
		})
	}
}

// cpu is what this process has taken of the CPU.
func cpu() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
