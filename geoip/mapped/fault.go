package mapped

import (
	"errors"
	"runtime/debug"
)

// ErrChanged says that a file was cut short while it was read.
var ErrChanged = errors.New("changed while it was read (replace a database by renaming, not by writing over it)")

// PanicOnFault makes reads of a mapped file that has meanwhile been cut short panic in this goroutine, where
// they would end the process. It returns what puts things back.
func PanicOnFault() (restore func()) {
	old := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(old) }
}
