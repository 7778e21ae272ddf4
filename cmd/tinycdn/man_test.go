package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryCommandHasAManualPageWithAnExample(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	root := newCommand()
	root.SetArgs([]string{"man", folder})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	for _, c := range manPages(root) {
		page, err := os.ReadFile(filepath.Join(folder, manName(c)+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range []string{".SH SYNOPSIS\n.B tinycdn", `\-\-help`, ".SH EXAMPLES\n.nf\n  tinycdn "} {
			if !strings.Contains(string(page), want) {
				t.Errorf("%s: no %q in\n%s", manName(c), want, page)
			}
		}
	}
}

func TestWhatHasAMeaningInAManualPageIsEscaped(t *testing.T) {
	t.Parallel()
	const text = ".hidden\n'quoted'\na\\b --c"
	if got, want := roff(text), "\\&.hidden\n\\&'quoted'\na\\eb \\-\\-c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHelpTellsOfEveryKey(t *testing.T) {
	t.Parallel()
	var help strings.Builder
	root := newCommand()
	root.SetOut(&help)
	root.SetArgs([]string{"help", "config"})
	if err := root.Execute(); err != nil || !strings.Contains(help.String(), "\ndns.clients_per_address\n    TCP connections") {
		t.Errorf("got %v\n%s", err, help.String())
	}
}
