package publishing

import (
	"fmt"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/config"
)

// changes are what differs from one generation to another.
type changes struct {
	files  []manifest.Change
	config string              // where the configuration is now
	inside *compare.Difference // in the settings and zones; nil: that is not known

	moves   *compare.Moves // from POP to POP; nil: that is not known
	unmoved error          // why not, if somebody looked
}

// words are the changes, one after another.
func (c *changes) words() (list []string) {
	listed := map[string]bool{}
	of := func(file string) string {
		if c.inside == nil {
			return ""
		}
		listed[file] = true
		return c.inside.Of(file, c.config)
	}
	for _, f := range c.files {
		text := fmt.Sprintf("%c %s", f.Kind, f.Path)
		if inside := of(f.Path); inside != "" {
			text += " (" + inside + ")"
		}
		list = append(list, text)
	}
	if c.inside == nil {
		return list
	}
	for _, z := range c.inside.Zones { // those that differ by what they include, or by the configuration
		if !listed[z.File] {
			list = append(list, z.File+" ("+of(z.File)+")")
		}
	}
	return list
}

// values are the changes for who reads JSON.
func (c *changes) values(since uint64) map[string]any {
	files := []string{}
	for _, f := range c.files {
		files = append(files, fmt.Sprintf("%c %s", f.Kind, f.Path))
	}
	values := map[string]any{"since": since, "changes": files}
	if c.inside != nil {
		values["settings"], values["zones"] = append([]config.Setting{}, c.inside.Settings...), c.inside.Zones
	}
	if c.moves != nil {
		values["moves"] = c.moves
	} else if c.unmoved != nil {
		values["moves_error"] = c.unmoved.Error()
	}
	return values
}

// moving says in words what moves, at length or in a line for each map.
func (c *changes) moving(atLength bool) []string {
	switch {
	case c.unmoved != nil:
		return []string{"who is sent where is not known: " + c.unmoved.Error()}
	case c.moves == nil:
		return nil
	case atLength:
		return c.moves.Lines()
	}
	return c.moves.Words()
}

// undone are the files of which next would undo what was changed from last to parent: those that it has as they were, or that it has
// changed, too.
func undone(last, parent *manifest.Signed, next *manifest.Manifest) (list []string) {
	for _, c := range manifest.Changes(&last.Manifest, &parent.Manifest) {
		live, lives := parent.Find(c.Path)
		is, has := next.Find(c.Path)
		if lives != has || live.Hash != is.Hash {
			list = append(list, c.Path)
		}
	}
	return list
}
