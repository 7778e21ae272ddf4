package files

import "tinycdn/webserver/page"

// rulesBelow are those of rules that concern what lies below a path, as they are of paths from there.
func rulesBelow(folder string, rules []page.Rule) (below []page.Rule) {
	for _, r := range rules {
		var ok bool
		if r.Pattern, ok = r.Pattern.Below(folder); ok {
			below = append(below, r)
		}
	}
	return below
}

// typesBelow are the same of media types.
func typesBelow(folder string, rules []TypeRule) (below []TypeRule) {
	for _, r := range rules {
		var ok bool
		if r.Pattern, ok = r.Pattern.Below(folder); ok {
			below = append(below, r)
		}
	}
	return below
}
