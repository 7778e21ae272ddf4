package main

import (
	"context"
	"log/slog"
	"slices"
)

// teller logs what is wrong: each thing once, for as long as it stays wrong.
type teller struct {
	log  *slog.Logger
	told []remark
}

// remark is one thing to tell an operator.
type remark struct {
	level  slog.Level
	text   string // what, and where
	effect string // what it means for the server at work
}

// tell logs those of list that were not told yet, or with again all of them. When none is left, it says so.
func (t *teller) tell(list []remark, again bool) {
	for _, r := range list {
		known := slices.ContainsFunc(t.told, func(told remark) bool { return told.text == r.text })
		if again || !known {
			t.log.Log(context.Background(), r.level, r.text, "effect", r.effect)
		}
	}
	if len(list) == 0 && len(t.told) > 0 {
		t.log.Info("all that was wrong is mended")
	}
	t.told = list
}

// remarks are what there is to tell of a state.
func (s *state) remarks(ofConfig, ofGeo string) (list []remark) {
	for _, p := range s.wrong {
		list = append(list, remark{slog.LevelError, p.String(), ofConfig})
	}
	for _, p := range s.wrongGeo {
		list = append(list, remark{slog.LevelError, p.String(), ofGeo})
	}
	for _, p := range s.wrongZones {
		list = append(list, remark{slog.LevelError, p.String(), p.effect})
	}
	return list
}

// remarks are what there is to tell of the sites and certificates.
func (s *webState) remarks() (list []remark) {
	for i := range s.config.Sites {
		site := s.sites[s.config.Sites[i].Name]
		for _, p := range site.problems {
			list = append(list, remark{slog.LevelError, p.String(), site.effect})
		}
		for _, n := range site.notes {
			list = append(list, remark{slog.LevelWarn, n.String(), "none"})
		}
	}
	for _, p := range s.certs.Problems {
		list = append(list, remark{slog.LevelError, p.String(), "the other certificates are used"})
	}
	for _, n := range slices.Concat(s.certs.Notes, s.uncovered()) {
		list = append(list, remark{slog.LevelWarn, n.String(), "none"})
	}
	return list
}
