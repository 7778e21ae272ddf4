package records

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tinycdn/zones/zonefile"
)

// TestRecordsThatDifferInLetterCaseAloneAreOne: names are the same in any case (RFC 4343), and a set has nothing twice
// (RFC 2181, 5). Texts are what they are.
func TestRecordsThatDifferInLetterCaseAloneAreOne(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typ, one, other string
		want            int
	}{
		{"NS", "Ns.Test.", "ns.test.", 1},
		{"CNAME", "Foo.test.", "foo.test.", 1},
		{"DNAME", "Foo.test.", "foo.test.", 1},
		{"PTR", "Foo.test.", "fOO.test.", 1},
		{"MX", "10 Mail.test.", "10 mail.test.", 1},
		{"MX", "10 Mail.test.", "20 mail.test.", 2},
		{"SRV", "1 2 3 T.test.", "1 2 3 t.test.", 1},
		{"SRV", "65 66 67 T.test.", "97 98 99 t.test.", 2},
		{"NAPTR", `1 2 "S" "SIP+D2U" "" A.test.`, `1 2 "S" "SIP+D2U" "" a.test.`, 1},
		{"NAPTR", `1 2 "S" "SIP+D2U" "" a.test.`, `1 2 "s" "SIP+D2U" "" a.test.`, 2},
		{"RP", "A.test. B.test.", "a.test. b.test.", 1},
		{"MINFO", "A.test. b.test.", "a.test. B.test.", 1},
		{"AFSDB", "1 A.test.", "1 a.test.", 1},
		{"RT", "1 A.test.", "1 a.test.", 1},
		{"KX", "1 A.test.", "1 a.test.", 1},
		{"LP", "1 A.test.", "1 a.test.", 1},
		{"PX", "1 A.test. b.test.", "1 a.test. B.test.", 1},
		{"HTTPS", "1 A.test. alpn=h2", "1 a.test. alpn=h2", 1},
		{"HTTPS", "1 a.test. alpn=H2", "1 a.test. alpn=h2", 2},
		{"SVCB", "1 A.test. port=53", "1 a.test. port=53", 1},
		{"TXT", "Text", "text", 2},
		{"SPF", "Text", "text", 2},
		{"CAA", `0 issue "CA.test"`, `0 issue "ca.test"`, 2},
		{"HINFO", "PC x", "pc x", 2},
		{"TYPE65400", `\# 1 41`, `\# 1 61`, 2},
	} {
		path := filepath.Join(t.TempDir(), "zone")
		text := fmt.Sprintf("$TTL 60\nx %s %s\nx %s %s\n", test.typ, test.one, test.typ, test.other)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := New()
		if _, problems := zonefile.Read(path, "example.org", s); len(problems) > 0 {
			t.Fatal(problems)
		}
		o, _ := s.Find([]byte("\x01x\x07example\x03org\x00"))
		list := s.Of(nil, o)
		if set, _ := TakeSet(list, list[0].Type); len(set) != test.want {
			t.Errorf("%s %s and %s: got a set of %d, want %d", test.typ, test.one, test.other, len(set), test.want)
		}
	}
}
