package compare

import (
	"fmt"
	"slices"
	"strings"

	"tinycdn/zones/steer"
)

// Lines say at length what moves, map by map.
func (m *Moves) Lines() (lines []string) {
	lines = m.renamed()
	for i := range m.Maps {
		lines = append(lines, m.Maps[i].Lines()...)
	}
	if line := m.audienceLine(); line != "" && slices.ContainsFunc(m.Maps, func(d steer.Difference) bool { return d.Moves() }) {
		lines = append(lines, line)
	}
	return lines
}

// Words say in a line for each map what moves; nothing of those of which nothing does.
func (m *Moves) Words() (words []string) {
	words = m.renamed()
	for i := range m.Maps {
		if !m.Maps[i].Moves() {
			continue
		}
		text := m.Maps[i].String()
		if slices.Contains(m.Much, m.Maps[i].Map) {
			text += ": more than [cluster] brake allows without --yes"
		}
		words = append(words, text)
	}
	return words
}

func (m *Moves) renamed() (lines []string) {
	if len(m.New) > 0 {
		lines = append(lines, fmt.Sprintf("new maps: %s", strings.Join(m.New, ", ")))
	}
	if len(m.Gone) > 0 {
		lines = append(lines, fmt.Sprintf("maps that are gone: %s", strings.Join(m.Gone, ", ")))
	}
	return lines
}
