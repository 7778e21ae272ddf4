package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with the token costs the address, and not the POP; and what is in the file is told to nobody.
func TestAWrongTokenCostsTheAddressAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "tinycdn.toml")
	good := strings.Repeat("0123456789abcdef", 2)
	if err := os.WriteFile(path, []byte("[admin]\nlisten = [\"127.0.0.1:9053\", \"192.0.2.1:9053\"]\ntoken_file = \"token\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const makesOne = " (od -An -tx8 -N32 -w32 /dev/urandom | tr -d ' ' makes one)"
	for text, want := range map[string]string{
		"":                        "no such file or directory",
		"secret":                  "want one line of 32 to 256 characters" + makesOne,
		good + "\n" + good + "\n": "want letters, digits and -._~+/= alone, in one line" + makesOne,
		good + "é":                "want letters, digits and -._~+/= alone, in one line" + makesOne,
		good + "\n":               "",
	} {
		file := filepath.Join(folder, "token")
		os.Remove(file)
		if text != "" {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if want != "" {
			want = "[" + path + ":3: admin.token_file: " + file + ": " + want + "]"
		} else {
			want = "[]"
		}
		c := Load(path)
		if got := fmt.Sprint(c.Outside); got != want || len(c.Mistakes) > 0 || strings.Contains(got, "secret") {
			t.Errorf("%q: got %s %v, want %s", text, got, c.Mistakes, want)
		}
		note := path + ":2: admin.listen: 192.0.2.1:9053: whoever is on the way there can read the token (listen on 127.0.0.1, and come by ssh -L)"
		if got := fmt.Sprint(c.Notes); got != "["+note+"]" {
			t.Errorf("%q: got the notes %s", text, got)
		}
	}
	token := filepath.Join(folder, "token") // whichever was the last above
	if err := errors.Join(os.WriteFile(token, []byte(good), 0o600), os.Chmod(token, 0o604)); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(Load(path).Notes); !strings.Contains(got, "token: everybody on this machine can read it (chmod o= ") {
		t.Errorf("got the notes %s", got)
	}
}
