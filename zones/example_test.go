package zones_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/steer"
)

// A zone is loaded, published and asked.
func Example() {
	path, remove := write("example.org.zone", "$TTL 60\n@ SOA ns hostmaster 7 7200 1800 259200 300\n@ NS ns\nns A 192.0.2.1\n")
	defer remove()
	loaded := zones.Load(path, "", nil)
	store := zones.NewStore()
	if err := store.Update(func(d *zones.Draft) error { d.SetZone(loaded.Value); return nil }); err != nil {
		panic(err)
	}
	snapshot := store.Current()
	for apex, z := range snapshot.Zones {
		fmt.Println(zones.NameText(apex), "serial", z.Serial, "has", z.Records, "records")
	}

	q := zones.Question{Name: new([264]byte), Type: 1, Limit: 512}
	q.NameLen = copy(q.Name[:], "\x02ns\x07example\x03org\x00")
	reply := append(make([]byte, 12), q.Name[:q.NameLen]...) // the header is the nameserver's
	reply = append(reply, 0, 1, 0, 1)
	reply, out := snapshot.Answer(reply, &q)
	fmt.Println("RCODE", out.Rcode, "with", out.Answer, "record:", reply[len(reply)-4:])
	// Output:
	// example.org serial 7 has 3 records
	// RCODE 0 with 1 record: [192 0 2 1]
}

// What is wrong with a zone is said with its place, and with what may have been meant.
func ExampleLoad() {
	path, remove := write("example.org.toml", `[records]
"@" = { NS = "ns.example.net." }
www = { geo = "wrold" }
old = { CNAME = "www", TXT = "gone" }
`)
	defer remove()
	loaded := zones.Load(path, "", []string{"world"})
	for _, p := range loaded.Problems {
		fmt.Printf("%d: %s\n", p.Line, p.Text)
	}
	// Output:
	// 3: www.example.org: map "wrold" is not defined (did you mean "world"?)
	// 4: old.example.org: TXT beside a CNAME (line 4): a name with a CNAME can have no other data
}

// Which POP do the visitors of a subnet get, and why?
func ExampleSnapshot_Explain() {
	path, remove := write("example.org.toml", "[records]\n\"@\" = { NS = \"ns.example.net.\" }\nwww = { geo = \"site\", ttl = 30 }\n")
	defer remove()
	dbs, err := geoip.BuiltIn()
	if err != nil {
		panic(err)
	}
	defer dbs.Close()
	maps, err := steer.Compile(dbs, []steer.POP{
		{Name: "nyc", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Point: geoip.Point{Lat: 40.71, Lon: -74.01}},
		{Name: "syd", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.3")}, Point: geoip.Point{Lat: -33.87, Lon: 151.21}},
	}, []steer.Rules{{Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1}})
	if err != nil {
		panic(err)
	}
	store := zones.NewStore()
	err = store.Update(func(d *zones.Draft) error {
		d.SetMaps(maps)
		d.SetZone(zones.Load(path, "", []string{"site"}).Value)
		return nil
	})
	if err != nil {
		panic(err)
	}
	e, err := store.Current().GeoMap("www.example.org")
	if err != nil {
		panic(err)
	}
	subnet := netip.MustParsePrefix("129.78.0.0/24")
	loc, _, err := dbs.Lookup(subnet.Addr())
	if err != nil {
		panic(err)
	}
	if err := store.Current().Explain(&e, subnet, loc); err != nil {
		panic(err)
	}
	fmt.Println(e.Zone, e.Map, e.TTL)
	fmt.Println(e.POP, e.A.Addresses, "by", e.Rule, "for", e.Location.Country)
	// Output:
	// example.org site 30
	// syd [192.0.2.3] by nearest for AU
}

// write writes a file of its own folder.
func write(name, text string) (path string, remove func()) {
	dir, err := os.MkdirTemp("", "zones")
	if err != nil {
		panic(err)
	}
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		panic(err)
	}
	return path, func() { os.RemoveAll(dir) }
}
