package tests

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// program calls each for what the Go files of tinycdn hold, but not their tests.
func program(t *testing.T, each func(path string, n ast.Node)) {
	t.Helper()
	for _, s := range sources(t) {
		if !s.isTest() && !strings.HasPrefix(s.name, "tests/") {
			ast.Inspect(s.file, func(n ast.Node) bool {
				each(s.name, n)
				return true
			})
		}
	}
}

// TestEveryMessageInTheManualIsOneThatTinycdnHas: what stands in the tables as a message can be found in the log.
func TestEveryMessageInTheManualIsOneThatTinycdnHas(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	program(t, func(_ string, n ast.Node) {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, _ := strconv.Unquote(literal.Value)
			said.WriteString(text + "\n")
		}
	})
	messages := 0
	for _, row := range regexp.MustCompile(`(?m)^\| (.*?) \| `).FindAllStringSubmatch(document(t, "packaging/messages.md"), -1) {
		for _, code := range inlineCode.FindAllString(row[1], -1) {
			if messages++; code == "`dig`" {
				continue
			}
			for piece := range strings.SplitSeq(strings.Trim(code, "`"), "…") {
				if piece = strings.TrimSpace(piece); !strings.Contains(said.String(), piece) {
					t.Errorf("packaging/messages.md: %s: nothing says %q", code, piece)
				}
			}
		}
	}
	if messages < 35 {
		t.Errorf("only %d messages found", messages)
	}
}

// TestEveryLimitInTheManualIsTheOneThatHolds compares numbers of the tables with the constants.
func TestEveryLimitInTheManualIsTheOneThatHolds(t *testing.T) {
	t.Parallel()
	constants := map[string]string{}
	program(t, func(path string, n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != len(spec.Values) {
			return
		}
		for i, name := range spec.Names {
			value, err := types.Eval(token.NewFileSet(), nil, token.NoPos, types.ExprString(spec.Values[i]))
			if err == nil && value.Value != nil {
				constants[filepath.Dir(path)+"."+name.Name] = constant.ToInt(value.Value).ExactString()
			}
		}
	})
	rows := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (.*?) \| (.*?) \|`).FindAllStringSubmatch(document(t, "packaging/limits.md"), -1) {
		rows[row[1]] = row[2]
	}
	for row, names := range map[string]string{
		"`tinycdn.toml`, a TOML zone":                     "zones/tomlfile.MaxSize",
		"tables in tables of TOML":                        "zones/tomlfile.maxDepth",
		"files of one zone":                               "zones/zonefile.maxFiles zones/zonefile.maxDepth",
		"a line of a master file":                         "zones/zonefile.maxLine",
		"an entry there, which ( ) may spread over lines": "zones/zonefile.maxEntry zones/zonefile.maxWords",
		"records made by one `$GENERATE`":                 "zones/zonefile.maxPerDirective",
		"by all of a zone":                                "zones/zonefile.maxGenerated zones/zonefile.maxOctets",
		"mistakes or notes of one kind that are told":     "zones/diag.most",
		"mistakes at which the reading of a zone ends":    "zones/zonefile.maxProblems",
		"POPs of a map":                                   "zones/steer.maxPOPs",
		"different orders of POPs in a map":               "zones/steer.maxOrders",
		"a certificate's or key's file":                   "webserver/certs.maxFile",
		"`dns.cookie_secret_file`":                        "geodns.maxSecretFile",
		"memory of unfinished queries and unread answers": "geodns.maxBuffered",
		"copies of what was last right":                   "cmd/tinycdn/state.MostBytes",
		"queries and answers that wait to be written down, of each loop; then for the reader of `dns.dnstap`; then they are dropped": "geodns/querylog.ringSize geodns/querylog.mostFrames",
		"lines of the query log or the access log that wait for the disk":                                                            "zones/linefile.most",
		"steps of a CNAME or DNAME chain":                                        "zones/records.MaxHops",
		"a site's `_redirects` and `_headers`; rules in each":                    "webserver/hostfiles.LongestFile webserver/hostfiles.mostRules",
		"a Markdown file":                                                        "webserver/content/markdown.LongestText",
		"a file of a template":                                                   "webserver/content/theme.LongestTemplate",
		"what a template writes for one page":                                    "webserver/content/theme.longestPage",
		"what it makes on the way":                                               "webserver/content/theme.mostMade",
		"how often it goes round a loop or calls a template":                     "webserver/content/theme.mostSteps",
		"a field of a request in the access log":                                 "webserver/accesslog.longestField",
		"connections to the admin socket; more wait":                             "cmd/tinycdn/admin.mostConnections",
		"the file of `admin.token_file`, the token":                              "cmd/tinycdn/admin.maxTokenFile cmd/tinycdn/admin.leastToken cmd/tinycdn/admin.mostToken",
		"an upload that is waited for":                                           "webserver/upload.leastSpeed",
		"of an upload, kept before the application is asked":                     "webserver/upload.KeptBytes",
		"of an upload, unread, over HTTP/2 or HTTP/3":                            "webserver/upload.Window",
		"memory of all uploads":                                                  "webserver/upload.mostHeld",
		"page views that wait to be counted":                                     "webserver/visits.mostWaiting",
		"pages, referrers of a site and a day in statistics; names of all sites": "webserver/visits.mostPages webserver/visits.mostReferrers webserver/visits.mostNamed",
		"zones of a day's DNS queries in statistics":                             "webserver/visits.mostZones zones.MostZones",
		"names of them":                                                          "webserver/visits.mostAsked",
		"a day's statistics of a POP, on disk; of all days and POPs":             "webserver/visits.mostFile webserver/visits.mostFolder",
		"an answer to an ACME challenge, `.well-known/acme-challenge`":           "webserver/files.longestChallenge",
	} {
		told := numbers(rows[row])
		for i, name := range strings.Fields(names) {
			if i >= len(told) || constants[name] != told[i] {
				t.Errorf("packaging/limits.md: %s: %q, and %s is %s", row, rows[row], name, constants[name])
			}
		}
	}
}

// numbers are those of a text, in octets where it has units: "1,000, and 2 KB" are 1000 and 2048.
func numbers(text string) (list []string) {
	for _, found := range regexp.MustCompile(`(\d[\d,]*\d|\d)(?: ([KMG])B)?`).FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseInt(strings.ReplaceAll(found[1], ",", ""), 10, 64)
		shift := map[string]int{"K": 10, "M": 20, "G": 30}[found[2]]
		list = append(list, strconv.FormatInt(n<<shift, 10))
	}
	return list
}
