package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tinycdn/geoip/plainfile"
)

// ReadOwn reads a file in the state folder that nobody else can have written.
func ReadOwn(path string, most int64) ([]byte, error) {
	file, info, err := plainfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if uid := owner(info); uid != os.Geteuid() && uid > 0 {
		return nil, fmt.Errorf("it belongs to the user with the number %d", uid)
	}
	if info.Mode()&0o022 != 0 {
		return nil, errors.New("others may write to it")
	}
	return plainfile.ReadAll(file, info, most)
}

// leftAlone is how long a file that is written beside its place stays there: longer than any is written.
const leftAlone = 10 * time.Minute

// WriteOwn is Write, for what only we read. It sweeps away what other processes have left beside it that were killed while they wrote.
func WriteOwn(path string, data []byte) error {
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"*"))
	for _, one := range left {
		if info, err := os.Lstat(one); err == nil && time.Since(info.ModTime()) > leftAlone {
			os.Remove(one)
		}
	}
	if err := Write(path, data); err != nil {
		return reason(err)
	}
	return nil
}
