package certs

import (
	"time"

	"tinycdn/zones/diag"
)

// maxFile is far more than the longest chain takes.
const maxFile = 1 << 20

// load reads a pair, and notes what is wrong with it. It gives nil if the pair cannot be used.
func (l *loader) load(pair Pair, now time.Time) *certificate {
	chainText, chainOK := l.read(pair.Chain)
	keyText, keyOK := l.read(pair.Key)
	if !chainOK || !keyOK {
		return nil
	}
	if info := l.Files[pair.Key]; info.Mode().Perm()&0o004 != 0 {
		l.note(pair.Key, "everybody on this machine can read the key; chmod o-r %s", pair.Key)
	}
	return l.parse(pair, chainText, keyText, now)
}

// read gives what a file holds.
func (l *loader) read(name string) (text []byte, ok bool) {
	text, err := l.readFile(name)
	if err != nil {
		l.problem(name, 0, "%s", diag.Reason(err))
	}
	return text, err == nil
}

func (l *loader) readFile(name string) ([]byte, error) {
	text, info, err := l.readAll(name, maxFile)
	l.Files[name] = info
	return text, err
}
