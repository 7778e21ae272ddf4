// Package session is who speaks with a cluster, from the folder that it is published from and with the key that is at hand, and what the
// POPs tell him that is live.
package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/status"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/cmd/tinycdn/words"
	"tinycdn/zones"
)

// Session is what somebody needs who speaks with a cluster.
type Session struct {
	cluster.Folder
	cluster.Publisher
	Who  roster.Publisher
	File string // the configuration

	Publishes bool            // so that a majority must answer, and the clock must be right
	Down      map[string]bool // the POPs that most others send nobody to; known with what is live

	programs map[string]string // by POP, the version that it runs, as far as is known
}

// Join finds out who is at work, and with which cluster: that of a configuration. A key's file may be under a passphrase, for which
// somebody is asked.
func Join(file string, askPassphrase func(path string) (string, error)) (*Session, error) {
	path, err := config.Path(file)
	if err != nil {
		return nil, err
	}
	s := &Session{Folder: cluster.FolderOf(path), File: path}
	if s.Members, _, err = s.Roster(); err != nil {
		return nil, err
	}
	s.Key, s.Who, err = cluster.FindKey(s.Members, askPassphrase)
	return s, err
}

// newest is the commit that counts; zero: there is none yet. Fewer than a majority may not know it, which is good enough to look.
func (s *Session) newest(ctx context.Context) (commit.Commit, error) {
	for flag, names := range map[string][]string{"without": s.Without, "only": s.Only} {
		for _, name := range names {
			if _, ok := s.Members.POP(name); !ok {
				return commit.Commit{}, exit.With(exit.Usage, fmt.Errorf("--%s %s: there is no such POP", flag, name))
			}
		}
	}
	all, wrong := s.Status(ctx)
	s.Canary, s.programs, s.Down = cluster.CanaryOf(all), map[string]string{}, status.Down(all, wrong)
	for name, row := range status.Rows(all) {
		s.programs[name] = row.Version
	}
	if ctx.Err() != nil {
		return commit.Commit{}, cluster.ErrInterrupted
	}
	switch {
	case len(all) == 0:
		return commit.Commit{}, exit.With(exit.Unreached, fmt.Errorf("no POP answers: %s", words.Wrong(wrong)))
	case !s.Publishes:
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

// OtherPrograms names the POPs that find mistakes, though none were found here, and run another version.
func (s *Session) OtherPrograms(found *cluster.Mistakes) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(s.programs)) {
		finds := slices.ContainsFunc(found.Lines, func(line string) bool { return strings.HasPrefix(line, name+": ") })
		if runs := s.programs[name]; finds && !found.NoRoom && runs != system.Build() {
			lines = append(lines, fmt.Sprintf("%s runs tinycdn %s, and this is %s: tinycdn upgrade %[1]s", name, runs, system.Build()))
		}
	}
	return lines
}

// Live is the list of the generation that counts; of number 0 if there is none yet.
func (s *Session) Live(ctx context.Context) (*manifest.Signed, error) {
	best, err := s.newest(ctx)
	if err != nil || best.ID == (manifest.ID{}) {
		return &manifest.Signed{}, err
	}
	return s.List(ctx, best.ID)
}

// AskLive begins to find out what live gives. What it gives itself waits for that.
func (s *Session) AskLive(ctx context.Context) func() (*manifest.Signed, error) {
	var list *manifest.Signed
	var err error
	s.Connect(ctx)
	known := make(chan struct{})
	go func() {
		defer close(known)
		list, err = s.Live(ctx)
	}()
	return func() (*manifest.Signed, error) {
		<-known
		return list, err
	}
}

// List is that of a generation.
func (s *Session) List(ctx context.Context, id manifest.ID) (*manifest.Signed, error) {
	if list, err := s.Known(id); err == nil {
		return list, nil
	}
	list, err := s.Manifest(ctx, id)
	if err == nil {
		s.Remember(list) // else it is asked for again
	}
	return list, err
}

// Past finds a generation that was live by its number. What live was made from is known.
func (s *Session) Past(ctx context.Context, live *manifest.Signed, number uint64) (*manifest.Signed, error) {
	if number == live.Parent.Number {
		if list, err := s.List(ctx, live.Parent); err == nil {
			return list, nil
		}
	}
	all, err := s.History(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.ID.Number == number {
			return s.List(ctx, p.ID)
		}
	}
	return nil, fmt.Errorf("generation %d is not among those that are kept (tinycdn history lists them)", number)
}

// Away are the POPs that visitors are sent away from.
func (s *Session) Away(ctx context.Context) ([]zones.Down, error) {
	all, wrong := s.Status(ctx)
	if len(all) == 0 {
		return nil, fmt.Errorf("no POP of the cluster says it: %s", words.Wrong(wrong))
	}
	var names []string
	for _, member := range s.Members.POPs {
		names = append(names, member.Name)
	}
	return status.Away(all, names), nil
}
