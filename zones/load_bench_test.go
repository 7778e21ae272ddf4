package zones

import (
	"fmt"
	"testing"
)

// What a name costs grows with its labels, also in a zone with a cut: a line of $GENERATE makes thousands of names with sixty
// labels. With twice the names, both take twice the time.
func BenchmarkLoadDeepNames(b *testing.B) {
	const deep = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n$GENERATE 0-%d ${0,60,n}.${0,60,n} A 192.0.2.1\n"
	for what, cut := range map[string]string{"without a cut": "", "with one": "cut NS ns\n"} {
		for _, names := range []int{1000, 2000} {
			b.Run(fmt.Sprint(what, ", ", names), func(b *testing.B) {
				for b.Loop() {
					if loaded := loadText(b, "deep.test.zone", fmt.Sprintf(deep, names)+cut); loaded.Value == nil {
						b.Fatal(loaded.Problems)
					}
				}
			})
		}
	}
}
