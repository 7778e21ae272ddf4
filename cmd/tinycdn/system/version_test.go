package system

import (
	"runtime/debug"
	"testing"
)

func TestVersionOfABuild(t *testing.T) {
	t.Parallel()
	const commit = "0e1c178b2d3f4a5b6c7d8e9f0a1b2c3d4e5f6a7b"
	for _, c := range []struct{ tag, commit, changed, version, text string }{
		{"v1.2.3", commit, "false", "v1.2.3", "v1.2.3"},
		{"v1.2.3-rc.1", commit, "false", "v1.2.3-rc.1", "v1.2.3-rc.1"},
		{"v1.2.3+dirty", commit, "true", "devel-0e1c178", "devel 0e1c178b2d3f of 2026-11-29 with changes"},
		{"v1.2.4-0.20261129013000-0e1c178b2d3f", commit, "false", "devel-0e1c178", "devel 0e1c178b2d3f of 2026-11-29"},
		{"v0.0.0-20261129013000-0e1c178b2d3f+dirty", commit, "true", "devel-0e1c178", "devel 0e1c178b2d3f of 2026-11-29 with changes"},
		{"(devel)", commit, "false", "devel-0e1c178", "devel 0e1c178b2d3f of 2026-11-29"},
		{"(devel)", "", "", "devel", "devel"},
		{"", "", "", "devel", "devel"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: c.tag}}
		if c.commit != "" {
			info.Settings = []debug.BuildSetting{
				{Key: "vcs.revision", Value: c.commit}, {Key: "vcs.time", Value: "2026-11-29T01:30:00Z"}, {Key: "vcs.modified", Value: c.changed},
			}
		}
		b := buildOf(info)
		if b.version() != c.version || b.String() != c.text {
			t.Errorf("%q at %q: got %q, %q, want %q, %q", c.tag, c.commit, b.version(), b.String(), c.version, c.text)
		}
	}
}
