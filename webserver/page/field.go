package page

import (
	"regexp"

	"tinycdn/zones/diag"
)

// Field is a field of a header. Its name is in canonical form, as in http.Header.
type Field struct {
	Name  string `toml:",key"`
	Value string `toml:",value"`
}

var fieldName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// IsFieldName says whether a field can have this name (RFC 9110, 5.1).
func IsFieldName(name string) bool { return fieldName.MatchString(name) }

// CheckField reports a value, which stands at the keys, that is more than one line of text (RFC 9110, 5.5).
func CheckField(keys []string, value string, report diag.Report) {
	for _, r := range value {
		if r < ' ' && r != '\t' || r == 0x7f {
			report(keys, "a control character is in the value of a header field")
			return
		}
	}
}
