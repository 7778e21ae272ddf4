package h3

import (
	"bytes"
	"strings"
	"testing"
)

// TestWholeStreamsNeedOneLook, and come to the same as those of which nobody knows the end.
func TestWholeStreamsNeedOneLook(t *testing.T) {
	t.Parallel()
	s, _ := serving(nil)
	plain, long := asking(chromium...), asking(plainly("cookie: "+strings.Repeat("\x7e", 5000))...)
	for _, frame := range [][]byte{
		{}, {1}, {1, 0}, {1, 2, 0, 0}, {1, 0x40}, {1, 0xff, 255, 255, 255, 255, 255, 255, 255}, {0, 1, 'x'},
		plain, append(bytes.Clone(plain), 0, 1, 'x'), append([]byte{0x21, 0}, plain...), asking(plainly("x: y")...), asking(chromium[:3]...),
		plain[:len(plain)-1], append([]byte{0x40}, plain...), append([]byte{1, 0x80, 0, plain[1] & 0x3f, plain[2]}, plain[3:]...),
	} {
		want := s.Read(coming(frame...))
		in := coming(frame...)
		got, there := s.ReadAll(in, len(frame))
		if !there || (got == nil) != (want == nil) || len(in.in) != len(frame) || in.peeked != len(frame) {
			t.Fatalf("%x: got %v, %v, want %v", frame, got, there, want)
		}
		if got != nil {
			if got.plain.told() != want.plain.told() || got.size != want.size {
				t.Errorf("%x: got %s of %d octets, want %s of %d", frame, got.plain.told(), got.size, want.plain.told(), want.size)
			}
			got.Drop()
			want.Drop()
		}
		for n := range frame { // the end has come, and not all before it
			in := coming(frame[:n]...)
			in.open = true
			if x, there := s.ReadAll(in, len(frame)); x != nil || there || len(in.in) != n {
				t.Fatalf("%d octets of %d: got %v, %v", n, len(frame), x, there)
			}
		}
	}
	in := coming(long...)
	if x, there := s.ReadAll(in, len(long)); x != nil || there || in.peeked > 0 {
		t.Errorf("a long one: got %v, %v, looked for %d", x, there, in.peeked)
	}
}

// TestFewBodiesAreCopied: a client that reads slowly holds a copy for as long.
func TestFewBodiesAreCopied(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size   int
		copied int64
		writes int
	}{
		{100, 0, 1}, {100, mostCopied, 1}, {longestCopied, 0, 1}, {longestCopied, mostCopied - 1, 1}, {longestCopied, mostCopied, 2}, {longestCopied + 1, 0, 2},
	} {
		s, _ := serving(ready(image(c.size)))
		s.copied.Store(c.copied)
		in := coming(asking(plainly()...)...)
		x := s.Read(in)
		if result := s.Answer(x, in, new(Peer), visitor); result != Answered || in.writes != c.writes || s.copied.Load() != c.copied {
			t.Errorf("%d octets beside %d copies: got %v in %d writes, and %d copies are left", c.size, c.copied, result, in.writes, s.copied.Load())
		}
		if _, body := answered(t, in.sent.Bytes()); len(body) != c.size {
			t.Errorf("%d octets: sent %d", c.size, len(body))
		}
		x.Drop()
	}
}
