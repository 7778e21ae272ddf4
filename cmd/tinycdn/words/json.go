package words

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
)

// WriteJSON writes JSON that moves no terminal: what cannot be printed is escaped, where encoding/json leaves some as it is, such as U+009B,
// which terminals take for the beginning of an order.
func WriteJSON(w io.Writer, what any, indent string) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", indent)
	if err := e.Encode(what); err != nil {
		return err
	}
	_, err := w.Write(escaped(text.Bytes()))
	return err
}

// escaped has no runes beyond ASCII but those that can be printed. They are in strings, so that escapes mean the same.
func escaped(text []byte) []byte {
	if !bytes.ContainsFunc(text, unprintable) {
		return text
	}
	var out []byte
	for _, r := range string(text) {
		switch {
		case !unprintable(r):
			out = append(out, string(r)...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

func unprintable(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }
