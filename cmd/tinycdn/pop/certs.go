package pop

import (
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/webserver/certs"
	"tinycdn/zones/diag"
)

// certsPart is the certificates.
type certsPart = part[[]certs.Pair, *certs.Store]

// judgeAgain is how often certificates are looked at even if their files stay as they are: they expire.
const judgeAgain = time.Hour

// nextCerts are the certificates as they are in last, or read again if that may be out of date.
func nextCerts(pairs []certs.Pair, last *certsPart, again bool) *certsPart {
	now := time.Now()
	var before *certs.Store
	if last != nil {
		if !again && last.madeOf(pairs) && now.Sub(last.since) < judgeAgain {
			return last
		}
		before = last.Value
	}
	loaded := certs.Load(pairs, before, now)
	p := take(pairs, loaded, last, effects{rest: certsEffect(before, loaded.Value)})
	if last != nil && !last.copied.IsZero() && len(p.Problems) > 0 {
		p.copied, p.effect = last.copied, copyOf(last.copied)+" is used, if there was one"
	}
	return p
}

// isRight says whether nothing is wrong with a pair.
func isRight(p *certsPart, pair certs.Pair) bool {
	wrong := func(problem diag.Problem) bool { return problem.File == pair.Chain || problem.File == pair.Key }
	return p.Value.Has(pair) && !slices.ContainsFunc(p.Problems, wrong)
}

// certsEffect is what it costs that a pair cannot be used.
func certsEffect(before, now *certs.Store) string {
	switch {
	case now.Empty():
		return "nobody can come over HTTPS"
	case before.Empty():
		return "the other certificates are used"
	}
	return "its certificate from before is used, if there was one"
}

// toldCerts are the certificates with their problems as they are told: a file that cannot be read stands in the configuration.
func (g *Generation) toldCerts() *certsPart {
	told := *g.certs
	told.Problems = slices.Clone(told.Problems)
	for i, p := range told.Problems {
		if told.Files[p.File] == nil {
			told.Problems[i] = g.Config.CertProblem(p)
		}
	}
	return &told
}

// wildcardOf is the wildcard that a host is covered by.
func wildcardOf(host string) string {
	_, above, _ := strings.Cut(host, ".")
	return "*." + above
}

// uncovered are the hosts that HTTP leads to HTTPS for, without a certificate that names them.
func (g *Generation) uncovered() (all []diag.Problem) {
	if g.certs.Value.Empty() && g.Config.ACME == nil {
		return nil
	}
	// As certs.Pick has it.
	costs := "it has no HTTPS"
	if slices.ContainsFunc(g.Config.Sites, func(s config.Site) bool { return slices.Contains(s.Hosts, "*") }) {
		costs = "browsers will warn of it"
	}
	for _, site := range g.Config.Sites {
		if !site.LeadsToHTTPS(&g.Config.Web.Config) {
			continue
		}
		for _, host := range site.Hosts {
			if host != "*" && !g.certs.Value.Covers(host) && !g.isOrdered(host) {
				all = append(all, g.Config.Problem(diag.At("sites", site.Name, "hosts"), "%s is in no certificate, so that "+costs, host))
			}
		}
	}
	return all
}
