package zonefile

import (
	"fmt"

	"tinycdn/zones/diag"
)

// foreignHint says what to do about a type that is none: some are words of other nameservers and providers.
func foreignHint(name string) string {
	of, ok := foreign[name]
	if !ok {
		return diag.DidYouMean(name, dataTypes())
	}
	return fmt.Sprintf(" (%s; %s)", of.whose, of.instead)
}

// foreign are types that stand in files made for others, and are resolved by those themselves.
var foreign = map[string]struct{ whose, instead string }{
	"ALIAS":     {"other nameservers look its target up themselves", insteadOfAlias},
	"ANAME":     {"other nameservers look its target up themselves", insteadOfAlias},
	"FLATTEN":   {"other nameservers look its target up themselves", insteadOfAlias},
	"NETLIFY":   {"Netlify looks its target up itself", insteadOfAlias},
	"NETLIFYV6": {"Netlify looks its target up itself", insteadOfAlias},
	"DYNA":      {"gdnsd chooses addresses by it", insteadOfChoice},
	"DYNC":      {"gdnsd chooses a name by it", insteadOfChoice},
	"LUA":       {"PowerDNS runs it as a program", insteadOfChoice},
	"APP":       {"Technitium runs an app for it", insteadOfChoice},
	"POOL":      {"DNSimple chooses a name by it", insteadOfChoice},
	"WINS":      {"Windows asks a WINS server", "leave it out"},
	"WINSR":     {"Windows asks a WINS server", "leave it out"},
	"FWD":       {"Technitium asks another server", "leave it out"},
	"URL":       {"a provider redirects visitors by it", insteadOfURL},
	"URLFWD":    {"a provider redirects visitors by it", insteadOfURL},
	"REDIRECT":  {"a provider redirects visitors by it", insteadOfURL},
	"HTTPRED":   {"a provider redirects visitors by it", insteadOfURL},
}

const (
	insteadOfAlias  = `write geo = "map" in a TOML zone if the target is these POPs, else A and AAAA with the target's addresses`
	insteadOfChoice = `write geo = "map" in a TOML zone for the POP that a map gives, else A and AAAA with the addresses`
	insteadOfURL    = `write geo = "map" in a TOML zone, and the redirect in the site in tinycdn.toml`
)
