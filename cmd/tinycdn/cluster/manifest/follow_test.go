package manifest

import (
	"cmp"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestTimesFollowWhatChanged(t *testing.T) {
	t.Parallel()
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	file := func(path string, content byte, hours int) File { return File{path, Hash{content}, 1, at(hours), Plain} }
	before := &Manifest{Files: []File{file("a", 1, 1), file("b", 2, 2), file("c", 3, 3), file("same1", 9, 4), file("same2", 9, 5)}}
	fresh := func(path string, content byte) File { return File{path, Hash{content}, 1, at(24), Plain} } // as of a checkout
	for name, c := range map[string]struct {
		now  time.Time
		file File
		want time.Time
	}{
		"what is as it was":                     {at(10), fresh("a", 1), at(1)},
		"one of two with the same content":      {at(10), fresh("same2", 9), at(5)},
		"what was moved":                        {at(10), fresh("d/a", 1), at(1)},
		"a copy of two":                         {at(10), fresh("same3", 9), at(4)},
		"what was edited":                       {at(10), fresh("a", 7), at(10)},
		"what is new":                           {at(10), fresh("new", 7), at(10)},
		"what was replaced by an older one":     {at(10), fresh("c", 1), at(10)},
		"a clock that is behind":                {at(0), fresh("a", 7), at(5).Add(time.Second)},
		"a clock within the same second":        {at(5), fresh("a", 7), at(5).Add(time.Second)},
		"a clock with a fraction of a second":   {at(10).Add(700 * time.Millisecond), fresh("a", 7), at(10)},
		"what is as it was, whatever the clock": {at(-10), fresh("b", 2), at(2)},
	} {
		if got := before.Follow([]File{c.file}, c.now)[0].Time; !got.Equal(c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestACheckoutOfTheSameIsNoChange(t *testing.T) {
	t.Parallel()
	before := of("a", "b", "c/d")
	files := slices.Clone(before.Files)
	for i := range files {
		files[i].Time = noon.Add(time.Hour)
	}
	after := &Manifest{Files: before.Follow(files, noon.Add(time.Hour))}
	if got := Changes(before, after); got != nil || !reflect.DeepEqual(after.Files, before.Files) {
		t.Errorf("got %v, and %v", got, after.Files)
	}
}

// TestChangesAreThoseOfTwoMaps holds the walk through two lists against the obvious.
func TestChangesAreThoseOfTwoMaps(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	some := func() *Manifest {
		m := &Manifest{}
		for i := range 8 {
			if random.IntN(3) > 0 {
				m.Files = append(m.Files, File{fmt.Sprint(i), Hash{byte(random.IntN(2))}, 0, time.Unix(random.Int64N(5), 0), []fs.FileMode{Plain, Private}[random.IntN(2)]})
			}
		}
		return m
	}
	for range 10_000 {
		from, to := some(), some()
		var want []Change
		for i := range 8 {
			old, was := from.Find(fmt.Sprint(i))
			now, is := to.Find(fmt.Sprint(i))
			switch {
			case !was && is:
				want = append(want, Change{now.Path, Added})
			case was && !is:
				want = append(want, Change{old.Path, Removed})
			case was && (old.Hash != now.Hash || old.Mode != now.Mode):
				want = append(want, Change{now.Path, Changed})
			}
		}
		slices.SortFunc(want, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
		if got := Changes(from, to); !slices.Equal(got, want) {
			t.Fatalf("from %v to %v: got %v, want %v", from.Files, to.Files, got, want)
		}
	}
}
