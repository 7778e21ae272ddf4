//go:build !linux

package watch

import (
	"io/fs"
	"time"

	"tinycdn/zones/diag"
)

// poll is how often to look: no change is reported.
const poll = 2 * time.Second

// notifier is Linux's. Elsewhere there is none.
type notifier struct{}

func newNotifier() (*notifier, error) { return nil, nil }

func (n *notifier) close()                    {}
func (n *notifier) add(string) (int32, error) { return 0, nil }
func (n *notifier) remove(int32)              {}
func (n *notifier) read() ([]event, error)    { return nil, nil }

func isFull(error) bool              { return false }
func reason(err error) string        { return diag.Reason(err) }
func hasOtherNames(fs.FileInfo) bool { return true }
