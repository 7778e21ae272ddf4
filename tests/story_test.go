package tests

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestStories runs every story in testdata: what an operator does, line by line, and the files it is done with.
//
// In the files $PORT is a port of the story's own. Beside testscript's commands (exec, stdout, stderr, cmp, cp, rm ...)
// a story can say:
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
//	demo                     run the demo, type every dig line it prints, stop it; what is answered is on stdout
//	answers TABLE            ask each line of a table: subnet, name, type, answer and perhaps scope; at every POP deployed
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup:               prepare,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serveCommand, "reload": reloadCommand, "log": logCommand, "notices": noticesCommand, "end": endCommand,
			"ask": askCommand, "edit": editCommand, "mmdb": mmdbCommand, "deploy": deployCommand, "answers": answersCommand,
			"demo": demoCommand,
		},
	})
}

// story is what the commands of one story share.
type story struct {
	port    int
	servers map[string]*server
	hosts   map[string]string // of the POPs that were deployed
}

type storyKey struct{}

func prepare(env *testscript.Env) error {
	noteSources() // a story can say: exec tinycdn
	port, err := freePort()
	if err != nil {
		return err
	}
	s := &story{port: port, servers: map[string]*server{}, hosts: map[string]string{}}
	env.Values[storyKey{}] = s
	env.Setenv("PORT", fmt.Sprint(port))
	env.Setenv("PATH", filepath.Dir(program)+string(filepath.ListSeparator)+env.Getenv("PATH"))
	env.Defer(func() {
		for _, server := range s.servers {
			server.kill()
		}
	})
	return setPort(env.WorkDir, port)
}

// setPort writes the port into every file of the story.
func setPort(folder string, port int) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, bytes.ReplaceAll(text, []byte("$PORT"), []byte(fmt.Sprint(port))), 0o644)
	})
}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

// usage ends the story if a command of it is not well said.
func usage(ts *testscript.TestScript, right bool, how string) {
	if !right {
		ts.Fatalf("usage: %s", how)
	}
}
