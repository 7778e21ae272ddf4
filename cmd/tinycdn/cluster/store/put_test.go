package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

const text = "a content that two are sending"

var part = Part{Hash: sha256.Sum256([]byte(text)), Size: int64(len(text))}

func TestTwoWhoSendTheSameAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		r, w := io.Pipe()
		var work sync.WaitGroup
		var first, second error
		work.Go(func() { first = s.Put(part, r) })
		io.WriteString(w, text[:10])
		rest := strings.NewReader(text)
		work.Go(func() { second = s.Put(part, rest) })
		synctest.Wait()
		io.WriteString(w, text[10:])
		work.Wait()
		if first != nil || second != nil || rest.Len() > 0 || !s.Has(part.Hash) {
			t.Errorf("%v, %v, %d left", first, second, rest.Len())
		}
	})
}

func TestWhoeverStandsStillIsTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		r, w := io.Pipe()
		var first, second error
		var work sync.WaitGroup
		work.Go(func() {
			first = s.Put(part, r)
			r.Close()
		})
		io.WriteString(w, text[:10])
		synctest.Wait()
		begin := time.Now()
		work.Go(func() { second = s.Put(Part{part.Hash, part.Size, 10}, strings.NewReader(text[10:])) })
		time.Sleep(patience)
		synctest.Wait()
		io.WriteString(w, "something else, which must not be seen")
		w.Close()
		work.Wait()
		if !errors.Is(first, errTakenOver) || second != nil || time.Since(begin) != patience {
			t.Errorf("%v, %v after %v", first, second, time.Since(begin))
		}
		if got, err := os.ReadFile(s.blob(part.Hash)); string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestTheSecondGoesOnWhereTheFirstBreaksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		r, w := io.Pipe()
		var second error
		var work sync.WaitGroup
		work.Go(func() { s.Put(part, r) })
		io.WriteString(w, text[:10])
		work.Go(func() { second = s.Put(Part{part.Hash, part.Size, 5}, strings.NewReader(text[5:])) })
		synctest.Wait()
		w.CloseWithError(errors.New("cut"))
		work.Wait()
		if second != nil || !s.Has(part.Hash) {
			t.Error(second)
		}
	})
}

func TestAContentIsReadWhileItArrives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		for have := range part.Size + 1 {
			os.Remove(s.blob(part.Hash))
			r, w := io.Pipe()
			var got []byte
			var read, sent error
			var work sync.WaitGroup
			work.Go(func() {
				var along io.ReadCloser
				if along, read = s.Reader(t.Context(), Part{part.Hash, part.Size, have}); read == nil {
					got, read = io.ReadAll(along)
					along.Close()
				}
			})
			synctest.Wait() // it waits for what has not begun
			work.Go(func() { sent = s.Put(part, r) })
			for i := range text {
				io.WriteString(w, text[i:i+1])
			}
			work.Wait()
			if string(got) != text[have:] || read != nil || sent != nil {
				t.Errorf("from %d on: %q, %v, %v", have, got, read, sent)
			}
		}
	})
}

func TestNobodyWaitsForeverForWhatDoesNotCome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		begin := time.Now()
		if _, err := s.Reader(t.Context(), part); err == nil || time.Since(begin) != standstill {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		r, w := io.Pipe()
		var work sync.WaitGroup
		work.Go(func() { s.Put(part, r) })
		io.WriteString(w, text[:10])
		synctest.Wait()
		along, err := s.Reader(t.Context(), part)
		if err != nil {
			t.Fatal(err)
		}
		defer along.Close()
		if got, err := io.ReadAll(along); string(got) != text[:10] || err != io.ErrUnexpectedEOF {
			t.Errorf("%q, %v", got, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if _, err := s.Reader(ctx, Part{Hash: manifest.Hash{1}}); err != context.Canceled {
			t.Error(err)
		}
		w.Close()
		work.Wait()
	})
}

func TestOnlyWhatIsMissingIsAskedFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	files := map[string]string{"a": text}
	m := list(t, &manifest.Signed{}, files)
	if s.Asked(part.Hash, part.Size) {
		t.Error("nothing has been asked for")
	}
	s.Missing(&m.Manifest)
	if !s.Asked(part.Hash, part.Size) || s.Asked(part.Hash, part.Size+1) || s.Asked(manifest.Hash{1}, 1) {
		t.Error("what is missing is asked for")
	}
	put(t, s, m, files)
	if s.Asked(part.Hash, part.Size) {
		t.Error("what has come is asked for")
	}
}
