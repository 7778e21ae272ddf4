package mapped

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// A file that is cut short while it is read is a panic that tells where, not the end of the process.
func TestAFileCutShortIsAFaultInTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	other := &File{}
	defer PanicOnFault()()
	defer func() {
		recovered := recover()
		if !f.Faulted(recovered) || other.Faulted(recovered) {
			t.Errorf("%v is a fault in the file: %v, in an empty one: %v", recovered, f.Faulted(recovered), other.Faulted(recovered))
		}
	}()
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	t.Errorf("read %q of a file that is gone", f.Data[1<<15])
}

func TestOtherPanicsAreNoFaults(t *testing.T) {
	t.Parallel()
	f := &File{Data: make([]byte, 10)}
	for _, recovered := range []any{"something else", nil, error(nil)} {
		if f.Faulted(recovered) {
			t.Errorf("%v is a fault", recovered)
		}
	}
}
