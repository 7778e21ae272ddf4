package drains

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/google/renameio/v2"
)

// kept is a word in the file: a span would not know how long nobody has counted.
type kept struct {
	Word Drain     `json:"word"`
	Ends time.Time `json:"ends,omitzero"` // by the clock of this machine
}

// Open reads what was said before; what cannot be read holds no longer, and is told. With no path nothing is kept.
func Open(path string, log *slog.Logger) *Set {
	s := &Set{path: path, log: log, last: map[string]*word{}}
	list, err := read(path)
	if err != nil {
		log.Warn("which POPs are drained cannot be read", "error", err, "effect", "none is, but those of which other POPs tell")
	}
	for _, k := range list {
		// What the clock says of the time between is counted from here on, whatever becomes of the clock.
		s.last[k.Word.POP] = &word{k.Word, time.Now().Add(min(time.Until(k.Ends), k.Word.For)), true}
	}
	return s
}

func read(path string) (list []kept, err error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i := range list {
		if list[i].Word.Left = 0; !list[i].Word.sane() {
			return nil, fmt.Errorf("%s: what it says of %q makes no sense", path, list[i].Word.POP)
		}
	}
	return list, nil
}

// keep writes all down. S.mu is held.
func (s *Set) keep() error {
	if s.path == "" {
		return nil
	}
	list := []kept{}
	for _, pop := range slices.Sorted(maps.Keys(s.last)) {
		k := kept{Word: s.last[pop].now()}
		if k.Word.For > 0 {
			k.Ends = time.Now().Add(k.Word.Left)
		}
		list = append(list, k)
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(s.path, append(text, '\n'), 0o600)
}
