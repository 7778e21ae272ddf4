package stories

import (
	"os"
	"regexp"
	"strings"
	"syscall"

	"tinycdn/tests/testkit"

	"github.com/rogpeppe/go-internal/testscript"
)

func serveCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) <= 1, "[!] serve [POP]")
	cmd := testkit.Command("serve")
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "TINYCDN_POP="+ts.Getenv("TINYCDN_POP"))
	if state := ts.Getenv("TINYCDN_STATE"); state != "" {
		cmd.Env = append(cmd.Env, "TINYCDN_STATE="+ts.MkAbs(state))
	}
	name := strings.Join(args, "")
	if name != "" {
		cmd.Args = append(cmd.Args, "--pop", name)
		if info, err := os.Stat(ts.MkAbs(name)); err == nil && info.IsDir() {
			cmd.Dir = ts.MkAbs(name) // it was deployed
		}
	}
	s := storyOf(ts)
	if s.servers[name] != nil {
		ts.Fatalf("serve: %q runs already", name)
	}
	server, err := testkit.Launch(cmd)
	ts.Check(err)
	err = server.Ready()
	select {
	case <-server.Exited: // it refused
		server.Kill()
		if !neg {
			ts.Fatalf("serve: %v", err)
		}
		if server.Err == nil {
			ts.Fatalf("serve: it did not start, but says that all is well\n%s", server.Log)
		}
		ts.Stderr().Write([]byte(server.Log.String() + "\n"))
		return
	default:
	}
	s.servers[name] = server
	ts.Check(err)
	if neg {
		ts.Fatalf("serve: it started\n%s", server.Log)
	}
}

// serverOf is the server that a command names first, else the only one.
func serverOf(ts *testscript.TestScript, args []string) (name string, running *testkit.Process, rest []string) {
	s := storyOf(ts)
	if len(args) > 0 && s.servers[args[0]] != nil {
		return args[0], s.servers[args[0]], args[1:]
	}
	for name, server := range s.servers {
		if len(s.servers) == 1 {
			return name, server, args
		}
	}
	ts.Fatalf("which server? %d run", len(s.servers))
	return "", nil, nil
}

func reloadCommand(ts *testscript.TestScript, neg bool, args []string) {
	_, server, rest := serverOf(ts, args)
	usage(ts, !neg && len(rest) == 0, "reload [POP]")
	ts.Check(server.Reload())
}

func logCommand(ts *testscript.TestScript, neg bool, args []string) {
	_, server, rest := serverOf(ts, args)
	read := storyOf(ts).read
	usage(ts, len(rest) == 1, "[!] log [POP] PATTERN")
	pattern, err := regexp.Compile(rest[0])
	ts.Check(err)
	fits := func(line string) bool { return pattern.MatchString(strings.ReplaceAll(line, `\"`, `"`)) }
	if neg {
		list, _ := server.Log.From(read[server])
		for _, line := range list {
			if fits(line) {
				ts.Fatalf("the log says %s", line)
			}
		}
		return
	}
	next, found := server.Log.Await(read[server], server.Exited, fits)
	if !found {
		ts.Fatalf("no line of the log fits %#q:\n%s", pattern, server.Log)
	}
	read[server] = next
}

func noticesCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	usage(ts, !neg && len(args) > 1 && s.servers[args[0]] != nil, "notices POP LINE...")
	list, _ := s.servers[args[0]].Notices.From(0)
	var said []string
	for _, line := range list {
		switch what, _, _ := strings.Cut(line, "="); what {
		case "STATUS": // for people
		case "MONOTONIC_USEC":
			said = append(said, what)
		default:
			said = append(said, line)
		}
	}
	if got, want := strings.Join(said, "\n"), strings.Join(args[1:], "\n"); got != want {
		ts.Fatalf("got\n%s\nwant\n%s", got, want)
	}
}

func endCommand(ts *testscript.TestScript, neg bool, args []string) {
	name, server, rest := serverOf(ts, args)
	usage(ts, !neg && len(rest) == 0, "end [POP]")
	delete(storyOf(ts).servers, name)
	ts.Check(server.Stop(syscall.SIGTERM))
	ts.Stderr().Write([]byte(server.Log.String() + "\n"))
}
