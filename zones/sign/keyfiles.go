package sign

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/miekg/dns"

	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"
	"tinycdn/zones/rr"
)

// mostKeyFile is how much of a key's file is read.
const mostKeyFile = 64 << 10

// KeyFiles is what lies in the folder of a zone's keys.
type KeyFiles struct {
	Key      *Key // nil: there is none, or it is not right
	Files    map[string]fs.FileInfo
	Problems []diag.Problem
	Notes    []diag.Problem
}

// ReadKey reads the key of a zone, in the folder of all keys.
func ReadKey(keys string, apex []byte) (k KeyFiles) {
	folder := Folder(keys, apex)
	k.Files = map[string]fs.FileInfo{}
	k.Files[folder], _ = os.Stat(folder)
	paths, err := filepath.Glob(filepath.Join(escaped(folder), "K*.key"))
	switch {
	case err != nil || len(paths) == 0:
		k.problem(folder, "there is no key of zone %s (tinycdn dnssec key new %[1]s makes one)", rr.NameText(apex))
		return k
	case len(paths) > 1:
		k.problem(folder, "there are %d keys of zone %s, and one signs it (keep the one that the DS at the parent is of)", len(paths), rr.NameText(apex))
		return k
	}
	k.read(paths[0], apex)
	return k
}

// escaped is a path as a pattern that stands for it alone.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func (k *KeyFiles) problem(path, format string, args ...any) {
	k.Problems = append(k.Problems, diag.Problem{File: path, Text: fmt.Sprintf(format, args...)})
}

// read reads a key's two files.
func (k *KeyFiles) read(path string, apex []byte) {
	flags, data, ok := k.readPublic(path, apex)
	if !ok {
		return
	}
	path = strings.TrimSuffix(path, ".key") + ".private"
	text, ok := k.text(path)
	if !ok {
		return
	}
	private, err := readPrivate(text)
	if err != nil {
		k.problem(path, "%v", err)
		return
	}
	key, err := newKey(flags, private)
	if err != nil || !bytes.Equal(key.Data, data) {
		k.problem(path, "is not the private key of what lies beside it (both files of a key belong together: copy them anew)")
		return
	}
	if mode := k.Files[path].Mode(); mode&0o007 != 0 {
		k.Notes = append(k.Notes, diag.Problem{File: path, Text: "everybody on this machine can read it (chmod o= it)"})
	}
	k.Key = key
}

// text is what is in a file.
func (k *KeyFiles) text(path string) (string, bool) {
	k.Files[path], _ = os.Stat(path)
	text, info, err := plainfile.Read(path, mostKeyFile)
	if err != nil {
		k.problem(path, "%s", diag.Reason(err))
		return "", false
	}
	k.Files[path] = info
	return string(text), true
}

// readPublic reads the DNSKEY record of a key.
func (k *KeyFiles) readPublic(path string, apex []byte) (flags uint16, data []byte, ok bool) {
	text, ok := k.text(path)
	if !ok {
		return 0, nil, false
	}
	record, err := dns.NewRR(text)
	key, isKey := record.(*dns.DNSKEY)
	var owner [rr.MaxName + 1]byte
	n := 0
	if isKey {
		n, _ = dns.PackDomainName(strings.ToLower(key.Hdr.Name), owner[:], 0, nil, false)
	}
	switch {
	case err != nil || !isKey:
		k.problem(path, "is no DNSKEY record")
	case !bytes.Equal(owner[:n], apex):
		k.problem(path, "is a key of zone %s, and not of %s", strings.TrimSuffix(key.Hdr.Name, "."), rr.NameText(apex))
	case key.Algorithm != Algorithm:
		k.problem(path, "is of algorithm %d, and zones are signed by %d here, ECDSA P-256", key.Algorithm, Algorithm)
	case key.Protocol != 3 || key.Flags&dns.ZONE == 0 || key.Flags&dns.REVOKE != 0:
		k.problem(path, "is no key that signs zones (RFC 4034, 2.1: flags 257, protocol 3)")
	default:
		var wire [rr.MaxName + 4096]byte
		end, err := dns.PackRR(key, wire[:], 0, nil, false)
		if err != nil {
			k.problem(path, "%v", err)
			return 0, nil, false
		}
		return key.Flags, bytes.Clone(wire[n+10 : end]), true
	}
	return 0, nil, false
}

// HasKey says whether there is a key in the folder of a zone's keys.
func HasKey(folder string) bool {
	found, _ := filepath.Glob(filepath.Join(escaped(folder), "K*.key"))
	return len(found) > 0
}
