// Package told puts into words which POP an address gets, and why.
package told

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/words"
	"tinycdn/geoip"
	"tinycdn/zones"
)

// Print says it of an address, where the databases know the same of a network.
func Print(w io.Writer, e *zones.Explanation, network netip.Prefix, infos []geoip.Info) {
	line := func(what, format string, args ...any) {
		fmt.Fprintf(w, "  %-10s %s\n", what, fmt.Sprintf(format, args...))
	}
	subject := e.Subnet.String()
	if e.Subnet.IsSingleIP() {
		subject = e.Subnet.Addr().String()
	}
	from := "map " + e.Map
	if e.Target != "" {
		from = fmt.Sprintf("%s (map %s, TTL %d s)", e.Target, e.Map, e.TTL)
	}
	Steps(w, e.Steps)
	fmt.Fprintf(w, "%s gets %s from %s\n", subject, e.POP, from)
	line("answer", "%s", givenText("A", &e.A, e))
	line("", "%s", givenText("AAAA", &e.AAAA, e))
	if s := e.Signed; s != nil {
		line("signed", "by key %d, until %s", s.Key, s.Until.Format("2006-01-02 15:04 MST"))
	}
	if n := len(e.A.From); n > 1 {
		line("order", "resolvers turn it: about %s of the visitors go to %s", []string{"half", "two thirds", "most"}[min(n, 4)-2], strings.Join(e.A.From[1:], " or "))
	}
	line("rule", "%s", ruleText(e))
	if s := e.Share; s != nil {
		line("share", "%s takes %.4g %% of what would go to other POPs (maps.%s.share); else it were %s", s.POP, 100*s.Part, e.Map, s.Else)
	}
	for _, text := range healthTexts(e, time.Now()) {
		line("health", "%s", text)
	}
	line("location", "%s", placeText(e.Location))
	line("known of", "%s is the network in the database", network)
	for i, c := range e.POPs {
		what := ""
		switch i {
		case 0:
			what = "POPs"
		case 1:
			what = "then"
		}
		line(what, "%s", choiceText(&c)+outText(e, c.POP))
	}
	for i := range infos {
		line("database", "%s: %s of %s%s", infos[i].Path, infos[i].Type, infos[i].Built.Format(time.DateOnly), attribution(&infos[i]))
	}
	line("no ECS", "a resolver that sends no client subnet is placed by its own address: explain that one;")
	line("", "its answer has scope 0, so all its clients share it, wherever they are")
}

// givenText says what a type's answer holds, whose it is, and for whom.
func givenText(typ string, g *zones.Given, e *zones.Explanation) string {
	switch {
	case len(g.LeftOutFor) > 0 && len(g.LeftOutFor) < len(e.POPs):
		return fmt.Sprintf("%s none, for anybody: there is no IPv6 at %s", typ, strings.Join(g.LeftOutFor, ", "))
	case len(g.Addresses) == 0:
		return typ + " none: no POP of the map has such an address"
	}
	s := fmt.Sprintf("%s %s of %s, ", typ, words.List(g.Addresses), strings.Join(g.From, " and "))
	switch {
	case e.ByResolver:
		return s + fmt.Sprintf("if the resolver is nowhere; scope /%d", g.Scope)
	case g.Spans:
		return s + fmt.Sprintf("for the largest share of it; scope /%d says that it is not for all", g.Scope)
	case g.Scope == 0:
		return s + "for everybody; scope /0"
	}
	return s + fmt.Sprintf("for all of %s; scope /%d", g.For, g.Scope)
}

func ruleText(e *zones.Explanation) string {
	switch {
	case e.ByResolver:
		return "none: this says nothing of a place (private, reserved or /0), so the resolver's own address decides"
	case e.Rule == "nearest":
		return "nearest: no rule fits, so distance decides"
	case e.Rule == "default":
		return "default: the location is not known, or no rule fits it"
	}
	return fmt.Sprintf("%s (maps.%s.%s)", e.Rule, e.Map, e.Key)
}

func placeText(p *zones.Place) string {
	if p == nil {
		return "unknown"
	}
	var parts []string
	for _, s := range []string{p.City, p.Region, p.Country, p.Continent} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if p.ASN != 0 {
		parts = append(parts, fmt.Sprintf("AS%d", p.ASN))
	}
	if p.Latitude != nil {
		parts = append(parts, fmt.Sprintf("at %.2f, %.2f", *p.Latitude, *p.Longitude))
	}
	return strings.Join(parts, ", ")
}

func choiceText(c *zones.Choice) string {
	if c.Km == nil {
		return fmt.Sprintf("%s: distance unknown", c.POP)
	}
	s := fmt.Sprintf("%s: %.0f km", c.POP, *c.Km)
	if *c.BiasedKm != *c.Km {
		s += fmt.Sprintf(", by its bias %.0f km", *c.BiasedKm)
	}
	return s
}

func attribution(info *geoip.Info) string {
	if info.Attribution == "" {
		return ""
	}
	return " (" + info.Attribution + ")"
}

// Steps says how a name leads to a map, a line each.
func Steps(w io.Writer, steps []zones.Step) {
	for _, step := range steps {
		fmt.Fprintln(w, step)
	}
}
