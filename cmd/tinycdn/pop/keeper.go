package pop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/state"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/zones/diag"
)

// keeper copies what was right of what is served into the state folder, behind everybody's back. A nil one copies nothing.
type keeper struct {
	log    *slog.Logger
	name   string // of the POP
	folder state.Folder
	copies *state.Copies
	next   chan *Generation
	done   chan struct{}
	told   string // what was last wrong
	left   int    // sets that were too large
}

// makeKeeper makes the state folder, and a keeper of copies in it. It is for the start, when we may still be root.
func (p *POP) makeKeeper(folder state.Folder) {
	if p.copies == nil {
		return
	}
	k := &keeper{log: p.log, name: p.name, folder: folder, copies: p.copies, next: make(chan *Generation, 1), done: make(chan struct{})}
	uid, gid, err := system.UserIDs(p.started.User)
	if err == nil {
		err = folder.Make(uid, gid)
	}
	if err != nil {
		k.tell(err)
		return
	}
	p.keeper = k
}

// tell tells once what keeps copies from being made.
func (k *keeper) tell(err error) {
	if k.told == err.Error() {
		return
	}
	k.told = err.Error()
	level, hint := slog.LevelWarn, ""
	if !k.folder.Named && errors.Is(err, fs.ErrPermission) { // as somebody who tries it out in a folder of his own
		level, hint = slog.LevelInfo, " (--state names another folder)"
	}
	k.log.Log(context.Background(), level, fmt.Sprintf("the state cannot be kept in %s: %v%s", k.folder.Path, err, hint),
		"effect", "a start that finds a mistake has nothing to fall back to")
}

// offer has a generation copied before long, unless another one comes first. Whoever adopts offers.
func (k *keeper) offer(g *Generation) {
	if k == nil {
		return
	}
	select {
	case <-k.next:
	default:
	}
	k.next <- g
}

// run copies what is offered until ctx ends, and then what was offered before.
func (k *keeper) run(ctx context.Context) {
	if k == nil {
		return
	}
	defer close(k.done)
	for {
		select {
		case g := <-k.next:
			k.keep(g)
		case <-ctx.Done():
			select {
			case g := <-k.next:
				k.keep(g)
			default:
			}
			return
		}
	}
}

// finish waits for the end of run, but no longer than that.
func (k *keeper) finish(most time.Duration) {
	if k == nil {
		return
	}
	select {
	case <-k.done:
	case <-time.After(most):
	}
}

func (k *keeper) keep(g *Generation) {
	sets, all := g.goodSets(k.name)
	left, err := k.copies.Keep(sets, func(path string) bool { return all || g.gone(path) })
	switch {
	case err != nil:
		k.tell(err)
		return
	case k.told != "":
		k.log.Info("the state is kept again", "folder", k.folder.Path)
		k.told = ""
	}
	if left > 0 && left != k.left {
		k.log.Warn(fmt.Sprintf("%s too large to be copied: there is room for %d MB", Count(left, "zone"), state.MostBytes>>20), "folder", k.folder.Path,
			"effect", "a start that finds a mistake in them has nothing to fall back to")
	}
	k.left = left
}

// gone says whether a file was taken away from where a pattern of zones finds others, or was by somebody who says so: its zone must
// not come back from the copies because something else is wrong meanwhile.
func (g *Generation) gone(path string) bool {
	return g.refused == nil && slices.ContainsFunc(g.Config.Patterns, func(p config.Pattern) bool { return p.Gone(path, g.asked) })
}

// goodSets are the files of which all is right, those first that matter most, and whether that is everything.
func (g *Generation) goodSets(pop string) (sets []state.Set, all bool) {
	text, info := g.Config.File()
	all = g.refused == nil && len(g.Config.Mistakes) == 0
	if _, err := fit(g.Config, pop); all && info != nil && err == nil {
		sets = append(sets, state.Set{Files: diag.Files{g.Config.Path(): info}, Text: text})
	} else {
		all = false
	}
	for _, pair := range g.certs.in {
		set := state.Set{Files: diag.Files{pair.Chain: g.certs.Files[pair.Chain], pair.Key: g.certs.Files[pair.Key]}}
		if isRight(g.certs, pair) {
			sets = append(sets, set)
		} else {
			all = false
		}
	}
	for _, file := range g.files {
		if z := g.zones[file]; z.Value != nil && !z.kept && len(z.Problems) == 0 {
			sets = append(sets, state.Set{Files: withoutFolders(z.Files)})
		} else {
			all = false
		}
	}
	return sets, all
}

// withoutFolders are files without the folders among them: that of a zone's keys was only looked into.
func withoutFolders(files diag.Files) diag.Files {
	only := diag.Files{}
	for path, info := range files {
		if info == nil || !info.IsDir() {
			only[path] = info
		}
	}
	return only
}
