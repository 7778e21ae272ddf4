// Package plainfile opens what somebody has put where we look: plain files, without waiting, and no more of them than is wanted.
package plainfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Open opens a plain file to read it. Others (a pipe, a device) could keep us waiting or reading for ever, and a pipe even
// while it is opened (O_NONBLOCK). What the file is, the open file itself is asked: the path may lead to another one already.
// The info is there for whatever is there.
func Open(path string) (*os.File, fs.FileInfo, error) {
	file, info, err := checked(os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0))
	if file == nil && info == nil {
		info, _ = os.Stat(path)
	}
	return file, info, named(info, err)
}

// OpenIn is Open for a name that never leads out of a folder, whatever symbolic links say.
func OpenIn(folder *os.Root, name string) (*os.File, fs.FileInfo, error) {
	return checked(folder.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0))
}

// Append opens a plain file to write at its end, and makes it if there is none.
func Append(path string, mode fs.FileMode) (*os.File, error) {
	file, _, err := checked(os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NONBLOCK, mode))
	if err != nil {
		info, _ := os.Stat(path)
		err = named(info, err)
	}
	return file, err
}

// Read reads a plain file as a whole, if it has no more than so many octets. Of one that has more, or grows meanwhile, no
// more is read than tells it.
func Read(path string, most int64) ([]byte, fs.FileInfo, error) {
	file, info, err := Open(path)
	if err != nil {
		return nil, info, err
	}
	defer file.Close()
	data, err := ReadAll(file, info, most)
	return data, info, err
}

// A Reader reads files as Read does, perhaps not where they are called.
type Reader func(path string, most int64) ([]byte, fs.FileInfo, error)

// ReadAll is Read for a file that is open.
func ReadAll(file *os.File, info fs.FileInfo, most int64) ([]byte, error) {
	if info.Size() > most {
		return nil, tooLarge(most)
	}
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(file, most+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > most {
		return nil, tooLarge(most)
	}
	return b.Bytes(), nil
}

func tooLarge(most int64) error {
	if most < 1<<20 {
		return fmt.Errorf("is larger than %d octets", most)
	}
	return fmt.Errorf("is larger than %d MB", most>>20)
}

func checked(file *os.File, err error) (*os.File, fs.FileInfo, error) {
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil {
		err = Check(info)
	}
	if err != nil {
		file.Close()
		return nil, info, err
	}
	return file, info, nil
}

// named is err, or better what is there, which may be why it could not be opened: nobody reads a pipe, a socket is none.
func named(info fs.FileInfo, err error) error {
	if errors.Is(err, syscall.ENXIO) && info != nil {
		return cmp.Or(Check(info), err)
	}
	return err
}

// NotAFile says what there is in place of a plain file.
type NotAFile string

func (what NotAFile) Error() string { return string(what) }

// Check is a NotAFile for what is no plain file.
func Check(info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return NotAFile("is a folder, not a file")
	case mode&fs.ModeNamedPipe != 0:
		return NotAFile("is a pipe, not a file")
	case mode&fs.ModeSocket != 0:
		return NotAFile("is a socket, not a file")
	case mode&fs.ModeDevice != 0:
		return NotAFile("is a device, not a file")
	}
	return NotAFile("is no plain file")
}
