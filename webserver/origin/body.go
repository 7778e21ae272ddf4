package origin

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// errStream: a body is longer than what may be kept, or takes its time. It can still be passed on, nothing of it is lost.
var errStream = errors.New("not a body to keep")

// read reads and decodes a body to be kept. After errStream and errCoding the response's body is as if nothing had been read.
func (s *Site) read(response *http.Response) ([]byte, error) {
	b := &body{from: response.Body, most: s.store.max, reserved: reservation{site: s}, ended: make(chan struct{})}
	if n := response.ContentLength; n > 0 && n <= b.most && b.reserved.grow(n) {
		b.all = make([]byte, 0, n)
	}
	go b.fill() // it is waited for below, or when what is rejoined is closed
	limit := bodyTime
	if response.ContentLength < 0 {
		limit = streamTime
	}
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-b.ended:
	case <-late.C:
		b.detach()
	}
	raw, err := b.result()
	if err == nil && len(raw) > 0 && strings.HasSuffix(strings.ToLower(response.Header.Get("Content-Encoding")), "gzip") {
		var content []byte
		if content, err = gunzip(raw, b.most, &b.reserved); err == nil {
			raw = content
		}
	}
	if errors.Is(err, errStream) || errors.Is(err, errCoding) {
		response.Body = &rejoined{Reader: io.MultiReader(bytes.NewReader(raw), b.rest()), body: b}
		return nil, err
	}
	b.from.Close()
	b.reserved.release()
	if len(raw) < cap(raw) {
		raw = bytes.Clone(raw) // without the room that is left at its end
	}
	return raw, err
}

// reservation is a part of the room that all bodies being read share.
type reservation struct {
	site  *Site
	taken int64
}

// grow takes so many bytes more, if there are.
func (r *reservation) grow(n int64) bool {
	if r.site.room.Add(-n) < 0 {
		r.site.room.Add(n)
		return false
	}
	r.taken += n
	return true
}

func (r *reservation) release() {
	r.site.room.Add(r.taken)
	r.taken = 0
}

// body is a body that is being read to be kept, and may be detached for a client at any moment.
type body struct {
	from     io.ReadCloser
	most     int64
	reserved reservation
	ended    chan struct{} // closed when nothing more is read to be kept

	mu       sync.Mutex
	all      []byte
	err      error          // by mu: of the last read; nil while it goes on
	detached *io.PipeWriter // by mu: where all the rest goes
	pipe     *io.PipeReader
}

// errFault: what a body was read with has panicked.
var errFault = errors.New("the body could not be read")

// fill reads until the end, or until it is too much.
func (b *body) fill() {
	defer close(b.ended)
	defer func() {
		if fault := recover(); fault != nil {
			b.reserved.site.logPanic(fault)
			b.fail(errFault)
		}
	}()
	chunk := make([]byte, 16<<10)
	for {
		n, err := b.from.Read(chunk)
		b.mu.Lock()
		if b.detached != nil {
			b.mu.Unlock()
			b.drain(chunk[:n], err)
			return
		}
		if !b.add(chunk[:n]) && (err == nil || err == io.EOF) {
			err = errStream
		}
		b.err = err
		b.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// fail ends the body with an error, wherever it goes by now.
func (b *body) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.detached != nil {
		b.detached.CloseWithError(err)
		return
	}
	b.err = err
}

// add takes a chunk in, and says whether there may be more.
func (b *body) add(chunk []byte) bool {
	need := len(b.all) + len(chunk)
	fits := int64(need) <= b.most
	if need > cap(b.all) {
		larger := max(2*cap(b.all), need)
		if !b.reserved.grow(int64(larger - cap(b.all))) {
			larger, fits = need, false // just this chunk: nothing may be lost
		}
		b.all = append(make([]byte, 0, larger), b.all...)
	}
	b.all = append(b.all, chunk...)
	return fits
}

// drain sends the rest to the client that the body was detached for.
func (b *body) drain(chunk []byte, err error) {
	if _, gone := b.detached.Write(chunk); gone == nil && err == nil {
		_, err = io.Copy(b.detached, b.from)
	}
	if err == io.EOF {
		err = nil
	}
	b.detached.CloseWithError(err)
}

// detach ends the reading as soon as the read under way ends.
func (b *body) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = errStream
		b.pipe, b.detached = io.Pipe()
	}
}

// result is what was read, if it ended well or may pass.
func (b *body) result() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == io.EOF {
		return b.all, nil
	}
	return b.all, b.err
}

// rest is what was not read yet.
func (b *body) rest() io.Reader {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pipe != nil {
		return b.pipe
	}
	return b.from
}

// rejoined is a body of which a part was read, and is put before it again.
type rejoined struct {
	io.Reader
	body *body
	once sync.Once
}

func (r *rejoined) Close() error {
	err := r.body.from.Close()
	r.once.Do(func() {
		if r.body.pipe != nil {
			r.body.pipe.Close()
		}
		<-r.body.ended
		r.body.reserved.release()
	})
	return err
}
