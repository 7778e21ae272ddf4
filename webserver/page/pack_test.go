package page

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestEveryCodingHoldsTheBody(t *testing.T) {
	t.Parallel()
	for _, size := range []int{smallest, 4000, 100_000, largestBest + 1} {
		p, again := New(prose(size)), New(prose(size))
		p.Pack()
		again.Pack()
		if !p.Packed() {
			t.Errorf("%d bytes: not packed", size)
		}
		for c := Gzip; c < codings; c++ {
			v := p.ready[c].Load()
			switch {
			case v == nil:
				t.Errorf("%d bytes in %v: nothing", size, c)
			case len(v.Body) >= size || cap(v.Body) > len(v.Body)+8192: // the kernel gives memory by the page
				t.Errorf("%d bytes in %v: got %d, in room for %d", size, c, len(v.Body), cap(v.Body))
			case !Holds(c, v.Body, p.Body()):
				t.Errorf("%d bytes in %v: it holds something else", size, c)
			case !bytes.Equal(v.Body, again.ready[c].Load().Body): // at another POP
				t.Errorf("%d bytes in %v: the same body gives other bytes", size, c)
			}
		}
	}
}

func TestCodingThatSavesNothingIsNotKept(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	body := make([]byte, 4000)
	for i := range body {
		body[i] = byte(random.Uint32())
	}
	p := New(Response{Status: 200, Header: []Field{{"Content-Type", "text/plain"}}, Body: body})
	p.Pack()
	if v := p.Negotiate("gzip, br, zstd"); v.Coding != Identity || !p.Packed() {
		t.Errorf("got %v, packed: %v", v.Coding, p.Packed())
	}
}

func TestPageThatCannotBePackedStaysAsItIsAndIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	p := New(prose(4000))
	tries := 0
	for range 2 {
		for c := Gzip; c < codings; c++ {
			made := p.makeWith(func(Coding, []byte) []byte { tries++; panic("of a library") }, c)
			if made {
				t.Errorf("%v was made", c)
			}
		}
	}
	if tries != int(codings)-1 || !p.Packed() {
		t.Errorf("tried %d times, packed: %v", tries, p.Packed())
	}
	if got := p.Negotiate("gzip, br, zstd"); got.Coding != Identity || !bytes.Equal(got.Body, prose(4000).Body) {
		t.Errorf("got %v", got.Coding)
	}
}

func TestBriefPageIsPackedNoFurtherThanAsked(t *testing.T) {
	t.Parallel()
	r := prose(4000)
	r.ShortLived = true
	p := New(r)
	if got := p.Negotiate("zstd, br").Coding; got != Identity {
		t.Errorf("got %v", got)
	}
	if got := p.Negotiate("gzip, zstd, br").Coding; got != Gzip {
		t.Errorf("got %v", got)
	}
	if !p.Packed() {
		t.Error("there is more to be made")
	}
}

func TestOfferedCodingIsServed(t *testing.T) {
	t.Parallel()
	p := New(prose(4000))
	p.AddPrecompressed(Brotli, compress(Brotli, p.Body()))
	p.AddPrecompressed(Gzip, make([]byte, 4000)) // no smaller
	if got := p.Negotiate("br").Coding; got != Brotli {
		t.Errorf("got %v", got)
	}
	if got := p.Negotiate("gzip").Coding; got != Identity {
		t.Errorf("got %v", got)
	}
	first := p.Negotiate("br")
	p.AddPrecompressed(Brotli, []byte("later"))
	if p.Negotiate("br") != first {
		t.Error("what was served as a tag's content has changed")
	}
	short := New(prose(100))
	short.AddPrecompressed(Brotli, []byte("x"))
	if got := short.Negotiate("br").Coding; got != Identity {
		t.Errorf("a page that says nothing of codings in Vary is sent in %v", got)
	}
}

