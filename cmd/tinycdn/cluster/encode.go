package cluster

import (
	"bytes"
	"encoding/json"
	"io"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

func encode(value any) io.Reader {
	text, err := json.Marshal(value)
	if err != nil {
		panic("cluster: " + err.Error()) // there is nothing in it that cannot be written
	}
	return bytes.NewReader(text)
}

func buffered(r io.Reader) (io.Reader, error) {
	text, err := io.ReadAll(io.LimitReader(r, manifest.MaxSize+1))
	return bytes.NewReader(text), err
}
