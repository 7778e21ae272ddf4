package acme

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"tinycdn/geoip/plainfile"

	"github.com/google/renameio/v2"
)

// A folder holds a bundle: below it one for each authority, with account.json, and of each certificate its chain, its key and what
// else there is to know.
type folder string

// fileOf is the beginning of the names of a certificate's files.
func fileOf(name string) string {
	if name = url.PathEscape(name); name == "account" || strings.HasPrefix(name, ".") {
		return "%" + fmt.Sprintf("%02X", name[0]) + name[1:]
	}
	return name
}

// read reads what there is. What cannot be used is told, and the rest is.
func (f folder) read() (b Bundle, wrong []error) {
	b = Bundle{Accounts: map[string]*Account{}, Certificates: map[string]*Certificate{}}
	entries, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return b, []error{told(string(f), err)}
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		wrong = append(wrong, f.readAuthority(&b, entry.Name())...)
	}
	return b, wrong
}

func (f folder) readAuthority(b *Bundle, authority string) (wrong []error) {
	files, err := os.ReadDir(filepath.Join(string(f), authority))
	if err != nil {
		return []error{told(filepath.Join(string(f), authority), err)}
	}
	for _, file := range files {
		path := filepath.Join(string(f), authority, file.Name())
		base, isJSON := strings.CutSuffix(path, ".json")
		if !isJSON {
			continue
		}
		if file.Name() == "account.json" {
			a := new(Account)
			if err := readJSON(path, a); err != nil {
				wrong = append(wrong, err)
			} else if _, err := a.signer(); err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %w (a new account is made)", path, err))
			} else if folderOf(a.Directory) == authority {
				b.Accounts[a.Directory] = a
				b.Version = later(b.Version, a.Version)
			}
			continue
		}
		name, c, err := readCertificate(base)
		if err != nil {
			wrong = append(wrong, err)
		}
		if c != nil {
			b.Version = later(b.Version, c.Version)
			if have := b.Certificates[name]; have == nil || have.Version.Less(c.Version) {
				c.At = authority
				b.Certificates[name] = c
			}
		}
	}
	return wrong
}

// readCertificate reads the files of a certificate. One whose chain or key is no use is one that is to be ordered.
func readCertificate(base string) (name string, c *Certificate, err error) {
	if name, err = url.PathUnescape(filepath.Base(base)); err != nil {
		return "", nil, nil // none of ours
	}
	c = new(Certificate)
	if err := readJSON(base+".json", c); err != nil {
		c = new(Certificate) // the pair may be good all the same
		if fault := readPair(base, c); fault != nil || c.leaf == nil {
			return name, nil, err
		}
		c.Names = c.leaf.DNSNames
		return name, c, err
	}
	if c.Directory == "" {
		return name, c, nil // there was none yet
	}
	err = readPair(base, c)
	if err != nil {
		c.Chain, c.Key = "", ""
		err = fmt.Errorf("%w (another one is ordered)", err)
	}
	return name, c, err
}

func readPair(base string, c *Certificate) error {
	for path, text := range map[string]*string{base + ".pem": &c.Chain, base + ".key": &c.Key} {
		data, _, err := plainfile.Read(path, mostFile)
		if err != nil {
			return told(path, err)
		}
		*text = string(data)
	}
	err := c.parse()
	if err == nil && c.leaf == nil {
		err = errors.New("the chain holds no certificate")
	}
	if err != nil {
		return fmt.Errorf("%s.pem: %w", base, err)
	}
	return nil
}

func later(a, b Version) Version {
	if a.Less(b) {
		return b
	}
	return a
}

func readJSON(path string, v any) error {
	data, _, err := plainfile.Read(path, mostFile)
	if err != nil {
		return told(path, err)
	}
	if json.Unmarshal(data, v) != nil {
		return fmt.Errorf("%s: it cannot be read: is the file whole?", path)
	}
	return nil
}

// told is an error that names the file once, and says what to do.
func told(path string, err error) error {
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s: %w (give the folder to the user that tinycdn runs as: chown -R)", path, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// writeAccount writes an account.
func (f folder) writeAccount(a *Account) error {
	at, err := f.make(folderOf(a.Directory))
	if err != nil {
		return err
	}
	return writeJSON(filepath.Join(at, "account.json"), a)
}

// writeCertificate writes a certificate to the folder of an authority. Whenever that is cut short, the old pair is there or the new
// one: until the chain is there, the file of the key has both.
func (f folder) writeCertificate(name string, c *Certificate, authority string) error {
	at, err := f.make(authority)
	if err != nil {
		return err
	}
	base := filepath.Join(at, fileOf(name))
	if c.Chain != "" {
		if have, _, err := plainfile.Read(base+".key", mostFile); err != nil || string(have) != c.Key {
			if err := write(base+".key", c.Key+string(have)); err != nil {
				return err
			}
		}
		if err := write(base+".pem", c.Chain); err != nil {
			return err
		}
		if err := write(base+".key", c.Key); err != nil {
			return err
		}
	}
	short := *c
	short.Chain, short.Key, short.At = "", "", ""
	if err := writeJSON(base+".json", &short); err != nil {
		return err
	}
	if c.At != "" && c.At != authority {
		f.remove(name, c.At)
	}
	c.At = authority
	return nil
}

// remove removes the files of a certificate from the folder of an authority.
func (f folder) remove(name, authority string) {
	for _, end := range []string{".json", ".key", ".pem"} {
		os.Remove(filepath.Join(string(f), authority, fileOf(name)+end))
	}
}

func (f folder) make(authority string) (string, error) {
	at := filepath.Join(string(f), authority)
	if err := os.MkdirAll(at, 0o700); err != nil {
		return "", told(at, err)
	}
	return at, nil
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return write(path, string(text)+"\n")
}

// write replaces a file, which nobody else may read.
func write(path, text string) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return told(filepath.Dir(path), err)
	}
	defer root.Close()
	// Beside the place that it is for: Landlock may forbid to rename it into another folder.
	file, err := renameio.NewPendingFile(filepath.Base(path), renameio.WithRoot(root), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return told(path, err)
	}
	defer file.Cleanup()
	if _, err := file.WriteString(text); err != nil {
		return told(path, err)
	}
	if err := file.CloseAtomicallyReplace(); err != nil {
		return told(path, err)
	}
	return nil
}
