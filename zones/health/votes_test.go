package health

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestVotesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	v := &Votes{Usual: true, Restarting: true, Out: map[string]int64{"syd": 1764452000}, Of: map[string]Opinion{
		"fra": {Pages4: {Took: []int{78, 160, 240}}, DNS6: {}},
		"syd": {Pages6: {Down: true, Failing: true, Since: 1764452000, Why: "TLS: the certificate has expired"}},
	}}
	got, err := ParseVotes(v.Encode())
	if err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("got %+v, %v, want %+v", got, err, v)
	}
}

// TestVotesOnThirtyPOPsFitIntoARow, however much there is to be said.
func TestVotesOnThirtyPOPsFitIntoARow(t *testing.T) {
	t.Parallel()
	for _, width := range []int{8, 63} { // of a name
		v := &Votes{Usual: true, Of: map[string]Opinion{}, Out: map[string]int64{}}
		for i := range 30 {
			all := Opinion{}
			for check := range checks {
				all[check] = Vote{Down: true, Failing: true, Since: 1764452000, Why: strings.Repeat("x", maxWhy), Took: []int{1000, 2000, 3000}}
			}
			v.Of[fmt.Sprintf("%0*d", width, i)] = all
			v.Out[fmt.Sprintf("%0*d", width, i)] = 1764452000
		}
		text := v.Encode()
		if len(text) > maxVotes {
			t.Errorf("%d octets, %d are the most", len(text), maxVotes)
		}
		got, err := ParseVotes(text)
		if err != nil || len(got.Of) != 30 {
			t.Fatalf("got %v of %v", err, len(got.Of))
		}
		for pop, all := range got.Of {
			for check, vote := range all {
				if !vote.Down || !vote.Failing || len(all) != int(checks) {
					t.Errorf("%s, %v: got %+v", pop, check, vote)
				}
			}
		}
	}
}

// FuzzVotes: what another POP writes is bounded, can be shown, and is read as it is written again.
func FuzzVotes(f *testing.F) {
	f.Add([]byte(`{"usual":true,"of":{"fra":{"pages4":{"ms":[1,2,3]},"later":{}},"syd":{"dns6":{"down":true,"failing":true,"since":1,"why":"\u001b[31m"}}}}`))
	f.Add([]byte(`{"of":{"fra":null}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := ParseVotes(text)
		if err != nil {
			return
		}
		for _, opinion := range v.Of {
			for check, vote := range opinion {
				if check >= checks || len(vote.Why) > maxWhy || vote.Why != printable(vote.Why) || len(vote.Took) > 3 {
					t.Fatalf("%v: %+v", check, vote)
				}
			}
		}
		again, err := ParseVotes(encode(v))
		if len(encode(v)) <= 2*maxVotes && (err != nil || fmt.Sprint(again) != fmt.Sprint(v)) {
			t.Fatalf("%v: got %+v, want %+v", err, again, v)
		}
	})
}
