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
	defer PanicOnFault()()
	defer func() {
		address, ok := FaultAt(recover())
		if !ok || !f.Holds(address) || f.Holds(0) {
			t.Errorf("a fault: %v, at %#x, in the file: %v", ok, address, f.Holds(address))
		}
	}()
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	t.Errorf("read %q of a file that is gone", f.Data[1<<15])
}

func TestOtherPanicsAreNoFaults(t *testing.T) {
	t.Parallel()
	if _, ok := FaultAt("something else"); ok {
		t.Error("a string is a fault")
	}
}
