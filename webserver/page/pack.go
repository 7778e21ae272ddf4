package page

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"weak"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	brotli "github.com/molecule-man/go-brrr"
)

const (
	// smallest is the length in bytes below which a coding saves nothing: header and body fill one packet anyway.
	smallest = 600
	// largestBest is the length up to which brotli may take its time: level 11 does about 1 MB in a second.
	largestBest = 1 << 20
)

// Compressible says whether content of a media type is text of some kind: what is packed already only grows.
func Compressible(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	if strings.HasPrefix(mediaType, "text/") || strings.HasSuffix(mediaType, "+xml") || strings.HasSuffix(mediaType, "+json") {
		return mediaType != "text/event-stream"
	}
	switch mediaType {
	case "application/javascript", "application/json", "application/xml", "application/wasm", "application/manifest+json",
		"application/vnd.ms-fontobject", "application/x-ndjson", "application/toml", "application/yaml",
		"font/ttf", "font/otf", "image/bmp", "image/x-icon", "image/vnd.microsoft.icon":
		return true
	}
	return false
}

// Packed says whether every coding was tried, so that Pack would do nothing.
func (p *Page) Packed() bool { return p.tried.Load() == ^uint32(0) }

// Pack makes the codings that are still missing. The same body gives the same bytes at every POP that runs the same
// program on the same kind of machine.
func (p *Page) Pack() {
	for _, c := range [...]Coding{Gzip, Zstd, Brotli} { // the quickest first
		p.make(c)
	}
}

// AddPrecompressed takes a body that was packed beforehand. The caller knows that it decodes to the page's body.
func (p *Page) AddPrecompressed(c Coding, body []byte) {
	p.packing.Lock()
	defer p.packing.Unlock()
	if p.packs && p.tried.Load()&(1<<c) == 0 {
		p.keep(c, body)
	}
}

// make makes a coding unless that was tried before, and says whether there is such a variant.
func (p *Page) make(c Coding) bool { return p.makeWith(compress, c) }

func (p *Page) makeWith(compress compressor, c Coding) bool {
	if p.tried.Load()&(1<<c) == 0 {
		p.packing.Lock()
		defer p.packing.Unlock()
		if p.tried.Load()&(1<<c) == 0 { // nobody was faster
			p.keep(c, compress.attempt(c, p))
		}
	}
	return p.ready[c].Load() != nil
}

// keep takes a packed body if it is smaller than the page's own.
func (p *Page) keep(c Coding, body []byte) {
	if len(body) < len(p.response.Body) {
		p.ready[c].Store(p.variant(c, bytes.Clone(body))) // without the room that the buffer has left
	}
	p.tried.Or(1 << c)
}

// gzips are writers at rest. Level 6 of this library takes 0.1 ms for a page of 12 KB, a third of what the standard
// library's takes, and stays within a hundredth of its size.
var gzips = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, 6)
	if err != nil {
		panic("page: internal error: " + err.Error())
	}
	return w
}}

// zstds are encoders at rest: one takes 0.06 ms for a page of 12 KB, and 0.5 ms and 1.4 MB to be made. Higher levels save
// little on pages and take 20 MB and more.
var zstds = sync.Pool{New: func() any {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic("page: internal error: " + err.Error())
	}
	return w
}}

// compressor is compress, or what a test puts in its place.
type compressor func(Coding, []byte) []byte

// attempt compresses, or gives the body as it is: a library that panics over some text costs that text its coding. Pages
// are packed in the background, where nobody else would catch it.
func (compress compressor) attempt(c Coding, p *Page) (packed []byte) {
	defer func() {
		if panicked := recover(); panicked != nil {
			p.fault.Store(&fault{coding: c, text: fmt.Sprint(panicked), stack: string(debug.Stack())})
			packed = p.response.Body
		}
	}()
	return compress(c, p.response.Body)
}

// fault is a panic while a page was packed. The packer tells of it: pages have no log.
type fault struct {
	coding      Coding
	text, stack string
}

// compress puts writers back to rest only if all went well: one that panicked is not to be used again.
func compress(c Coding, body []byte) []byte {
	var packed bytes.Buffer
	switch c {
	case Gzip:
		w := gzips.Get().(*gzip.Writer)
		w.Reset(&packed)
		w.Write(body) // to memory: it cannot fail
		w.Close()
		gzips.Put(w)
	case Zstd:
		w := zstds.Get().(*zstd.Encoder)
		best := w.EncodeAll(body, nil)
		zstds.Put(w)
		return best
	case Brotli:
		level := 11
		if len(body) > largestBest {
			level = 5
		}
		best, err := brotli.Compress(body, level)
		if err != nil {
			panic("page: internal error: " + err.Error())
		}
		return best
	}
	return packed.Bytes()
}

// Packer packs pages one at a time, in the background, so that nobody waits for it. Its queue holds no page in memory:
// what a cache has forgotten meanwhile need not be packed.
type Packer struct {
	queue chan weak.Pointer[Page]
	log   *slog.Logger
}

// NewPacker makes a packer that has room for some pages in its queue.
func NewPacker(log *slog.Logger) *Packer {
	return &Packer{queue: make(chan weak.Pointer[Page], 1024), log: log}
}

// Add is told that the page was asked for, and wants it to be packed. If the queue is full, nothing happens: the next request
// will ask again.
func (k *Packer) Add(p *Page) {
	k.tell(p)
	if p.response.ShortLived || p.Packed() || p.response.Seldom && !p.asked.Swap(true) {
		return
	}
	select {
	case k.queue <- weak.Make(p):
	default:
	}
}

// Run packs what is added until ctx ends.
func (k *Packer) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case queued := <-k.queue:
			if p := queued.Value(); p != nil {
				p.Pack()
				k.tell(p)
			}
		}
	}
}

// tell logs what went wrong when a page was packed, once.
func (k *Packer) tell(p *Page) {
	if p.fault.Load() == nil {
		return
	}
	if f := p.fault.Swap(nil); f != nil {
		k.log.Error("a page could not be packed, which is a bug in tinycdn; please report it",
			"coding", f.coding.String(), "bytes", len(p.response.Body), "fault", f.text, "stack", f.stack)
	}
}
