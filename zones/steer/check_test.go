package steer

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"tinycdn/geoip"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	many := make([]POP, 256)
	for i := range many {
		many[i].Name = fmt.Sprint("p", i)
	}
	for _, c := range []struct {
		rules Rules
		pops  []POP
		want  string // a mistake on each line
	}{
		{Rules{Default: head("nyc"), Answers: 1}, world, ""},
		{Rules{Answers: 1}, world, `default: missing: name the POP for addresses whose location is unknown`},
		{Rules{Default: head("nyk"), Answers: 1}, world, `default.0: POP "nyk" is not defined (did you mean "nyc"?)`},
		{Rules{Default: head("nyc nyc"), Answers: 1}, world, `default.1: POP "nyc" is named twice`},
		{Rules{Default: head("nyc"), POPs: head("fra fra oslo"), Answers: 1}, world, `pops.1: POP "fra" is named twice
pops.2: POP "oslo" is not defined
default.0: POP "nyc" is not among the map's pops (fra, fra, oslo)`},
		{Rules{Default: head("p1"), Answers: 1}, many, `pops: 256 POPs are more than a map can order (at most 255)`},
		{Rules{Default: head("nyc"), Answers: 1}, nil, `: there are no POPs to send anybody to (define them as [pops.NAME])
default.0: POP "nyc" is not defined`},
		{Rules{Default: head("nyc"), Answers: 0}, world, `answers: 0 is out of range (the map has 4 POPs, and an answer holds at least one)`},
		{Rules{Default: head("nyc"), POPs: head("nyc fra"), Answers: 3}, world, `answers: 3 is out of range (the map has 2 POPs, and an answer holds at least one)`},
		{Rules{Default: head("nyc"), Answers: 1, Bias: map[string]float64{"nyc": 0, "fra": math.NaN(), "syd": math.Inf(1), "sao": 0.1, "oslo": 1}}, world,
			`bias.fra: NaN is out of range (above 0; 1 is neutral, 0.5 makes the POP seem half as far)
bias.nyc: 0 is out of range (above 0; 1 is neutral, 0.5 makes the POP seem half as far)
bias.oslo: POP "oslo" is not defined
bias.syd: +Inf is out of range (above 0; 1 is neutral, 0.5 makes the POP seem half as far)`},
		{Rules{Default: head("nyc"), Answers: 1, Share: map[string]float64{"nyc": 0.7, "fra": 0.2, "syd": 0.1}}, world, ""},
		{Rules{Default: head("nyc"), POPs: head("nyc fra"), Answers: 1, Share: map[string]float64{"nyc": 0, "sid": 0.5, "fra": 1, "syd": math.NaN(), "sao": -0.1}}, world,
			`share.fra: 1 is out of range (above 0, below 1; 0.2 is a fifth of what would go to other POPs)
share.nyc: 0 is out of range (above 0, below 1; 0.2 is a fifth of what would go to other POPs)
share.sao: POP "sao" is not among the map's pops (nyc, fra)
share.sao: -0.1 is out of range (above 0, below 1; 0.2 is a fifth of what would go to other POPs)
share.sid: POP "sid" is not defined (did you mean "syd"?)
share.syd: POP "syd" is not among the map's pops (nyc, fra)
share.syd: NaN is out of range (above 0, below 1; 0.2 is a fifth of what would go to other POPs)`},
		{Rules{Default: head("nyc"), Answers: 1, Share: map[string]float64{"nyc": 0.7, "syd": 0.5}}, world,
			`share: together the shares are 1.2 of what would go to other POPs, which is more than there is (at most 1)`},
		{Rules{Default: head("nyc"), Answers: 1, Countries: []Rule{{"DE", nil}, {"UK", head("fra")}, {"ZZ", head("fra")}, {"fr", head("fra")},
			{"AP", head("syd")}, {"EU", head("fra")}, {"an", head("fra")}, {"XK", head("fra")}}}, world,
			`countries.DE: names no POP
countries.UK: "UK" is not an ISO 3166-1 country code (did you mean "GB"?)
countries.ZZ: "ZZ" is not an ISO 3166-1 country code
countries.fr: "fr" is not an ISO 3166-1 country code (did you mean "FR"?)
countries.AP: "AP" is not an ISO 3166-1 country code: old databases of MaxMind had it for Asia and the Pacific; leave it out (the continents are AS and OC)
countries.EU: "EU" is not an ISO 3166-1 country code: old databases of MaxMind had it for Europe; leave it out (the continent EU belongs under continents)
countries.an: "an" is not an ISO 3166-1 country code: the Netherlands Antilles are BQ, CW and SX since 2010 (Antarctica is AQ; the continent AN belongs under continents)`},
		{Rules{Default: head("nyc"), Answers: 1, Continents: []Rule{{"US", head("nyc")}, {"eu", head("fra")}}}, world,
			`continents.US: "US" is not a continent (AF, AN, AS, EU, NA, OC, SA)
continents.eu: "eu" is not a continent (AF, AN, AS, EU, NA, OC, SA) (did you mean "EU"?)`},
		{Rules{Default: head("nyc"), Answers: 1, Regions: []Rule{{"HI", head("nyc")}, {"ZZ-HI", head("nyc")}, {"us-hi", head("nyc")}, {"FR-75C", head("fra")}}}, world,
			`regions.HI: "HI" is not an ISO 3166-2 code, such as US-HI
regions.ZZ-HI: "ZZ-HI" is in no country: "ZZ" is not an ISO 3166-1 code
regions.us-hi: "us-hi" is not an ISO 3166-2 code, such as US-HI (did you mean "US-HI"?)`},
		{Rules{Default: head("nyc"), Answers: 1, ASNs: []Rule{{"AS0", head("nyc")}, {"AS4804", head("sid")}, {"4804", head("syd")}, {"Telkom", head("syd")}}}, world,
			`asns.AS0: AS0 is no network's number (RFC 7607)
asns.AS4804.0: POP "sid" is not defined (did you mean "syd"?)
asns.4804: the same network as "AS4804"
asns.Telkom: "Telkom" is not the number of a network, such as AS4804`},
		{Rules{Default: head("nyc"), Answers: 1, Networks: []Rule{
			{"192.0.2.1/24", head("nyc")}, {"203.0.113.0/24", head("oslo")}, {"::ffff:198.51.100.0/120", head("fra")},
			{"64:ff9b::/96", head("nyc")}, {"2002:c000:200::/40", head("nyc")}, {"198.51.100.0/24", head("nyc")},
			{"192.0.2", head("nyc")}, {"192.0.2.1", head("nyc")}, {"2001:DB8::/32", head("nyc")}, {"2001:db8::/32", head("fra")},
		}}, world,
			`networks.192.0.2.1/24: has bits set behind its length (did you mean "192.0.2.0/24"?)
networks.203.0.113.0/24.0: POP "oslo" is not defined
networks.::ffff:198.51.100.0/120: is the same network as "198.51.100.0/24"
networks.64:ff9b::/96: addresses in it are decided as the IPv4 addresses they hold: write the IPv4 network
networks.2002:c000:200::/40: addresses in it are decided as the IPv4 addresses they hold: write the IPv4 network
networks.192.0.2: "192.0.2" is not a network, such as 203.0.113.0/24
networks.192.0.2.1: "192.0.2.1" is not a network, such as 203.0.113.0/24 (did you mean "192.0.2.1/32"?)
networks.2001:db8::/32: the same network as "2001:DB8::/32"`},
	} {
		var got []string
		c.rules.Check(c.pops, func(keys []string, format string, args ...any) {
			got = append(got, strings.Join(keys, ".")+": "+fmt.Sprintf(format, args...))
		})
		if got := strings.Join(got, "\n"); got != c.want {
			t.Errorf("%+v: got\n%s\nwant\n%s", c.rules, got, c.want)
		}
	}
}

// What is called former must not be a country.
func TestFormerCountriesAreNone(t *testing.T) {
	t.Parallel()
	for code := range formerCountries {
		if of := geoip.Continent(code); of != "" {
			t.Errorf("%s is a country, on %s", code, of)
		}
	}
}
