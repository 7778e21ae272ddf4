package system

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestOnlyWhatIsAsInTheFileIsGivenBack(t *testing.T) {
	t.Parallel()
	const smaps = `00400000-01200000 r-xp 00000000 fe:00 77 /opt/my cdn/tinycdn
Rss:               12000 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me sd
01200000-02200000 r--p 00e00000 fe:00 77 /opt/my cdn/tinycdn
Anonymous:             4 kB
02200000-02300000 r--p 01e00000 fe:00 77 /opt/my cdn/tinycdn
Anonymous:             0 kB
02300000-02400000 rw-p 01f00000 fe:00 77 /opt/my cdn/tinycdn
Anonymous:             0 kB
02400000-02500000 rw-p 00000000 00:00 0
Anonymous:             0 kB
7f0000000000-7f0000100000 r-xp 00000000 fe:00 78 /usr/lib/libc.so.6
Anonymous:             0 kB
7f0000200000-7f0000300000 r-xp 00000000 00:00 0 [vdso]
Anonymous:             0 kB
`
	want := []memoryRange{{0x400000, 0x1200000}, {0x2200000, 0x2300000}}
	if got := untouched(strings.NewReader(smaps), "/opt/my cdn/tinycdn"); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// TestTheProgramGoesOnWithoutItsPages finds the program in the memory of this process, and gives it back.
func TestTheProgramGoesOnWithoutItsPages(t *testing.T) {
	t.Parallel()
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	if len(untouched(strings.NewReader(string(smaps)), exe)) == 0 {
		t.Errorf("nothing of %s is found in\n%s", exe, smaps)
	}
	releaseProgram()
}