func TestMediaTypesOfTextAreCompressible(t *testing.T) {
	t.Parallel()
	for mediaType, want := range map[string]bool{
		"text/html; charset=utf-8": true, "Text/CSS": true, "image/svg+xml": true, "application/ld+json": true,
		"application/atom+xml; charset=utf-8": true, "application/wasm": true, "application/javascript": true, " text/plain ": true,
		"text/event-stream": false, "image/png": false, "video/mp4": false, "application/zip": false, "font/woff2": false, "": false,
		"application/octet-stream": false,
	} {
		if got := Compressible(mediaType); got != want {
			t.Errorf("%q: got %v", mediaType, got)
		}
	}
}

func TestCrowdOfFirstVisitorsGetsOnePage(t *testing.T) {
	t.Parallel()
	p := New(prose(50_000))
	fields := []string{"gzip", "zstd", "br", "gzip, br, zstd", ""}
	got := make([]*Variant, 200)
	var crowd sync.WaitGroup
	for i := range got {
		crowd.Go(func() { got[i] = p.Negotiate(fields[i%len(fields)]) })
	}
	crowd.Go(p.Pack)
	crowd.Wait()
	for i, v := range got {
		if v.Coding != Identity && !Holds(v.Coding, v.Body, p.Body()) || v != p.ready[v.Coding].Load() {
			t.Errorf("visitor %d got a page of %d bytes in %v that is not the one", i, len(v.Body), v.Coding)
		}
	}
}

func TestPackerPacksWhatIsAdded(t *testing.T) {
	t.Parallel()
	k := NewPacker(slog.New(slog.DiscardHandler))
	pages := make([]*Page, 20)
	for i := range pages {
		pages[i] = New(prose(1000 + i))
		k.Add(pages[i])
	}
	brief := prose(1000)
	brief.ShortLived = true
	k.Add(New(brief))
	k.Add(New(prose(100)))
	if len(k.queue) != len(pages) {
		t.Errorf("%d are to be packed, not %d", len(k.queue), len(pages))
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.Run(ctx)
	}()
	for deadline := time.Now().Add(time.Minute); !pages[len(pages)-1].Packed(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the last page is not packed")
		}
	}
	for i, p := range pages {
		if !p.Packed() {
			t.Errorf("page %d is not packed", i)
		}
	}
	stop()
	<-done
	runtime.KeepAlive(pages)
}

func TestFullQueueTurnsAway(t *testing.T) {
	t.Parallel()
	k, p := NewPacker(slog.New(slog.DiscardHandler)), New(prose(1000))
	for range 2 * cap(k.queue) {
		k.Add(p)
	}
	if len(k.queue) != cap(k.queue) {
		t.Errorf("got %d in the queue", len(k.queue))
	}
}

func TestQueueKeepsNoForgottenPage(t *testing.T) {
	t.Parallel()
	k := NewPacker(slog.New(slog.DiscardHandler))
	k.Add(New(prose(1 << 20)))
	queued := <-k.queue
	for range 10 {
		if queued.Value() == nil {
			return
		}
		runtime.GC()
	}
	t.Error("the page is still in memory")
}

// BenchmarkPack is what the first visitors of a page cost, by coding.
func BenchmarkPack(b *testing.B) {
	body := prose(12_000).Body
	for c := Gzip; c < codings; c++ {
		b.Run(fmt.Sprintf("%v of 12 KB", c), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				compress(c, body)
			}
			b.ReportMetric(float64(len(compress(c, body))), "bytes")
		})
	}
}

// BenchmarkNew is what a page costs in no coding.
func BenchmarkNew(b *testing.B) {
	r := prose(12_000)
	b.ReportAllocs()
	for b.Loop() {
		New(r)
	}
}

func BenchmarkPick(b *testing.B) {
	p := New(prose(12_000))
	p.Pack()
	b.ReportAllocs()
	for b.Loop() {
		p.Negotiate("gzip, deflate, br, zstd")
	}
}
