package cluster

import (
	"fmt"
	"io"
	"net/http"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// serveContents takes contents. What has come stays, also when the rest does not.
func (m *Member) serveContents(w http.ResponseWriter, r *http.Request) error {
	return takeContents(m.store, r.Body)
}

// takeContents takes what was asked for, and passes over what has come from somebody else meanwhile; each once, so that a stream ends.
func takeContents(into *store.Store, stream io.Reader) error {
	frames := channel.NewFrameReader(stream)
	defer frames.Close()
	came := map[manifest.Hash]bool{}
	for {
		hash, size, from, rest, err := frames.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case came[hash]:
			err = fmt.Errorf("%v comes twice", hash)
		case into.Asked(hash, size):
			err = into.Put(store.Part{Hash: hash, Size: size, Have: from}, rest)
		case isThere(into, hash, size):
			_, err = io.Copy(io.Discard, rest)
		default:
			err = fmt.Errorf("nobody asked for %v with %d octets", hash, size)
		}
		if err != nil {
			return err
		}
		came[hash] = true
	}
}

// isThere says whether a content is there as a whole, and has that size.
func isThere(s *store.Store, h manifest.Hash, size int64) bool {
	file, err := s.Blob(h)
	if err != nil {
		return false
	}
	defer file.Close()
	info, err := file.Stat()
	return err == nil && info.Size() == size
}

// serveGive gives contents, in the order in which they are asked for. It waits for those that are still arriving.
func (m *Member) serveGive(w http.ResponseWriter, r *http.Request) error {
	parts, err := question[[]store.Part](r)
	if err == nil {
		err = m.mayRead(channel.Caller(r.Context()), parts)
	}
	if err != nil {
		return err
	}
	frames := channel.NewFrameWriter(w)
	for _, p := range parts {
		content, err := m.store.Reader(r.Context(), p)
		if err == nil {
			err = frames.WriteContent(p.Hash, p.Size, p.Have, content)
			content.Close()
		}
		if err != nil {
			panic(http.ErrAbortHandler) // so that it is seen to be cut off
		}
		frames.Flush()
		http.NewResponseController(w).Flush()
	}
	return nil
}
