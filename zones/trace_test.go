package zones_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones/zonestest"
)

// followed is what a resolver finds that asks for a name's addresses: the names that it is led to, and the addresses.
func followed(t *testing.T, f *zonestest.Fixture, name string) (names []string, addresses int) {
	seen := map[string]bool{}
	for !seen[name] && len(names) < 100 {
		seen[name] = true
		got, _ := ask(t, f.Store.Current(), asked{name: name, typ: dns.TypeA})
		for _, rr := range got.Answer {
			if alias, ok := rr.(*dns.CNAME); ok {
				name = strings.ToLower(alias.Target)
				names = append(names, name)
			}
		}
		if n := len(given(got)); n > 0 {
			return names, n
		}
	}
	return names, 0
}

// Every name is explained by the way that a resolver goes.
func TestTheStepsOfAnExplanationAreThoseOfTheAnswers(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	geo, dead, by := 0, 0, map[string]int{}
	for _, name := range append(f.Names(), "example.com.", "*.wgeo.example.org.", "*.wcname.example.org.") {
		name = strings.ToLower(name)
		names, addresses := followed(t, f, name)
		e, err := f.Store.Current().GeoMap(name)
		var steps []string
		for _, step := range e.Steps {
			by[step.By]++
			if step.Target != "" {
				steps = append(steps, dns.Fqdn(step.Target))
			}
		}
		const told = 16 // steps at most; a chain that comes back to a name is asked on longer than it is told
		n := min(len(names), len(steps))
		if n < len(names) && len(steps) < told && (err == nil || !strings.Contains(err.Error(), "passed before")) || !slices.Equal(names[:n], steps[:n]) {
			t.Errorf("%s: a resolver is led to %q, and the steps are %q, %v", name, names, steps, err)
		}
		switch {
		case err == nil && (e.Map != "site" || addresses == 0):
			t.Errorf("%s: explained by map %q, but a resolver finds no address", name, e.Map)
		case err == nil:
			geo++
		case (addresses > 0) != strings.Contains(err.Error(), "everybody gets the same"):
			t.Errorf("%s: %d addresses are found, but: %v", name, addresses, err)
		default:
			dead++
		}
	}
	if geo < 5 || dead < 100 || by["CNAME"] < 10 || by["DNAME"] < 10 || by["wildcard"] < 10 {
		t.Errorf("only %d names led to a map, %d to none, by %v", geo, dead, by)
	}
}

func TestWhatANameLeadsToIsSaid(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	for name, want := range map[string]string{
		"old.example.org":        "old.example.org is an alias (CNAME) of www.example.org\n=> www.example.org",
		"Older.example.org.":     "older.example.org is an alias (CNAME) of old.example.org\nold.example.org is an alias (CNAME) of www.example.org\n=> www.example.org",
		"www.example.net":        "www.example.net is an alias (CNAME) of example.org\n=> example.org",
		"www.dn.example.org":     "www.dn.example.org becomes www.example.net (DNAME of dn.example.org)\nwww.example.net is an alias (CNAME) of example.org\n=> example.org",
		"y.wgeo.example.org":     "y.wgeo.example.org is made by the wildcard *.wgeo.example.org\n=> y.wgeo.example.org",
		"*.wgeo.example.org":     "=> *.wgeo.example.org",
		"y.wcname.example.org":   "y.wcname.example.org is an alias (CNAME of the wildcard *.wcname.example.org) of mail.example.org\nmail.example.org is not a geo name: everybody gets the same answer",
		"x.wgeo.example.org":     "x.wgeo.example.org has no addresses",
		"y.wild.example.org":     "y.wild.example.org is made by the wildcard *.wild.example.org\ny.wild.example.org is not a geo name: everybody gets the same answer",
		"out.example.org":        "out.example.org is an alias (CNAME) of www.example.com\nwww.example.com is in none of the zones served here: other nameservers say where it is",
		"www.example.com":        "www.example.com is in none of the zones served here",
		"tocut.example.org":      "tocut.example.org is an alias (CNAME) of www.sub.example.org\nwww.sub.example.org is not in zone example.org but delegated, with sub.example.org, to other nameservers",
		"sub.example.org":        "sub.example.org is not in zone example.org but delegated, with sub.example.org, to other nameservers",
		"tochild.example.org":    "tochild.example.org is an alias (CNAME) of www.child.example.org\nwww.child.example.org is not a geo name: everybody gets the same answer",
		"loop.example.org":       "loop.example.org is an alias (CNAME) of loop2.example.org\nloop2.example.org is an alias (CNAME) of loop.example.org\nloop.example.org was passed before: the aliases go in a circle, and nobody gets an address",
		"none.deep.example.org":  "none.deep.example.org does not exist in zone example.org",
		"still.example.org":      "still.example.org has no addresses",
		"x..example.org":         `"x..example.org" is not a domain name`,
		"tonodata.example.org":   "tonodata.example.org is an alias (CNAME) of ns2.example.org\nns2.example.org is not a geo name: everybody gets the same answer",
		"_sip._udp.example.org":  "_sip._udp.example.org has no addresses",
		"dn.example.org":         "dn.example.org has no addresses",
		"alias.star.example.net": "alias.star.example.net is made by the wildcard *.star.example.net\nalias.star.example.net has no addresses",
	} {
		e, err := f.Store.Current().GeoMap(name)
		var told []string
		for _, step := range e.Steps {
			told = append(told, step.String())
		}
		if err != nil {
			told = append(told, err.Error())
		} else {
			told = append(told, "=> "+e.Target)
		}
		if got := strings.Join(told, "\n"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}
