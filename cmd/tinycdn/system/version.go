package system

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Version is this program's in a word: "v1.2.3" for a release, else "devel-0e1c178" for the commit that it was made of.
func Version() string { return thisBuild().version() }

// Build says more of what is no release: "devel 0e1c178b2d3f of 2026-11-29 with changes".
func Build() string { return thisBuild().String() }

// Maker tells this program from every other that may come to other results: versions, what they are made of, and for which machines.
func Maker() string {
	text := runtime.GOOS + " " + runtime.GOARCH
	if info, ok := debug.ReadBuildInfo(); ok {
		text += " " + info.String()
	}
	if file, err := os.Stat("/proc/self/exe"); err == nil { // the program that runs, also when another lies there by now
		text += fmt.Sprint(" ", file.Size(), file.ModTime().UnixNano()) // with changes, builds of one commit are many
	}
	return text
}

// build is what the Go tool noted when it made a program.
type build struct {
	release string // "": none
	commit  string // "": it was not made in a repository
	date    string
	changed bool // since the commit
}

func (b build) version() string {
	if b.release == "" && b.commit != "" {
		return "devel-" + b.commit[:7]
	}
	return b.name()
}

func (b build) String() string {
	if b.release != "" || b.commit == "" {
		return b.name()
	}
	text := fmt.Sprintf("devel %s of %s", b.commit[:12], b.date)
	if b.changed {
		text += " with changes"
	}
	return text
}

func (b build) name() string { return cmp.Or(b.release, "devel") }

func thisBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return build{}
	}
	return buildOf(info)
}

var (
	release = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)
	// A commit behind a release has a version too: that of the next release, and then a time and a part of the commit's hash.
	pseudo = regexp.MustCompile(`\d{14}-[0-9a-f]{12}$`)
)

func buildOf(info *debug.BuildInfo) (b build) {
	if v := info.Main.Version; release.MatchString(v) && !pseudo.MatchString(v) {
		b.release = v
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.commit = setting.Value + strings.Repeat("0", max(0, 12-len(setting.Value)))
		case "vcs.time":
			if t, err := time.Parse(time.RFC3339, setting.Value); err == nil {
				b.date = t.UTC().Format(time.DateOnly)
			}
		case "vcs.modified":
			b.changed = setting.Value == "true"
		}
	}
	return b
}
