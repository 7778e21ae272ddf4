package h1

import "tinycdn/webserver/page"

// hintOf is what a field says of why the request is made. Nearly all fields are told by the length of their names not to.
func hintOf(name, value []byte) page.Hints {
	for _, known := range [...]string{"accept", "sec-fetch-dest", "sec-purpose", "purpose", "x-purpose", "x-moz", "dnt", "sec-gpc"} {
		if is(name, known) {
			return page.HintOf(known, value)
		}
	}
	return 0
}
