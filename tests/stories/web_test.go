package stories

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tinycdn/tests/testkit"

	"github.com/rogpeppe/go-internal/testscript"
)

func getCommand(ts *testscript.TestScript, neg bool, args []string) {
	host, rest := hostOf(args)
	r := requestOf(ts, rest)
	text, certificate, err := r.send(storyOf(ts).ports, host)
	if neg {
		if err == nil {
			ts.Fatalf("there is a response:\n%s", text)
		}
		fmt.Fprintln(ts.Stderr(), err)
		return
	}
	ts.Check(err)
	io.WriteString(ts.Stdout(), text)
	io.WriteString(ts.Stderr(), certificate)
}

// visitCommand asks every POP for the address, as a resolver might.
func visitCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 1, "visit SUBNET [FLAGS] URL")
	s := storyOf(ts)
	r := requestOf(ts, args[1:])
	address := ""
	for _, pop := range slices.Sorted(maps.Values(s.hosts)) {
		reply, err := digBoth(pop, s.ports.DNS, r.url.Hostname(), "A", "+subnet="+args[0])
		ts.Check(err)
		if len(reply.answers) != 1 || address != "" && address != reply.answers[0] {
			ts.Fatalf("%s is not for all POPs %s:\n%s", r.url.Hostname(), address, reply.text)
		}
		address = reply.answers[0]
	}
	text, _, err := r.send(s.ports, address)
	ts.Check(err)
	io.WriteString(ts.Stdout(), text)
}

// request is what the flags of a get come to.
type request struct {
	protocol string
	socket   string // "": over TCP or UDP
	method   string
	url      *url.URL
	header   http.Header
	body     string
}

func requestOf(ts *testscript.TestScript, args []string) *request {
	const how = "[!] get [@HOST] [--http2] [--http3] [--unix-socket FILE] [-X METHOD] [-H FIELD] [-d BODY] URL"
	r := &request{protocol: "http1.1", method: http.MethodGet, header: http.Header{}}
	for ; len(args) > 1; args = args[1:] {
		switch flag := args[0]; flag {
		case "--http2", "--http3":
			r.protocol = flag[2:]
			continue
		case "--unix-socket":
			r.socket = ts.MkAbs(args[1])
		case "-X":
			r.method = args[1]
		case "-H":
			name, value, ok := strings.Cut(args[1], ":")
			usage(ts, ok, how)
			r.header.Add(name, strings.TrimSpace(value))
		case "-d":
			r.body = args[1]
		default:
			usage(ts, false, how)
		}
		args = args[1:]
	}
	usage(ts, len(args) == 1, how)
	var err error
	r.url, err = url.Parse(args[0])
	ts.Check(err)
	usage(ts, r.url.Host != "", how)
	return r
}

// send gives the response as text, its fields in the order of their names, and what certificate the server showed.
func (r *request) send(p testkit.Ports, host string) (text, certificate string, err error) {
	visitor := testkit.NewVisitor(p, host, r.protocol)
	if r.socket != "" {
		visitor = testkit.NewAdmin(r.socket)
	}
	defer testkit.Leave(visitor)
	response, body, err := testkit.Fetch(visitor, r.method, r.url.String(), r.header, strings.NewReader(r.body))
	if err != nil {
		return "", "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", response.Proto, response.Status)
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		for _, value := range response.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	b.WriteString("\n")
	b.Write(body)
	if response.TLS != nil {
		shown := response.TLS.PeerCertificates[0]
		certificate = fmt.Sprintf("certificate %v for %s\n", shown.SerialNumber, strings.Join(shown.DNSNames, ", "))
	}
	return b.String(), certificate, nil
}

func certCommand(ts *testscript.TestScript, neg bool, args []string) {
	from, until := time.Now().Add(-24*time.Hour), time.Now().Add(24*time.Hour)
	if len(args) > 0 && args[0] == "--expired" {
		args, until = args[1:], time.Now().Add(-12*time.Hour)
	}
	usage(ts, !neg && len(args) > 1, "cert [--expired] NAME HOST...")
	number, err := testkit.Authority().Issue(ts.MkAbs(args[0]), from, until, args[1:]...)
	ts.Check(err)
	ts.Setenv("CERT", fmt.Sprint(number))
}

func appCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && (len(args) == 1 || len(args) == 2 && args[0] != "stop"), "app FOLDER [SOCKET], or app stop")
	s := storyOf(ts)
	if args[0] == "stop" {
		if s.app == nil {
			ts.Fatalf("app: none runs")
		}
		ts.Check(s.app.Close())
		s.app = nil
		return
	}
	var err error
	if app := testkit.NewApp(ts.MkAbs(args[0])); len(args) == 2 {
		s.app, err = testkit.StartAppAt(ts.MkAbs(args[1]), app)
	} else {
		s.app, err = testkit.StartApp(s.ports.App, app)
	}
	ts.Check(err)
}
