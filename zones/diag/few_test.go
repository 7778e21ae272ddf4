package diag

import (
	"fmt"
	"testing"
)

func TestFewOfAKindAreTold(t *testing.T) {
	t.Parallel()
	var f FewProblems
	for i := range 1482 {
		f.Add(Problem{Line: i, Text: fmt.Sprintf("n%d.com: no glue for nameserver ns.n%d.com (add an A or AAAA record for it)", i, i)})
		if i%500 == 0 {
			f.Add(Problem{Line: i, Text: fmt.Sprintf("a%d: TXT beside a CNAME (line %d)", i, i)})
		}
	}
	list := f.All()
	if len(list) != 23 || list[len(list)-1].More != 0 || list[20].More != 1462 {
		t.Errorf("got %d problems: %v", len(list), list)
	}
	var again FewProblems
	for range 2 {
		for _, p := range list {
			again.Add(p)
		}
	}
	list = again.All()
	if list[20].More != 1462*2+20 || len(list) != 26 {
		t.Errorf("of two zones: got %d problems: %v", len(list), list)
	}
}

func TestKindsOfMistakes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"a.b: MX beside a CNAME (line 5)", "c.d: MX beside a CNAME (line 17)", true},
		{"a.b: MX beside a CNAME (line 5)", "a.b: TXT beside a CNAME (line 5)", false},
		{`www A: "192.0.2.999" is not an IPv4 address`, `mail A: "x y \"z\"" is not an IPv4 address`, true},
		{`www.x: map "a" is not defined`, `www.x: map "b c" is not defined`, true},
		{"a: CNAME to b.c.test, which does not exist", "z.y: CNAME to b.c.d.test, which does not exist", true},
		{"a: CNAME to b.c.test, which does not exist", "a: MX to b.c.test, which does not exist", false},
		{"zone a.b has no SOA record", "zone c.d.e has no SOA record", true},
	} {
		if same := KindOf(tt.a) == KindOf(tt.b); same != tt.same {
			t.Errorf("%q and %q: got %v, want %v (%q)", tt.a, tt.b, same, tt.same, KindOf(tt.a))
		}
	}
}
