package tomlfile

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// server is a config of the kind this package is for.
type server struct {
	Name   string        `toml:"name"`
	Listen []string      `toml:"listen"`
	Port   uint16        `toml:"port"`
	Weight float64       `toml:"weight"`
	Debug  bool          `toml:"debug"`
	Idle   time.Duration `toml:"idle"`
	Place  [2]float64    `toml:"place"`
	Hosts  map[string]struct {
		Addresses []string `toml:"addresses"`
	} `toml:"hosts"`
	Later *Node `toml:"later"`
	limits
}

type limits struct {
	Rate struct {
		On  bool `toml:",switch"`
		Max int  `toml:"max"`
	} `toml:"rate"`
	Clients int            `toml:"clients" was:"tcp_clients"`
	Trusted []netip.Prefix `toml:"trusted"`
	Log     *struct {
		Format string `toml:"format"`
		File   string `toml:"file"`
	} `toml:"log"`
}

func TestRightValuesAreDecoded(t *testing.T) {
	t.Parallel()
	var got server
	doc, problems := Decode("server.toml", []byte(`
name   = "ns"
listen = ":53"
port   = 53
weight = 2
debug  = true
idle   = "30s"
place  = [40.71, -74]
later  = ["a", { b = 1 }]
[hosts.z]
addresses = ["192.0.2.1",
             "192.0.2.2"]
[hosts.a]
addresses = []
`), &got)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got.Name != "ns" || !slices.Equal(got.Listen, []string{":53"}) || got.Port != 53 || got.Weight != 2 || !got.Debug ||
		got.Idle != 30*time.Second || got.Place != [2]float64{40.71, -74} || len(got.Hosts["z"].Addresses) != 2 || len(got.Later.List) != 2 {
		t.Errorf("got %+v", got)
	}
	if got, want := doc.Node("hosts").Keys, []string{"z", "a"}; !slices.Equal(got, want) {
		t.Errorf("keys: got %v, want %v in the order of the file", got, want)
	}
}

func TestATableMayBeASwitch(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"rate = true": "{true 5} []", "rate = false": "{false 5} []", "rate.max = 7": "{true 7} []", "": "{true 5} []", "rate = {}": "{true 5} []",
		"rate = 7":        "{true 5} [x:1: rate: want a table, true or false, not a whole number]",
		"rate = [true]":   "{true 5} [x:1: rate: want a table, true or false, not a list]",
		"rate = {on = 1}": `{true 5} [x:1: rate: unknown key "on"]`,
	} {
		var got limits
		got.Rate.On, got.Rate.Max = true, 5
		_, problems := Decode("x", []byte(text), &got)
		if got := fmt.Sprint(got.Rate, problems); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestWhatIsEmbeddedOrThereAlreadyIsDecoded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"clients = 5\ntrusted = '10.1.2.3'\n[log]\nfile = 'x'":         "5 [10.1.2.3/32] {text x}",
		"trusted = ['10.1.2.3/8', '2001:db8::1']\nlog.format = 'json'": "0 [10.0.0.0/8 2001:db8::1/128] {json }",
	} {
		got := server{}
		got.Log = &struct {
			Format string `toml:"format"`
			File   string `toml:"file"`
		}{Format: "text"}
		_, problems := Decode("server.toml", []byte(text), &got)
		if got := fmt.Sprint(got.Clients, got.Trusted, *got.Log); got != want || len(problems) > 0 {
			t.Errorf("%s: got %s %v, want %s", text, got, problems, want)
		}
	}
}

