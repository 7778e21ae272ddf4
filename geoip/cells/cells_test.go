package cells

import (
	"bytes"
	"reflect"
	"testing"
	"time"
)

var (
	someDate  = time.Unix(1_780_666_922, 0).UTC()
	someCells = []Cell{{48, 2, [2]byte{'F', 'R'}}, {-34, -180, [2]byte{}}, {Nowhere, 0, [2]byte{'D', 'E'}}}
	someV4    = []Run{{1, 0}, {127, 1}, {128, 2}, {1 << 23, 3}}
	someV6    = []Run{{1 << 29, 3}}
)

func someFile(t testing.TB) []byte {
	var b bytes.Buffer
	if err := Encode(&b, someDate, someCells, someV4, someV6); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readRuns(f *File, v4 bool) (all []Run, err error) {
	for r, err := range f.Runs(v4) {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

func TestDecodeGivesBackWhatWasEncoded(t *testing.T) {
	t.Parallel()
	f, err := Decode(someFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if !f.Date.Equal(someDate) || !reflect.DeepEqual(f.Cells, someCells) {
		t.Errorf("got %v %v, want %v %v", f.Date, f.Cells, someDate, someCells)
	}
	for v4, want := range map[bool][]Run{true: someV4, false: someV6} {
		if got, err := readRuns(f, v4); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
}

func TestCutFilesAreErrors(t *testing.T) {
	t.Parallel()
	whole := someFile(t)
	for n := range whole {
		if _, err := Decode(whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes: got no error", n, len(whole))
		}
	}
}

// FuzzDecode: whatever a file holds, reading it ends, and cells are those the file has.
func FuzzDecode(f *testing.F) {
	whole := someFile(f)
	f.Add(whole)
	for i := range whole {
		wrong := bytes.Clone(whole)
		wrong[i] ^= 0xFF
		f.Add(wrong)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Decode(data)
		if err != nil {
			return
		}
		for _, v4 := range []bool{true, false} {
			runs, _ := readRuns(file, v4)
			for _, r := range runs {
				if int(r.Cell) > len(file.Cells) {
					t.Errorf("a run in cell %d of %d", r.Cell, len(file.Cells))
				}
			}
		}
	})
}
