package diag

import (
	"fmt"
	"strings"
)

// DidYouMean is a hint to put behind a word that is not known: ` (did you mean "world"?)`, or nothing.
func DidYouMean(word string, candidates []string) string {
	if near := ClosestSpelling(word, candidates); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// ClosestSpelling is the candidate that word is most likely a misspelling of, or "" if none is near.
// Among equals the first wins.
func ClosestSpelling(word string, candidates []string) string {
	best, fewest := "", 1+max(1, len(word)/3) // one slip in three letters
	for _, candidate := range candidates {
		if len(candidate) > 2*len(word)+2 || len(candidate)+fewest < len(word) {
			continue
		}
		if n := distance(strings.ToLower(word), strings.ToLower(candidate)); n < fewest {
			best, fewest = candidate, n
		}
	}
	return best
}

// distance counts the slips between two words: a letter lost, added or changed, or two neighbours swapped.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
