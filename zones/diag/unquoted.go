package diag

import (
	"fmt"
	"io"
)

// Kind is a piece of a sentence that quotes nothing. It may be an error, or the reason of one.
type Kind string

func (k Kind) Error() string { return string(k) }

// Unquoted is fmt.Sprintf for files that are not quoted: numbers and Kinds are told, all else is left out.
func Unquoted(format string, args []any) string {
	told := make([]any, len(args))
	for i, arg := range args {
		switch arg.(type) {
		case Kind, int, uint32, int64:
			told[i] = arg
		default:
			told[i] = hidden{}
		}
	}
	return fmt.Sprintf(format, told...)
}

// hidden is written in place of what is left out, whatever the verb.
type hidden struct{}

func (hidden) Format(f fmt.State, _ rune) { io.WriteString(f, "...") }