func TestEveryMistakeHasItsLineAndAHint(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"unknown key", "name = 'a'\nprot = 53", `server.toml:2: unknown key "prot" (did you mean "port"?)`},
		{"unknown key in a table", "[hosts.a]\n\naddress = []", `server.toml:3: hosts.a: unknown key "address" (did you mean "addresses"?)`},
		{"a key that has another name now", "name = 'a'\ntcp_clients = 5", `server.toml:2: unknown key "tcp_clients": it is now called "clients"`},
		{"an empty key", "name = 'a'\n\"\" = 5", `server.toml:2: unknown key ""`},
		{"no network", "trusted = ['10.0.0.1',\n'10.0.0/8']", `server.toml:2: trusted: "10.0.0/8" is neither an address nor a network, such as "10.0.0.0/8"`},
		{"a word like no key", "banana = 1", `server.toml:1: unknown key "banana"`},
		{"string for a number", "\nport = '53'", `server.toml:2: port: want a whole number, not a string`},
		{"number for a string", "name = 53", `server.toml:1: name: want a string, not a whole number`},
		{"fraction for a whole number", "port = 5.3", `server.toml:1: port: want a whole number, not a number`},
		{"too large a number", "port = 65536", `server.toml:1: port: 65536 is out of range`},
		{"negative number", "port = -1", `server.toml:1: port: -1 is out of range`},
		{"not a number", "weight = nan", `server.toml:1: weight: want a number, not nan`},
		{"string for a switch", "debug = 'yes'", `server.toml:1: debug: want true or false, not a string`},
		{"number for a time", "idle = 30", `server.toml:1: idle: want a time like "30s" or "5m"`},
		{"wrong count", "place = [1]", `server.toml:1: place: want a list of 2, not of 1`},
		{"number in a list of strings", "listen = [\n ':53',\n 53]", `server.toml:3: listen: want a string, not a whole number`},
		{"element on a line of its own", "[hosts.a]\naddresses = [\n  '192.0.2.1',\n  2,\n]", `server.toml:4: hosts.a.addresses: want a string, not a whole number`},
		{"value for a table", "hosts = 1", `server.toml:1: hosts: want a table, not a whole number`},
		{"table for a string", "[name]\na = 1", `server.toml:1: name: want a string, not a table`},
		{"array of tables for a table", "[[hosts]]\n[[hosts]]", `server.toml:1: hosts: want a table, not a list`},
		{"a control character", "\x03", `server.toml:1: TOML files cannot contain control characters: '0x03'`},
		{"syntax", "name = 'a'\nport = \n", `server.toml:2: expected value but found '\n' instead`},
		{"open string", "name = \"a\n", `server.toml:1: strings cannot contain newlines`},
		{"an escape of a zone file", "port = 1\nname = \"v=DKIM1\\; k=rsa\"", `server.toml:2: invalid escape in string '\;' (after key name): in "..." TOML takes \ for itself (put the text in '...', or write \\ for each \)`},
		{"a path of Windows", `name = "C:\users"`, `server.toml:1: expected four hexadecimal digits after '\u', but got "C:\\us" instead (after key name): in "..." TOML takes \ for itself`},
		{"a byte order mark", "\ufeffport = 1", `server.toml:1: begins with a byte order mark (some editors call it UTF-8 with BOM): save it as UTF-8 without one`},
		{"UTF-16", "\xff\xfen\x00", `server.toml:1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8`},
		{"twice", "name = 'a'\nname = 'b'", `server.toml:2: Key 'name' has already been defined.`},
		{"deep nesting", "later = " + strings.Repeat("[", 1_000_000), `server.toml:1: nested more than 32 deep`},
		{"deep key", strings.Repeat("a.", 100) + "a = 1", `server.toml:1: nested more than 32 deep`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, problems := Decode("server.toml", []byte(test.text), new(server))
			if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), test.want) {
				t.Errorf("got  %v\nwant %s", problems, test.want)
			}
		})
	}
}

func TestAllMistakesAreToldInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	_, problems := Decode("server.toml", []byte("port = 'a'\nnaem = 'b'\n[hosts.x]\naddresses = 1\n[hosts.y]\nzzz = 1\n"), new(server))
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	if want := []int{1, 2, 4, 6}; !slices.Equal(lines, want) {
		t.Errorf("got %v, want lines %v", problems, want)
	}
}

func TestLineOfAKey(t *testing.T) {
	t.Parallel()
	doc, problem := Parse("x.toml", []byte(`# a comment with "quotes" and [brackets]
zones = ["a", # one
  "b",
  { file = "c" },
]
text = """
[not.a.table]
x = 1 ""\"""""
[maps.site]
networks = { "203.0.113.0/24" = "fra" }
countries.NZ = "syd"
other = 'C:\'
[[test]]
name = "one"
[[test]]
name = "two"
  [test.sub]
  "a\u0062c" = 1979-05-27 07:32:00
`))
	if problem != nil {
		t.Fatal(problem)
	}
	for _, test := range []struct {
		keys string
		line int
	}{
		{"zones", 2}, {"zones 0", 2}, {"zones 1", 3}, {"zones 2", 4}, {"zones 2 file", 4}, {"zones 9", 2},
		{"text", 6}, {"maps", 9}, {"maps site", 9}, {"maps site networks", 10}, {"maps site networks 203.0.113.0/24", 10},
		{"maps site countries NZ", 11}, {"maps site countries", 11}, {"maps site other", 12}, {"maps site nothing", 9}, {"maps nothing", 9},
		{"test 0 name", 14}, {"test 1 name", 16}, {"test 1 sub", 17}, {"test 1 sub abc", 18}, {"nothing", 1},
	} {
		if got := doc.Line(strings.Fields(test.keys)...); got != test.line {
			t.Errorf("%s: got line %d, want %d", test.keys, got, test.line)
		}
	}
}

