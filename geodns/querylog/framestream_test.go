package querylog

import (
	"bytes"
	"slices"
	"testing"

	framestream "github.com/farsightsec/golang-framestream"
)

func TestControlFramesAreThoseThatAnotherLibraryMakes(t *testing.T) {
	t.Parallel()
	for _, kind := range []uint32{accept, start, stop, ready, finish} {
		for _, content := range []string{"", contentType} {
			frame := framestream.ControlFrame{ControlType: kind}
			if content != "" {
				frame.ContentTypes = [][]byte{[]byte(content)}
			}
			var want bytes.Buffer
			if err := frame.Encode(&want); err != nil {
				t.Fatal(err)
			}
			if got := appendControl(nil, kind, content); !bytes.Equal(got, want.Bytes()) {
				t.Errorf("got %x, want %x", got, want.Bytes())
			}
		}
	}
}

// FuzzControl reads what a reader may say as another library does, which passes over no field but takes a last one that is cut off.
func FuzzControl(f *testing.F) {
	f.Add(appendControl(nil, accept, contentType))
	f.Add(appendControl(nil, finish, ""))
	f.Add(appendControl(nil, accept, "protobuf:something.Else"))
	f.Add([]byte("\x00\x00\x00\x00\xff\xff\xff\xff\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x0c\x00\x00\x00\x01\x00\x00\x00\x01\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		kind, has, err := readControl(bytes.NewReader(frame), contentType)
		var other framestream.ControlFrame
		otherErr := other.DecodeEscape(bytes.NewReader(frame))
		if err != nil || otherErr != nil {
			if err != nil && kind != 0 {
				t.Fatalf("it failed with %v, and gives %d", err, kind)
			}
			return // each passes over, or not, other fields
		}
		want := len(other.ContentTypes) == 0 || slices.ContainsFunc(other.ContentTypes, func(c []byte) bool { return string(c) == contentType })
		if kind != other.ControlType || has != want {
			t.Fatalf("got %d, %v, want %d, %v", kind, has, other.ControlType, want)
		}
	})
}
