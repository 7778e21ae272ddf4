package cluster

import (
	"fmt"
	"io"
	"net/http"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// serveContents takes contents. What has come stays, also when the rest does not.
func (m *Member) serveContents(w http.ResponseWriter, r *http.Request) error {
	return takeContents(m.store, r.Body)
}

func takeContents(into *store.Store, stream io.Reader) error {
	frames := channel.NewFrameReader(stream)
	defer frames.Close()
	for {
		hash, size, from, rest, err := frames.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case into.Has(hash):
			_, err = io.Copy(io.Discard, rest)
		case !into.Asked(hash, size):
			err = fmt.Errorf("nobody asked for %v with %d octets", hash, size)
		default:
			err = into.Put(store.Part{Hash: hash, Size: size, Have: from}, rest)
		}
		if err != nil {
			return err
		}
	}
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
