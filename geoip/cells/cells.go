// Package cells is the file format of the table built into the program: who is in which cell of one degree.
//
// A file begins with a header: the magic line, the date of the data (Unix seconds) and the number of cells, big endian, then the cells.
// Four streams follow, each with its length before it and compressed with zstd: for IPv4 the lengths of the runs (as
// varints) and their cells (two bytes, big endian; 0 is unknown), then the same for IPv6.
package cells

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/klauspost/compress/zstd"
)

const magic = "tinycdn cells 2\n"

// Cell is one degree of latitude by one of longitude, as far as it is in one country.
type Cell struct {
	Lat, Lon int16   // the south-west corner, in degrees
	Country  [2]byte // zeros: unknown
}

// Nowhere is the latitude of a cell of which only the country is known.
const Nowhere = 127

// Run is neighbouring units of address space in one cell: /24s of IPv4, which begin at 0.0.0.0, or /32s
// of IPv6, which begin at 2000::.
type Run struct {
	Units uint32
	Cell  uint16 // 1 is the first of File.Cells; 0 is unknown
}

// File is a table, still packed.
type File struct {
	Date    time.Time
	Cells   []Cell
	streams [4][]byte
}

// Encode packs a table.
func Encode(w io.Writer, date time.Time, all []Cell, v4, v6 []Run) error {
	// One core, so that the same table gives the same octets.
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(8<<20))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.WriteString(magic)
	binary.Write(&out, binary.BigEndian, uint64(date.Unix()))
	binary.Write(&out, binary.BigEndian, uint16(len(all)))
	binary.Write(&out, binary.BigEndian, all)
	for _, runs := range [][]Run{v4, v6} {
		var units, cells []byte
		for _, r := range runs {
			units = binary.AppendUvarint(units, uint64(r.Units))
			cells = binary.BigEndian.AppendUint16(cells, r.Cell)
		}
		for _, stream := range [][]byte{units, cells} {
			packed := packer.EncodeAll(stream, nil)
			binary.Write(&out, binary.BigEndian, uint32(len(packed)))
			out.Write(packed)
		}
	}
	_, err = out.WriteTo(w)
	return err
}

var errCut = errors.New("cut short")

// Decode reads all but the runs.
func Decode(data []byte) (*File, error) {
	if !bytes.HasPrefix(data, []byte(magic)) {
		return nil, errors.New("not a table of cells")
	}
	data = data[len(magic):]
	if len(data) < 10 {
		return nil, errCut
	}
	f := &File{
		Date:  time.Unix(int64(binary.BigEndian.Uint64(data)), 0).UTC(),
		Cells: make([]Cell, binary.BigEndian.Uint16(data[8:])),
	}
	n, err := binary.Decode(data[10:], binary.BigEndian, f.Cells)
	if err != nil {
		return nil, errCut
	}
	data = data[10+n:]
	for i := range f.streams {
		if len(data) < 4 {
			return nil, errCut
		}
		length := binary.BigEndian.Uint32(data)
		if uint64(len(data)-4) < uint64(length) {
			return nil, errCut
		}
		f.streams[i], data = data[4:4+length], data[4+length:]
	}
	return f, nil
}

// Runs gives the runs of a family in address order.
func (f *File) Runs(v4 bool) iter.Seq2[Run, error] {
	streams := f.streams[2:]
	if v4 {
		streams = f.streams[:2]
	}
	return func(yield func(Run, error) bool) {
		units, err := unpack(streams[0])
		if err != nil {
			yield(Run{}, err)
			return
		}
		cells, err := unpack(streams[1])
		if err != nil {
			yield(Run{}, err)
			return
		}
		for len(units) > 0 {
			n, size := binary.Uvarint(units)
			if size <= 0 || len(cells) < 2 {
				yield(Run{}, errCut)
				return
			}
			r := Run{Units: uint32(n), Cell: binary.BigEndian.Uint16(cells)}
			if uint64(r.Units) != n || int(r.Cell) > len(f.Cells) {
				yield(Run{}, fmt.Errorf("a run of %d units in cell %d is impossible", n, r.Cell))
				return
			}
			if !yield(r, nil) {
				return
			}
			units, cells = units[size:], cells[2:]
		}
	}
}

// maxStream is far more than the runs of all there is need; what unpacks to more is broken.
const maxStream = 64 << 20

// unpack unpacks a stream as a whole.
func unpack(stream []byte) ([]byte, error) {
	unpacker, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxStream))
	if err != nil {
		return nil, err
	}
	defer unpacker.Close()
	return unpacker.DecodeAll(stream, nil)
}
