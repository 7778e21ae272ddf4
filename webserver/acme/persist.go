package acme

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mholt/acmez/v3/acme"
)

// persistOwner is where an authority looks for the record of DNS-PERSIST-01 (draft-ietf-acme-dns-persist, 4.1).
const persistOwner = "_validation-persist."

// permission is what a record must say for an authority to take it as proof.
type permission struct {
	issuers  []string // what the authority calls itself
	account  string
	wildcard bool
}

// text is such a record.
func (p *permission) text() string {
	text := p.issuers[0] + "; accounturi=" + p.account
	if p.wildcard {
		text += "; policy=wildcard"
	}
	return text
}

// find picks the record that is one, or says why none is.
func (p *permission) find(texts []string, now time.Time) (string, error) {
	why := errors.New("there is none")
	for _, text := range texts {
		v, err := parseIssueValue(text)
		if !slices.Contains(p.issuers, v.issuer) {
			continue
		}
		if err == nil {
			err = p.judge(v.parameters, now)
		}
		if err == nil {
			return text, nil
		}
		why = fmt.Errorf("of the one that is there, %w", err)
	}
	return "", why
}

func (p *permission) judge(parameters map[string]string, now time.Time) error {
	if account := parameters["accounturi"]; account != p.account {
		return fmt.Errorf("the account is %q, and ours is %s", account, p.account)
	}
	if p.wildcard && !strings.EqualFold(parameters["policy"], "wildcard") {
		return errors.New("policy=wildcard is missing")
	}
	if until, limited := parameters["persistuntil"]; limited {
		seconds, err := strconv.ParseInt(until, 10, 64)
		if err != nil {
			return fmt.Errorf("persistUntil is %q: it counts seconds since 1970", until)
		}
		if end := time.Unix(seconds, 0); now.After(end) {
			return fmt.Errorf("persistUntil was %s", when(end))
		}
	}
	return nil
}

// isAtHome says whether the account is at its authority's host. A record that stays must name no other: that one's account could order by it.
func (a *Account) isAtHome() bool {
	account, err := url.Parse(a.URL)
	if err != nil {
		return false
	}
	directory, err := url.Parse(a.Directory)
	return err == nil && account.Scheme == "https" && account.Host == directory.Host
}

// Record is a TXT record.
type Record struct{ Owner, Value string }

// longestText of a record that stands bounds what others, who know accounts, have a zone here hold.
const longestText = 500

// Standing are the records of DNS-PERSIST-01 that lie over zones for as long as the configuration wants certificates by them: of each
// name, for each account that there is.
func Standing(b *Bundle, c *Config, wanted []Wanted) (all []Record) {
	if c == nil || c.Challenge != acme.ChallengeTypeDNSPersist01 {
		return nil
	}
	wild, seen := map[string]bool{}, map[string]bool{}
	var hosts []string
	for _, w := range wanted {
		for _, name := range w.Names {
			host, isWildcard := strings.CutPrefix(name, "*.")
			wild[host] = wild[host] || isWildcard
			if !seen[host] {
				seen[host] = true
				hosts = append(hosts, host)
			}
		}
	}
	for _, host := range hosts {
		for _, directory := range c.directories() {
			a := b.Accounts[directory]
			if a == nil || a.URL == "" || !isDomain(a.Issuer) || !a.isAtHome() {
				continue
			}
			text := (&permission{[]string{a.Issuer}, a.URL, wild[host]}).text()
			if _, err := parseIssueValue(text); err == nil && len(text) <= longestText {
				all = append(all, Record{persistOwner + host, text})
			}
		}
	}
	return all
}

// toPaste are the records of DNS-PERSIST-01 for names whose DNS is elsewhere, as lines of a zone. The lock is held.
func (m *Manager) toPaste(w Wanted) (lines []string) {
	for _, one := range Standing(&m.bundle, m.config, m.wanted) {
		host := strings.TrimPrefix(one.Owner, persistOwner)
		if !slices.Contains(w.Names, host) && !slices.Contains(w.Names, "*."+host) {
			continue
		}
		if !slices.Contains(m.solver.Standing(one.Owner), one.Value) {
			lines = append(lines, fmt.Sprintf("%s. TXT %q", one.Owner, one.Value))
		}
	}
	return lines
}
