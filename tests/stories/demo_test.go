package stories

import (
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"syscall"

	"tinycdn/tests/testkit"

	"github.com/rogpeppe/go-internal/testscript"
)

// pageAddress is a page as the demo prints it.
var pageAddress = regexp.MustCompile(`http://[\d.]+:\d+/\S*`)

// demoCommand runs the demo, types every dig line that it prints, just as it stands there, and opens every page. What is
// answered goes to stdout, behind the line and what the demo says of it. Then comes Ctrl-C.
func demoCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 0, "demo")
	s := storyOf(ts)
	server, err := testkit.Launch(testkit.Command("demo", "--port", fmt.Sprint(s.ports.DNS), "--web-port", fmt.Sprint(s.ports.HTTP)))
	ts.Check(err)
	s.servers["demo"] = server
	if _, found := server.Log.Await(0, server.Exited, func(line string) bool { return strings.Contains(line, "Ctrl-C stops") }); !found {
		ts.Fatalf("the demo does not get to its end:\n%s", server.Log)
	}
	list, _ := server.Log.From(0)
	for i, line := range list {
		for _, page := range pageAddress.FindAllString(line, -1) {
			address, err := url.Parse(page)
			ts.Check(err)
			r := &request{protocol: "http1.1", method: http.MethodGet, url: address}
			text, _, err := r.send(s.ports, address.Hostname())
			ts.Check(err)
			fmt.Fprintf(ts.Stdout(), "get %s\n%s\n", page, text)
		}
		command, isDig := strings.CutPrefix(line, "  dig ")
		if !isDig {
			continue
		}
		out, err := exec.Command("dig", strings.Fields(command)...).CombinedOutput()
		if err != nil {
			ts.Fatalf("%s: %v\n%s", line, err, out)
		}
		fmt.Fprintf(ts.Stdout(), "dig %s\n%s\n%s\n", command, strings.TrimSpace(list[i+1]), out)
	}
	delete(s.servers, "demo")
	ts.Check(server.Stop(syscall.SIGINT))
}
