package mapped

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsReadInPlace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"what stands in it", ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		f.Release()
		if string(f.Data) != text {
			t.Errorf("got %q, want %q", f.Data, text)
		}
		f.Close()
		f.Close() // once more harms nothing
		if f.Data != nil {
			t.Error("a closed file still has data")
		}
	}
}

func TestWhatIsNoFileIsNotOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing")} {
		if f, err := Open(path); err == nil {
			t.Errorf("%s: opened, with %d octets", path, len(f.Data))
		}
	}
}