// place is a row of a table whose rows begin with defaults.
type place struct {
	Name   string   `toml:",key"`
	Open   bool     `toml:"open"`
	Routes []string `toml:"routes"`
}

func (p *place) SetDefaults() { p.Open = true }

func TestATableIsAListInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	type row struct {
		Key   string   `toml:",key"`
		Value []string `toml:",value"`
	}
	for text, want := range map[string]string{
		"[places.b]\n[places.a]\nopen = false\nroutes = ['192.0.2.1', '::1']": "[{b true []} {a false [192.0.2.1 ::1]}] []",
		"places.a.routes = '192.0.2.1'":                                       "[{a true [192.0.2.1]}] []",
		"rows = { z = 'x', a = ['y', 'z'] }":                                  "[] [{z [x]} {a [y z]}]",
		"places = 1":                                                          "server.toml:1: places: want a table, not a whole number",
		"rows.a = 1":                                                          "server.toml:1: rows.a: want a string or a list of strings, not a whole number",
		"[places.a]\n',key' = 'b'":                                            `server.toml:2: places.a: unknown key ",key"`,
		"places.a.routes = [1]":                                               `server.toml:1: places.a.routes: want a string, not a whole number`,
	} {
		var got struct {
			Places []place `toml:"places"`
			Rows   []row   `toml:"rows"`
		}
		_, problems := Decode("server.toml", []byte(text), &got)
		is := fmt.Sprint(got.Places, got.Rows)
		if len(problems) > 0 {
			is = fmt.Sprint(problems[0])
		}
		if is != want {
			t.Errorf("%s: got %s, want %s", text, is, want)
		}
	}
}

// size is a value that says for itself what it makes of TOML.
type size int

func (s *size) UnmarshalTOML(value any) error {
	if n, ok := value.(int64); ok {
		*s = size(n)
		return nil
	}
	return fmt.Errorf("%v is no size", value)
}

func TestAValueMayReadItself(t *testing.T) {
	t.Parallel()
	var got struct {
		Sizes []size `toml:"sizes"`
	}
	_, problems := Decode("server.toml", []byte("sizes = [1,\n'x',\n{ a = 'y' }]"), &got)
	if got, want := fmt.Sprint(got.Sizes, problems), "[1 0 0] [server.toml:2: sizes: x is no size server.toml:3: sizes: map[a:y] is no size]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What is wrong can be cut out, and then the rest is right.
func TestADocumentWithoutItsMistakesIsRight(t *testing.T) {
	t.Parallel()
	text := "nmae = 1\nport = 'a'\nlisten = [':53',\n ':54', ':55']\n[log]\nformat = 'json'\nfiel = 'x'\n[hosts.x]\naddresses = 1\nadresses = 1\n[hosts.y]\naddresses = 'b'\n"
	var first, second server
	doc, mistakes := Decode("server.toml", []byte(text), &first)
	if len(mistakes) != 5 {
		t.Fatalf("got %v", mistakes)
	}
	cut := [][]string{{"listen", "0"}, {"listen", "2"}, {"hosts", "y", "addresses", "0"}}
	for _, m := range mistakes {
		cut = append(cut, m.Keys)
	}
	if !doc.Cut(cut...) || doc.Cut(nil, []string{"port"}) {
		t.Error("want it to say whether there was something to cut out")
	}
	if mistakes := doc.Decode(&second); len(mistakes) > 0 {
		t.Errorf("got %v", mistakes)
	}
	if got := fmt.Sprintf("%v %v %v %v", second.Listen, second.Port, second.Log.Format, second.Hosts); got != "[:54] 0 json map[x:{[]} y:{[]}]" {
		t.Errorf("got %s", got)
	}
	if got := doc.Line("hosts", "y"); got != 11 {
		t.Errorf("hosts.y: got line %d, want 11", got)
	}
}
