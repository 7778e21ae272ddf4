package channel

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// A list of files travels as a line, "base NUMBER HASH", and then in zstd (RFC 8878), in which the list of that generation is the
// dictionary: one changed file of thousands is a few hundred octets. Of generation 0 there is none.

// maxBase is how long a list may be that others are told against, in octets: looking things up in it takes memory.
const maxBase = 16 << 20

// PackList writes a list, told against another if that is not nil.
func PackList(list, base *manifest.Signed) ([]byte, error) {
	if base == nil || len(base.Text) > maxBase {
		base = &manifest.Signed{}
	}
	options := []zstd.EOption{zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression)}
	if len(base.Text) > 0 {
		window := zstd.MinWindowSize
		for window < len(base.Text)+len(list.Text) && window < zstd.MaxWindowSize {
			window *= 2
		}
		options = append(options, zstd.WithEncoderDictRaw(1, base.Text), zstd.WithWindowSize(window))
	}
	encoder, err := zstd.NewWriter(nil, options...)
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	return encoder.EncodeAll(list.Text, fmt.Appendf(nil, "base %v\n", base.ID)), nil
}

// UnpackList reads what PackList wrote. Of gives the list of a generation, as it was signed.
func UnpackList(body io.Reader, of func(manifest.ID) ([]byte, error)) (text []byte, err error) {
	packed, err := io.ReadAll(io.LimitReader(body, manifest.MaxSize+1))
	if err != nil {
		return nil, err
	}
	line, packed, _ := bytes.Cut(packed, []byte("\n"))
	name, ok := bytes.CutPrefix(line, []byte("base "))
	id, err := manifest.ParseID(string(name))
	if err != nil || !ok {
		return nil, fmt.Errorf("this is no list of a generation: %.100q", line)
	}
	options := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(manifest.MaxSize)}
	if id != (manifest.ID{}) {
		base, err := of(id)
		if err != nil {
			return nil, &NoBase{id, err}
		}
		options = append(options, zstd.WithDecoderDictRaw(1, base))
	}
	decoder, err := zstd.NewReader(nil, options...)
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	return decoder.DecodeAll(packed, nil)
}

// NoBase is that the list is not here against which another one is told.
type NoBase struct {
	ID  manifest.ID
	Err error
}

func (n *NoBase) Error() string {
	return fmt.Sprintf("the list of generation %d is not here: %v", n.ID.Number, n.Err)
}
