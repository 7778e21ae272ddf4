package origin

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// errTooMuch: a response is longer than what may be kept. It can still be passed on: nothing of it is lost.
var errTooMuch = errors.New("too much to keep")

// read reads and decodes a body to be kept. After errTooMuch the response's body is again as it was.
func (s *Site) read(response *http.Response) ([]byte, error) {
	late := time.AfterFunc(bodyTime, func() { response.Body.Close() })
	defer late.Stop()
	var taken int64 // of the room that all bodies share
	defer func() { s.room.Add(taken) }()
	grow := func(n int64) bool {
		taken += n
		return s.room.Add(-n) >= 0
	}
	raw, err := readAll(response.Body, s.store.max, grow)
	if err == nil {
		response.Body.Close()
		if !strings.HasSuffix(strings.ToLower(response.Header.Get("Content-Encoding")), "gzip") {
			return raw, nil
		}
		var content []byte
		if content, err = gunzip(raw, s.store.max, grow); err == nil {
			return content, nil
		}
	}
	if errors.Is(err, errTooMuch) {
		response.Body = &rest{Reader: io.MultiReader(bytes.NewReader(raw), response.Body), Closer: response.Body}
	} else {
		response.Body.Close()
	}
	return nil, err
}

// rest is a body of which a part was read and is put before it again.
type rest struct {
	io.Reader
	io.Closer
}

func gunzip(raw []byte, most int64, grow func(int64) bool) ([]byte, error) {
	content, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return readAll(content, most, grow)
}

// readAll reads all that there is, at most so many bytes, growing what it has as far as that is granted. With
// errTooMuch comes what was read.
func readAll(from io.Reader, most int64, grow func(int64) bool) ([]byte, error) {
	var all []byte
	for {
		if len(all) == cap(all) {
			more := max(int64(cap(all)), 8<<10) // twice as much
			if !grow(more) || int64(len(all)) > most {
				return all, errTooMuch
			}
			bigger := make([]byte, len(all), len(all)+int(more))
			copy(bigger, all)
			all = bigger
		}
		n, err := from.Read(all[len(all):cap(all)])
		all = all[:len(all)+n]
		switch {
		case int64(len(all)) > most:
			return all, errTooMuch
		case err == io.EOF:
			return bytes.Clone(all), nil // without the room that is left
		case err != nil:
			return nil, err
		}
	}
}
