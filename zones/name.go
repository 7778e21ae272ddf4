package zones

import (
	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// NameText gives a name as people write it, without the final dot.
func NameText(name []byte) string { return rr.NameText(name) }

// CheckName says what keeps a text from being a zone's name.
func CheckName(text string) error {
	_, err := zonefile.ParseOrigin(text)
	return err
}
