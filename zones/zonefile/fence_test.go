package zonefile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// estate makes a folder of zones with links out of it, and what lies beside it.
func estate(t *testing.T) (zones, shared string) {
	t.Helper()
	folder := t.TempDir()
	zones, shared = filepath.Join(folder, "zones"), filepath.Join(folder, "shared")
	for _, dir := range []string{filepath.Join(zones, "below"), shared} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for path, text := range map[string]string{
		zones + "/in": "in 5 A 192.0.2.1\n", zones + "/below/in": "below 5 A 192.0.2.2\n", shared + "/out": "out 5 A 192.0.2.3\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, to := range map[string]string{
		zones + "/link": "../shared/out", zones + "/folder": shared, zones + "/inner": zones + "/in", folder + "/linked": "zones",
		zones + "/below/up": "..",
	} {
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
	}
	return zones, shared
}

func TestAZoneIncludesFromItsFolderAlone(t *testing.T) {
	t.Parallel()
	zones, shared := estate(t)
	linked := filepath.Join(filepath.Dir(zones), "linked")
	for _, test := range []struct {
		name    string
		allowed bool // without more folders
		more    bool // with the folder shared
	}{
		{"in", true, true}, {"below/in", true, true}, {"./below/../in", true, true}, {"inner", true, true}, {"below/up/in", true, true},
		{zones + "/in", true, true}, {linked + "/below/in", true, true},
		{"link", false, true}, {"folder/out", false, true}, {"../shared/out", false, true}, {shared + "/out", false, true},
		{"/etc/gone", false, false}, {"/etc/passwd", false, false}, {"../../../../../../../../etc/passwd", false, false}, {"..", false, false},
	} {
		for _, own := range []string{zones, linked} {
			for _, file := range []string{"example.org", "example.org.toml"} {
				text := fmt.Sprintf("$INCLUDE %s\n", test.name)
				if isTOML(file) {
					text = fmt.Sprintf("include = %q\nrecords.'@'.NS = 'ns.example.net.'\n", test.name)
				}
				if err := os.WriteFile(filepath.Join(own, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				for _, more := range [][]string{nil, {shared}} {
					want := test.allowed || test.more && more != nil
					_, problems := Read(filepath.Join(own, file), "example.org", new(written), more...)
					if want && len(problems) > 0 || !want && (len(problems) != 1 || !strings.Contains(problems[0].Text, "of the zone's folder")) {
						t.Errorf("%s/%s with %s and %v: got %v, want it allowed: %v", own, file, test.name, more, problems, want)
					}
				}
			}
		}
	}
}

func TestAFileThatIsIncludedAsksForNoMore(t *testing.T) {
	t.Parallel()
	zones, shared := estate(t)
	err := errors.Join(
		os.WriteFile(zones+"/example.org", []byte("$INCLUDE folder/next\n"), 0o600),
		os.WriteFile(shared+"/next", []byte("$INCLUDE out\n$INCLUDE ../in\n$INCLUDE /etc/passwd\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	var sink written
	_, problems := Read(zones+"/example.org", "example.org", &sink, shared)
	if len(problems) != 1 || problems[0].Line != 3 || len(sink.lines) != 2 {
		t.Errorf("got %v, %v", problems, sink.lines)
	}
}

// Whoever may write a zone may not read all that the server may, by including it and reading the log.
func TestWhatIsIncludedIsNotQuoted(t *testing.T) {
	t.Parallel()
	included := strings.Join([]string{
		"$TTL 5", "secret:$6$salt$hash:19000:0:99999:7:::", "secret A 192.0.2.secret", "secret.other. A 192.0.2.1", "secret SECRET data", "$SECRET x", "$INCLUDE secret",
		"$ORIGIN secret..x", "$TTL secret", "$GENERATE secret a$ A 192.0.2.1", `"secret" A 192.0.2.1`, "secret 999999999999 A 192.0.2.1", `secret TXT "secret`,
		"secret )", "secret CH A 192.0.2.1", "secret SOA secret secret 1 2 3 4 5", "secret MX secret secret", "secret TYPE1 \\# 4 secret",
		"secret MX 10 192.0.2.9", `secret CAA 0 secrettag "x"`, "secret 1 A 192.0.2.1", "secret.example.org A 192.0.2.1", "secret ( secret",
	}, "\n")
	for _, file := range []string{"a", "a.toml"} {
		text := "$INCLUDE b\n"
		if isTOML(file) {
			text = "include = 'b'\n"
		}
		_, problems, zone := read(t, "example.org", file, text, "b", included)
		for _, note := range zone.Notes {
			problems = append(problems, note.String())
		}
		if len(problems) < 12 {
			t.Errorf("got %d problems:\n%s", len(problems), strings.Join(problems, "\n"))
		}
		for _, p := range problems {
			if !strings.Contains(p, "b:") || strings.Contains(strings.ToLower(p), "secret") || strings.Contains(p, "salt") {
				t.Errorf("got %s", p)
			}
		}
	}
}
