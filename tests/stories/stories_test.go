package stories

import (
	"net/http"
	"path/filepath"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestStories runs every story in testdata: what an operator does, line by line, and the files it is done with.
//
// In the files $PORT is a port of the story's own, and so are $HTTP and $HTTPS for pages and $APP for an application.
// Beside testscript's commands (exec, stdout, stderr, cmp, cp, rm ...) a story can say:
//
//	serve [POP]              start tinycdn; ready when it says so. ! serve: it must refuse, saying why on stderr
//	ask [@HOST] ARGUMENTS    dig, over UDP and over TCP, which must agree (unless +tcp, +notcp or +ignore is given)
//	edit FILE OLD NEW        replace a text in a file, as an editor does
//	mmdb FILE LIST           make a database from a list of networks
//	reload [POP]             send SIGHUP and wait until all is read again
//	log [POP] PATTERN        wait for a line in the log, after those that were waited for. ! log: there is none
//	notices POP LINE...      what the server has told the service manager up to now, without times and status
//	end [POP]                send SIGTERM; the server must stop and say that all is well
//	deploy POP HOST          copy the operator's files to a POP, in which $ADDRESS is HOST, as rsync -t does
//	demo                     run the demo, type every dig line and open every page it prints, stop it; what is answered is on stdout
//	answers TABLE            ask each line of a table: subnet, name, type, answer and perhaps scope; at every POP deployed
//	get [@HOST] [FLAGS] URL  get a page: status line, header and body go to stdout, the certificate to stderr. Flags are
//	                         curl's: --http2, --http3, --unix-socket FILE, -X METHOD, -H FIELD, -d BODY. A URL without a port means the
//	                         story's. ! get: there is no response
//	urls FILE                get each URL of a list, whose lines are: URL STATUS LOCATION-OR-TYPE
//	visit SUBNET URL         get a page from the POP whose address our DNS gives to a resolver of that subnet
//	cert NAME HOST...        make NAME.pem and NAME.key, which every get trusts. cert --expired NAME HOST...: too late
//	app FOLDER [SOCKET]      run an application that answers with the files of a folder. app stop: end it
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 testkit.InRepository("tests", "testdata"),
		RequireExplicitExec: true,
		Setup:               prepare,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serveCommand, "reload": reloadCommand, "log": logCommand, "notices": noticesCommand, "end": endCommand,
			"ask": askCommand, "edit": editCommand, "mmdb": mmdbCommand, "deploy": deployCommand, "answers": answersCommand,
			"demo": demoCommand, "get": getCommand, "urls": urlsCommand, "visit": visitCommand, "cert": certCommand,
			"app": appCommand,
		},
	})
}

// story is what the commands of one story share.
type story struct {
	ports   testkit.Ports
	servers map[string]*testkit.Process
	read    map[*testkit.Process]int // how many lines of its log
	hosts   map[string]string        // of the POPs that were deployed
	app     *http.Server             // nil: none runs
}

type storyKey struct{}

func prepare(env *testscript.Env) error {
	ports, err := testkit.FreePorts()
	if err != nil {
		return err
	}
	s := &story{ports: ports, servers: map[string]*testkit.Process{}, read: map[*testkit.Process]int{}, hosts: map[string]string{}}
	env.Values[storyKey{}] = s
	for _, name := range []string{"PORT", "HTTP", "HTTPS", "APP"} {
		env.Setenv(name, ports.In("$"+name))
	}
	env.Setenv("PATH", filepath.Dir(testkit.Program())+string(filepath.ListSeparator)+env.Getenv("PATH"))
	env.Defer(func() {
		for _, server := range s.servers {
			server.Kill()
		}
		if s.app != nil {
			s.app.Close()
		}
	})
	return ports.WriteInto(env.WorkDir)
}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

// usage ends the story if a command of it is not well said.
func usage(ts *testscript.TestScript, right bool, how string) {
	if !right {
		ts.Fatalf("usage: %s", how)
	}
}
