package page_test

import (
	"fmt"
	"strings"

	"tinycdn/webserver/page"
)

// A page is packed once, and then only copied: in the coding that a client likes best of those that it takes.
func Example() {
	p := page.New(page.Response{
		Status: 200,
		Header: []page.Field{{Name: "Content-Type", Value: "text/css"}},
		Body:   []byte(strings.Repeat("p { margin: 0 }\n", 100)),
	})
	p.Pack() // as the server does in the background, after the first request

	for _, accepted := range []string{"", "gzip", "gzip, br", "gzip;q=0.5, identity;q=0.2"} {
		v := p.Negotiate(accepted)
		fmt.Printf("%-28q %s, smaller: %v\n", accepted, v.Coding, len(v.Body) < len(p.Body()))
	}
	// Output:
	// ""                           identity, smaller: false
	// "gzip"                       gzip, smaller: true
	// "gzip, br"                   br, smaller: true
	// "gzip;q=0.5, identity;q=0.2" gzip, smaller: true
}
