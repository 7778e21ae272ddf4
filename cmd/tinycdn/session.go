package main

import (
	"context"
	"fmt"
	"maps"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/cmd/tinycdn/words"
)

// session is what somebody needs who speaks with a cluster.
type session struct {
	cluster.Folder
	cluster.Publisher
	who  roster.Publisher
	path string // of the configuration

	publishes bool              // so that a majority must answer, and the clock must be right
	programs  map[string]string // by POP, the version that it runs, as far as is known
	down      map[string]bool   // the POPs that most others send nobody to
}

// join finds out who is at work, and with which cluster.
func join(file string) (*session, error) {
	path, err := config.Path(file)
	if err != nil {
		return nil, err
	}
	s := &session{Folder: cluster.FolderOf(path), path: path}
	if s.Members, _, err = s.Roster(); err != nil {
		return nil, err
	}
	s.Key, s.who, err = cluster.FindKey(s.Members, askPassphrase)
	return s, err
}

// untilSignal is a context that ends when somebody ends the command.
func untilSignal() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
}

// newest is the commit that counts; zero: there is none yet. Fewer than a majority may not know it, which is good enough to look.
func (s *session) newest(ctx context.Context) (commit.Commit, error) {
	for flag, names := range map[string][]string{"without": s.Without, "only": s.Only} {
		for _, name := range names {
			if _, ok := s.Members.POP(name); !ok {
				return commit.Commit{}, exit.With(exit.Usage, fmt.Errorf("--%s %s: there is no such POP", flag, name))
			}
		}
	}
	all, wrong := s.Status(ctx)
	s.Canary, s.programs, s.down = cluster.CanaryOf(all), map[string]string{}, map[string]bool{}
	rows := rowsOf(all)
	for name, row := range rows {
		s.programs[name] = row.Version
	}
	for name := range wrong {
		_, out := checksOf(name, rows)
		maps.DeleteFunc(out, func(by string, _ int64) bool { return wrong[by] != nil })
		s.down[name] = 2*len(out) > len(all)
	}
	if ctx.Err() != nil {
		return commit.Commit{}, cluster.ErrInterrupted
	}
	switch {
	case len(all) == 0:
		return commit.Commit{}, exit.With(exit.Unreached, fmt.Errorf("no POP answers: %s", words.Wrong(wrong)))
	case !s.publishes:
		return cluster.Newest(all), nil
	case len(all) < s.Members.Majority():
		return commit.Commit{}, exit.With(exit.Unreached, fmt.Errorf("%d of %d POPs answer, and nothing was changed: %s", len(all), len(s.Members.POPs), words.Wrong(wrong)))
	}
	return cluster.Newest(all), clockIsOff(all)
}

// clockTolerance is how far apart clocks may be: what is newest is decided by them, between publishers.
const clockTolerance = time.Minute

// clockIsOff says if this machine's clock is off by those of most POPs.
func clockIsOff(all map[string]cluster.Status) error {
	var ahead, behind []string
	var most time.Duration
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch by := all[name].Ahead; {
		case by > clockTolerance:
			ahead, most = append(ahead, name), by
		case by < -clockTolerance:
			behind, most = append(behind, name), -by
		}
	}
	which, where := "ahead of", ahead
	if len(behind) > len(ahead) {
		which, where = "behind", behind
	}
	if 2*len(where) <= len(all) {
		return nil
	}
	return fmt.Errorf("this machine's clock is %s %s %s", words.Span(most), which, strings.Join(where, ", "))
}

// otherPrograms names the POPs that find mistakes, though none were found here, and run another version.
func (s *session) otherPrograms(found *cluster.Mistakes) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(s.programs)) {
		finds := slices.ContainsFunc(found.Lines, func(line string) bool { return strings.HasPrefix(line, name+": ") })
		if runs := s.programs[name]; finds && !found.NoRoom && runs != system.Build() {
			lines = append(lines, fmt.Sprintf("%s runs tinycdn %s, and this is %s: tinycdn upgrade %[1]s", name, runs, system.Build()))
		}
	}
	return lines
}

// live is the list of the generation that counts; of number 0 if there is none yet.
func (s *session) live(ctx context.Context) (*manifest.Signed, error) {
	best, err := s.newest(ctx)
	if err != nil || best.ID == (manifest.ID{}) {
		return &manifest.Signed{}, err
	}
	return s.list(ctx, best.ID)
}

// askLive begins to find out what live gives. What it gives itself waits for that.
func (s *session) askLive(ctx context.Context) func() (*manifest.Signed, error) {
	var list *manifest.Signed
	var err error
	s.Connect(ctx)
	known := make(chan struct{})
	go func() {
		defer close(known)
		list, err = s.live(ctx)
	}()
	return func() (*manifest.Signed, error) {
		<-known
		return list, err
	}
}

// list is that of a generation.
func (s *session) list(ctx context.Context, id manifest.ID) (*manifest.Signed, error) {
	if list, err := s.Known(id); err == nil {
		return list, nil
	}
	list, err := s.Manifest(ctx, id)
	if err == nil {
		s.Remember(list) // else it is asked for again
	}
	return list, err
}

// past finds a generation that was live by its number. What live was made from is known.
func (s *session) past(ctx context.Context, live *manifest.Signed, number uint64) (*manifest.Signed, error) {
	if number == live.Parent.Number {
		if list, err := s.list(ctx, live.Parent); err == nil {
			return list, nil
		}
	}
	all, err := s.History(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.ID.Number == number {
			return s.list(ctx, p.ID)
		}
	}
	return nil, fmt.Errorf("generation %d is not among those that are kept (tinycdn history lists them)", number)
}
