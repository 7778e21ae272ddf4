package cache

import (
	"net/http"
	"slices"
	"strings"
)

// Selector is a request field that chose a response, and what it said (RFC 9111, 4.1).
type Selector struct{ Name, Value string }

// Selectors lists what chose a response, by its Vary field and the request that it answers. Fields that the cache
// answers for itself do not count: it decodes and packs again, and it keeps hosts and schemes apart.
func Selectors(request, response http.Header) []Selector {
	var all []Selector
	for _, field := range response["Vary"] {
		for name := range strings.SplitSeq(field, ",") {
			name = http.CanonicalHeaderKey(strings.Trim(name, " \t"))
			switch name {
			case "", "Accept-Encoding", "Host", "X-Forwarded-Host", "X-Forwarded-Proto":
				continue
			}
			if !slices.ContainsFunc(all, func(s Selector) bool { return s.Name == name }) {
				all = append(all, Selector{name, normalized(request[name])})
			}
		}
	}
	return all
}

// selectable says whether requests can be told apart by what the response varies on: not by "*", and not by fields that
// name each visitor or that we write ourselves.
func selectable(response http.Header) bool {
	for _, field := range response["Vary"] {
		for name := range strings.SplitSeq(field, ",") {
			switch http.CanonicalHeaderKey(strings.Trim(name, " \t")) {
			case "*", "X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via":
				return false
			}
		}
	}
	return true
}

// Selected says whether a request says the same in all those fields.
func Selected(by []Selector, request http.Header) bool {
	for i := range by {
		values := request[by[i].Name]
		if len(values) == 1 && values[0] == by[i].Value {
			continue // by far the most frequent, and without making a string
		}
		if normalized(values) != by[i].Value {
			return false
		}
	}
	return true
}

// normalized is the value of a field whatever lines and spaces it is written with.
func normalized(values []string) string {
	switch {
	case len(values) == 0:
		return ""
	case len(values) == 1 && !strings.ContainsAny(values[0], " \t,"):
		return values[0]
	}
	var items []string
	for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if item = strings.Trim(item, " \t"); item != "" {
			items = append(items, item)
		}
	}
	return strings.Join(items, ",")
}
