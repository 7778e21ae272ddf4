package page

import "net/http"

// Hints are what a request says of why it is made. No page depends on them.
type Hints uint8

// Hints.
const (
	// Private asks not to be followed (DNT: 1, or Sec-GPC: 1).
	Private Hints = 1 << iota
	// Ahead is of a browser that fetches what nobody has asked for yet (Sec-Purpose, and its older names).
	Ahead
	// Opens is of a browser that opens a page in a tab (Fetch Metadata, Sec-Fetch-Dest: document).
	Opens
	// Embeds is of one that wants anything else: a frame, an image, data.
	Embeds
	// WantsHTML accepts text/html by name, which browsers do when they open a page, and few others ever.
	WantsHTML
)

// HintOf is what a field says. Its name is in lower case.
func HintOf[T string | []byte](name string, value T) Hints {
	switch name {
	case "dnt", "sec-gpc":
		if len(value) == 1 && value[0] == '1' {
			return Private
		}
	case "sec-purpose", "purpose", "x-purpose", "x-moz":
		if contains(value, "prefetch") || contains(value, "prerender") || contains(value, "preview") {
			return Ahead
		}
	case "sec-fetch-dest":
		if string(value) == "document" {
			return Opens
		}
		return Embeds
	case "accept":
		if contains(value, "text/html") {
			return WantsHTML
		}
	}
	return 0
}

// contains is strings.Contains for both kinds of text, without regard to case. The word is in lower case.
func contains[T string | []byte](text T, word string) bool {
	for at := 0; at+len(word) <= len(text); at++ {
		i := 0
		for i < len(word) && text[at+i]|0x20 == word[i]|0x20 {
			i++
		}
		if i == len(word) {
			return true
		}
	}
	return false
}

// hinting are the fields that HintOf knows, as net/http and we name them.
var hinting = [...]struct{ canonical, name string }{
	{"Accept", "accept"}, {"Sec-Fetch-Dest", "sec-fetch-dest"}, {"Sec-Purpose", "sec-purpose"}, {"Purpose", "purpose"},
	{"X-Purpose", "x-purpose"}, {"X-Moz", "x-moz"}, {"Dnt", "dnt"}, {"Sec-Gpc", "sec-gpc"},
}

// hintsIn are those of a whole header.
func hintsIn(h http.Header) (hints Hints) {
	for i := range hinting {
		for _, value := range h[hinting[i].canonical] {
			hints |= HintOf(hinting[i].name, value)
		}
	}
	return hints
}
