package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geoip"
	"tinycdn/zones"

	"github.com/spf13/cobra"
)

func explainCommand() *cobra.Command {
	var file string
	var asJSON bool
	c := &cobra.Command{
		Use:     "explain ADDRESS [NAME]",
		Short:   "Say which POP an address gets, and why",
		Long:    "Say which POP the address (or subnet) gets, and why: by the map that NAME's addresses come\nfrom, also through aliases and wildcards, else by every map. If tinycdn runs here, POPs count\nas down, drained or up as it has them; at a POP of a cluster, what is explained is what was published.",
		Example: "  tinycdn explain 81.2.69.142\n  tinycdn explain 81.2.69.0/24 www.example.org\n  tinycdn explain 2001:db8::/32 --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return errors.New("explain wants the address or subnet of a visitor, and may be given a name: tinycdn explain 81.2.69.142 www.example.org")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			path, err := toBeExplained(file)
			if err != nil {
				return err
			}
			name := ""
			if len(args) == 2 {
				name = args[1]
			}
			return explain(path, args[0], name, asJSON, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// explain says which POP an address or a subnet gets, and why: by the map of a name, else by every map.
func explain(path, address, name string, asJSON bool, w io.Writer) error {
	subnet, err := parseSubnet(address)
	if err != nil {
		return err
	}
	system.TuneForLoading()
	g := pop.Load(path, nil, pop.Options{})
	if err := g.Mistakes(); err != nil {
		return err
	}
	snapshot, unknown, err := withHealth(g, path)
	if err != nil {
		return err
	}
	dbs, err := g.Config.GeoIP.Open()
	if err != nil {
		return err
	}
	defer dbs.Close()
	loc, network, err := dbs.Lookup(subnet.Addr())
	if err != nil {
		return err
	}
	list, err := toExplain(snapshot, g.Config, path, name)
	if err != nil {
		return printDeadEnd(w, list, asJSON, err)
	}
	for i := range list {
		if err := snapshot.Explain(&list[i], subnet, loc); err != nil {
			return err
		}
	}
	if asJSON {
		return printJSON(w, list, network, dbs.Info())
	}
	for i := range list {
		printExplanation(w, &list[i], network, dbs.Info())
	}
	if unknown != nil {
		fmt.Fprintf(w, "which POPs are down or drained is not known here: %v\n", unknown)
	}
	return nil
}

// parseSubnet takes an address, or a subnet such as a resolver sends.
func parseSubnet(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a subnet (try 81.2.69.142 or 81.2.69.0/24)", s)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// toExplain are the map that a name leads to, or all. If it leads to none, only the way there is told.
func toExplain(s *zones.Snapshot, c *config.Config, path, name string) (list []zones.Explanation, err error) {
	if name != "" {
		e, err := s.GeoMap(name)
		return []zones.Explanation{e}, err
	}
	for _, rules := range c.Maps {
		list = append(list, zones.Explanation{Map: rules.Name})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: there is no [maps.NAME], so nobody is sent anywhere", path)
	}
	return list, nil
}

// deadEnd is what --json prints of a name that leads to no map.
type deadEnd struct {
	Name  string       `json:"name"`
	Steps []zones.Step `json:"steps"`
	Error string       `json:"error"`
}

// printDeadEnd tells the steps to where a name leads to no map, and gives why.
func printDeadEnd(w io.Writer, list []zones.Explanation, asJSON bool, why error) error {
	for _, e := range list {
		if !asJSON {
			printSteps(w, e.Steps)
		} else if err := encode(w, deadEnd{e.Name, e.Steps, why.Error()}); err != nil {
			return err
		}
	}
	return why
}

func printSteps(w io.Writer, steps []zones.Step) {
	for _, step := range steps {
		fmt.Fprintln(w, step)
	}
}

// explained is what --json prints.
type explained struct {
	Explanations []zones.Explanation `json:"explanations"`
	Network      netip.Prefix        `json:"network"` // the part of the address space of which the databases know the same
	Databases    []explainedDatabase `json:"databases"`
}

type explainedDatabase struct {
	Path  string    `json:"path"`
	Type  string    `json:"type"`
	Built time.Time `json:"built"`
}

func printJSON(w io.Writer, list []zones.Explanation, network netip.Prefix, infos []geoip.Info) error {
	out := explained{Explanations: list, Network: network}
	for i := range infos {
		out.Databases = append(out.Databases, explainedDatabase{infos[i].Path, infos[i].Type, infos[i].Built})
	}
	return encode(w, out)
}

func encode(w io.Writer, what any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(what)
}

func printExplanation(w io.Writer, e *zones.Explanation, network netip.Prefix, infos []geoip.Info) {
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
	printSteps(w, e.Steps)
	fmt.Fprintf(w, "%s gets %s from %s\n", subject, e.POP, from)
	line("answer", "%s", givenText("A", &e.A, e))
	line("", "%s", givenText("AAAA", &e.AAAA, e))
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
		line("database", "%s: %s of %s%s", infos[i].Path, infos[i].Type, dateOf(&infos[i]), attribution(&infos[i]))
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
	s := fmt.Sprintf("%s %s of %s, ", typ, addressList(g.Addresses), strings.Join(g.From, " and "))
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

func addressList(list []netip.Addr) string {
	var texts []string
	for _, a := range list {
		texts = append(texts, a.String())
	}
	return strings.Join(texts, " ")
}

func attribution(info *geoip.Info) string {
	if info.Attribution == "" {
		return ""
	}
	return " (" + info.Attribution + ")"
}
