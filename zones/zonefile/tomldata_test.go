package zonefile

import (
	"fmt"
	"strings"
	"testing"
)

// TestDataInTOMLIsAsInAMasterFile, of every type with text in it.
func TestDataInTOMLIsAsInAMasterFile(t *testing.T) {
	t.Parallel()
	for _, record := range []string{
		`TXT v=DKIM1\;k=rsa\;p=MIIB`, `TXT "v=DKIM1\; k=rsa\; p=MIIB"`, `TXT a\"b\"\\c\195\169\;\000`, `TXT "a\"b\"\\c\195\169\;\000"`, `TXT "a" b\;c "\""`, `TXT \"a\"`,
		`SPF v=spf1\;\"x\"\\`, `SPF "v=spf1 \\ \"x\""`,
		`CAA 0 issue "ca.example\; x=\"y\" \\ \195\169"`, `CAA 0 issue \;`, `CAA 0 issue ca.example\;x\"y\\z\195\169`, `CAA 0 issue "\;"`,
		`HINFO a\;b "c\"d\\e\195\169\;"`, `NAPTR 1 2 "S" a\;b "!^.*$!sip:\\1\;\"@c\195\169!" .`,
		`URI 1 2 "http://a/\;b\"c\\d\195\169"`, `ISDN "150\;8\"6\\2\195\169" "0\;4"`, `X25 "31106"`, `GPOS "-32.6882" 116.8652 "10.0"`,
		`AVC "a\;b\"c\\d\195\169" e\;f`, `NINFO "a\;b\"c\\d\195\169" e\;f`, `RESINFO "a\;b\"c\\d\195\169" e\;f`, `UINFO "a\;b\"c\\"`,
		`SVCB 1 . key65400="a\"b\\c\195\169"`, `HTTPS 1 . dohpath="/{?dns}\;x"`, `CNAME a\;b\.c\"d\\e\195\169`, `RP a\;b\.c d\"e`, `TYPE65400 \# 2 5c3b`,
	} {
		typ, data, _ := strings.Cut(record, " ")
		master, problems, _ := read(t, "", "example.org.zone", "x 300 "+record+"\n")
		if len(problems) > 0 {
			t.Errorf("%s: %v", record, problems)
			continue
		}
		for _, text := range []string{"'" + data + "'", `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(data) + `"`} {
			inTOML, problems, _ := read(t, "", "example.org.toml", fmt.Sprintf("soa.serial = 1\nrecords.x.%s = %s\n", typ, text))
			if len(problems) > 0 || inTOML[0] != master[0] {
				t.Errorf("%s = %s: got %v %v, want %s", typ, text, inTOML[0], problems, master[0])
			}
		}
	}
}

// TestPlainTextReadsEscapes, and may be of any length: a key of 2048 bits is longer than one string.
func TestPlainTextReadsEscapes(t *testing.T) {
	t.Parallel()
	lines, problems, _ := read(t, "", "example.org.toml", `soa.serial = 1
[records.x]
TXT = ['v=DKIM1\; k=rsa; p=`+strings.Repeat("A", 410)+`', "say \"hi\" now", 'caf\195\169 café', 'a \"b\" \\ c', '', '\"hi\" she said', "\"hi\" she said"]
SPF = 'v=spf1\; -all'`)
	wantLines(t, "problems", problems, "")
	wantLines(t, "records", lines[:len(lines)-1], `
x.example.org. 300 TXT "v=DKIM1; k=rsa; p=`+strings.Repeat("A", 237)+`" "`+strings.Repeat("A", 173)+`"
x.example.org. 300 TXT "say \"hi\" now"
x.example.org. 300 TXT "caf\195\169 caf\195\169"
x.example.org. 300 TXT "a \"b\" \\ c"
x.example.org. 300 TXT ""
x.example.org. 300 TXT "\"hi\" she said"
x.example.org. 300 TXT "hi" "she" "said"
x.example.org. 300 SPF "v=spf1; -all"`)
}
