package setup

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Binary is the program as it is brought to a machine.
type Binary struct {
	Path string
	Sum  string // SHA-256, in hexadecimal
}

// machines are the ELF machines of architectures.
var machines = map[string]elf.Machine{
	"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "386": elf.EM_386, "arm": elf.EM_ARM, "riscv64": elf.EM_RISCV,
	"ppc64le": elf.EM_PPC64, "s390x": elf.EM_S390, "loong64": elf.EM_LOONGARCH,
}

// FindBinary finds the program for a machine: this very one, whose path is given, or the one for that architecture beside it.
func FindBinary(own string, f *Facts) (b Binary, err error) {
	if f.OS != "linux" {
		return b, fmt.Errorf("it runs %s, and setup knows Linux alone: put tinycdn there by yourself, then tinycdn invite and join", f.OS)
	}
	b.Path = own
	if runtime.GOOS != "linux" || runtime.GOARCH != f.Arch {
		b.Path = filepath.Join(filepath.Dir(own), "tinycdn-linux-"+f.Arch)
	}
	file, err := os.Open(b.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, fmt.Errorf("it is linux/%s, and there is no %s: take it from a release, or CGO_ENABLED=0 GOOS=linux GOARCH=%[1]s go build -o %[2]s ./cmd/tinycdn",
			f.Arch, b.Path)
	}
	if err != nil {
		return b, err
	}
	defer file.Close()
	head, err := elf.NewFile(file)
	if err != nil || head.Machine != machines[f.Arch] {
		return b, fmt.Errorf("%s is no program for linux/%s", b.Path, f.Arch)
	}
	sum := sha256.New()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return b, err
	}
	if _, err := io.Copy(sum, file); err != nil {
		return b, err
	}
	b.Sum = hex.EncodeToString(sum.Sum(nil))
	return b, nil
}
