package stories

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"tinycdn/tests/testkit"

	"github.com/rogpeppe/go-internal/testscript"
)

// urlsCommand asks for every URL of a list and holds what comes against it: the status, and where it leads or else the media type.
func urlsCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 1, "urls FILE, with a line for each: URL STATUS LOCATION-OR-TYPE")
	visitor := testkit.NewVisitor(storyOf(ts).ports, "", "http1.1")
	defer testkit.Leave(visitor)
	var wrong []string
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		response, _, err := testkit.Fetch(visitor, http.MethodGet, words[0], http.Header{}, nil)
		ts.Check(err)
		mediaType, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";")
		got := fmt.Sprintf("%s %d %s", words[0], response.StatusCode, cmp.Or(response.Header.Get("Location"), mediaType))
		if want := strings.Join(words, " "); got != want {
			wrong = append(wrong, fmt.Sprintf("got  %s\nwant %s", got, want))
		}
	}
	if wrong != nil {
		ts.Fatalf("%s", strings.Join(wrong, "\n"))
	}
}
