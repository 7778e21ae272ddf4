package plainfile

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// put makes what somebody may put in place of a file, and gives its path and why it cannot be opened.
func put(t *testing.T) (folder string, kinds map[string]string) {
	t.Helper()
	folder = t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	if err := syscall.Mkfifo(path("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"link": "pipe", "zero": "/dev/zero"} {
		if err := os.Symlink(to, path(name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder) // the path of a socket must be short
	listener, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return folder, map[string]string{
		"pipe": "is a pipe, not a file", "link": "is a pipe, not a file", "folder": "is a folder, not a file",
		"zero": "is a device, not a file", "socket": "is a socket, not a file",
	}
}

// Nobody is at the other end of the pipe: who waits for that waits for ever.
func TestOnlyPlainFilesAreOpenedAndNobodyWaits(t *testing.T) {
	folder, kinds := put(t)
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range kinds {
		path := filepath.Join(folder, name)
		if _, info, err := Open(path); err == nil || err.Error() != want || info == nil {
			t.Errorf("%s: got %v, %v, want %s", name, info, err, want)
		}
		if name != "folder" { // of which the system says the same
			if _, err := Append(path, 0o600); err == nil || err.Error() != want {
				t.Errorf("%s, to write: got %v, want %s", name, err, want)
			}
		}
		if _, _, err := OpenIn(root, name); name != "zero" && name != "socket" && (err == nil || err.Error() != want) {
			t.Errorf("%s, in its folder: got %v, want %s", name, err, want)
		}
	}
	if _, _, err := OpenIn(root, "zero"); err == nil || !strings.Contains(err.Error(), "escapes") {
		t.Errorf("a link out of the folder: got %v", err)
	}
	if _, info, err := Open(filepath.Join(folder, "gone")); !os.IsNotExist(err) || info != nil {
		t.Errorf("got %v, %v", info, err)
	}
}

func TestAPipeThatSomebodyReadsIsNoLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := Append(path, 0o600); err == nil || err.Error() != "is a pipe, not a file" {
		t.Errorf("got %v", err)
	}
}

func TestNoMoreIsReadThanIsWanted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int64]string{4: "is larger than 4 octets", 5: "", 6: ""} {
		data, info, err := Read(path, most)
		if said := reason(err); said != want || info.Size() != 5 || err == nil && string(data) != "12345" {
			t.Errorf("at most %d: got %q, %v, %v", most, data, info, err)
		}
	}
	if err := os.Truncate(path, 20<<30); err != nil { // holes, which cost nothing to put there
		t.Fatal(err)
	}
	if data, _, err := Read(path, 16<<20); reason(err) != "is larger than 16 MB" || data != nil {
		t.Errorf("got %d octets, %v", len(data), err)
	}
}

// A file may grow between the look at it and the end of its reading.
func TestAFileThatGrowsIsBoundedToo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]string{3 << 10: "", 9 << 10: "is larger than 8192 octets"} {
		file, info, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		grown := bytes.Repeat([]byte("x"), size)
		if err := os.WriteFile(path, grown, 0o600); err != nil {
			t.Fatal(err)
		}
		data, err := ReadAll(file, info, 8<<10)
		if reason(err) != want || err == nil && !bytes.Equal(data, grown) {
			t.Errorf("%d: got %d octets, %v", size, len(data), err)
		}
		file.Close()
		if err := os.Truncate(path, 1); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALogGoesOnAtItsEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	for _, text := range []string{"a", "b"} {
		file, err := Append(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
	if data, _, err := Read(path, 10); string(data) != "ab" || err != nil {
		t.Errorf("got %q, %v", data, err)
	}
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
