package hostfiles

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Headers are the fields that a site has by path. The zero value has none.
type Headers struct {
	blocks   []block
	exact    map[string][]int // numbers of blocks by their one path, without the slash at its end
	patterns []int            // of all others
}

// block is a path of _headers and what stands below it.
type block struct {
	line     int
	path     pattern
	detached []string // names of fields that are taken away first
	fields   []page.Field
}

// ReadHeaders reads _headers, which has the path file. What is not done, and what is no field, is a note.
func ReadHeaders(file, text string) (*Headers, []diag.Problem) {
	h := &Headers{exact: map[string][]int{}}
	n := &notes{file: file}
	var b *block // nil: there is none that a field could belong to
	begun := false
	for number, line := range n.lines(text) {
		switch {
		case line[0] == '/' || isAbsolute(line):
			h.keep(b)
			if len(h.blocks) == mostRules {
				n.add(number, "more than 10,000 paths: this one and those behind it are left out")
				return h, n.all()
			}
			b, begun = n.block(number, line), true
		case b == nil && !begun:
			n.add(number, "a path, such as /*, has to come before %q", line)
		case line[0] == '!':
			if name := strings.TrimSpace(strings.TrimSuffix(line[1:], ":")); b != nil && n.isName(number, name) {
				b.detached = append(b.detached, http.CanonicalHeaderKey(name))
			}
		default:
			if f, ok := n.field(number, line, b); ok && b != nil {
				b.fields = joined(b.fields, f)
			}
		}
	}
	h.keep(b)
	return h, n.all()
}

// isAbsolute says whether a line is a path of some host: "https://example.org/*".
func isAbsolute(line string) bool {
	scheme, _, ok := strings.Cut(line, "://")
	return ok && scheme != "" && !strings.ContainsAny(scheme, " \t:")
}

// block begins a block. It is nil if nothing can be done with its path.
func (n *notes) block(line int, text string) *block {
	if isAbsolute(text) {
		n.add(line, "fields by host are not done: want a path, such as /*; what stands below it is left out")
		return nil
	}
	if at := strings.Index(text, " #"); at >= 0 {
		text = strings.TrimSpace(text[:at])
	}
	path, err := parsePattern(text)
	if err != nil {
		n.add(line, "%s: %v; what stands below it is left out", text, err)
		return nil
	}
	return &block{line: line, path: path}
}

func (h *Headers) keep(b *block) {
	if b == nil || len(b.fields) == 0 && len(b.detached) == 0 {
		return
	}
	if path, ok := b.path.exact(); ok {
		h.exact[path] = append(h.exact[path], len(h.blocks))
	} else {
		h.patterns = append(h.patterns, len(h.blocks))
	}
	h.blocks = append(h.blocks, *b)
}

// ownFields are for the server to get right, for each response.
var ownFields = []string{
	"Accept-Ranges", "Age", "Allow", "Alt-Svc", "Cache-Status", "Connection", "Content-Encoding", "Content-Length", "Content-Range", "Date", "Etag",
	"Keep-Alive", "Last-Modified", "Location", "Proxy-Connection", "Server", "Server-Timing", "Trailer", "Transfer-Encoding", "Upgrade",
}

// field reads "Name: value", which stands below a path.
func (n *notes) field(line int, text string, below *block) (f page.Field, ok bool) {
	name, value, found := strings.Cut(text, ":")
	f = page.Field{Name: http.CanonicalHeaderKey(strings.TrimSpace(name)), Value: strings.TrimSpace(value)}
	switch {
	case strings.HasPrefix(strings.ToLower(text), "basic-auth"):
		n.warn(line, "Basic-Auth is not done: the path is NOT protected, anybody gets what is there")
	case !found:
		n.add(line, "%q is no field, such as X-Robots-Tag: noindex; it is left out", text)
	case !n.isName(line, f.Name):
	case f.Value == "":
		n.add(line, "%s has no value; it is left out (! %s takes it away)", f.Name, f.Name)
	case f.Name == "Set-Cookie":
		n.add(line, "Set-Cookie is left out: caches keep a page for everybody, and would give them all one cookie")
	case slices.Contains(ownFields, f.Name):
		n.add(line, "%s is set by the server, for each response; it is left out", f.Name)
	case f.Name == "Content-Type" && !isMediaType(f.Value):
		n.add(line, "%q is no media type, such as text/html; charset=utf-8; it is left out", f.Value)
	default:
		return f, true
	}
	return f, false
}

func isMediaType(value string) bool {
	kind, _, err := mime.ParseMediaType(value)
	return err == nil && strings.Contains(kind, "/")
}

func (n *notes) isName(line int, name string) bool {
	if !page.IsFieldName(name) {
		n.add(line, "%q is not the name of a header field; it is left out", name)
		return false
	}
	return true
}

// Of are the fields of a file that goes by some paths, without escapes. A value "" takes away a field that all pages have.
func (h *Headers) Of(paths ...string) (fields []page.Field) {
	if h == nil || len(h.blocks) == 0 {
		return nil
	}
	var fitting []int
	for _, path := range paths {
		fitting = append(fitting, h.exact[trimmed(path)]...)
	}
	fitting = append(fitting, h.patterns...)
	slices.Sort(fitting)
	for _, i := range slices.Compact(fitting) {
		b := &h.blocks[i]
		var v values
		if !slices.ContainsFunc(paths, func(path string) bool { return b.path.match(path, &v) }) {
			continue
		}
		for _, name := range b.detached {
			fields = slices.DeleteFunc(fields, func(f page.Field) bool { return f.Name == name })
			fields = append(fields, page.Field{Name: name})
		}
		for _, f := range b.fields {
			fields = joined(fields, page.Field{Name: f.Name, Value: b.path.fill(f.Value, &v)})
		}
	}
	return fields
}

// fill puts what the names of a pattern stand for into a value.
func (p *pattern) fill(value string, v *values) string {
	if len(p.names) == 0 || !strings.Contains(value, ":") {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == ':' {
			if number, length := nameOf(wordAt(value, i+1), p.names); number >= 0 {
				b.WriteString(escapedPath(v[number]))
				i += length
				continue
			}
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// single are fields of which there can be one value only: the last one that fits. Of all others several values are a list
// (RFC 9110, 5.3).
var single = []string{
	"Access-Control-Allow-Credentials", "Access-Control-Allow-Origin", "Access-Control-Max-Age", "Content-Disposition", "Content-Location",
	"Content-Type", "Cross-Origin-Embedder-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Expires",
	"Origin-Agent-Cluster", "Refresh", "Service-Worker-Allowed", "Sourcemap", "Strict-Transport-Security",
	"X-Content-Type-Options", "X-Frame-Options", "X-Xss-Protection",
}

// joined adds a field to a list of them, behind the value that it has there.
func joined(fields []page.Field, f page.Field) []page.Field {
	at := slices.IndexFunc(fields, func(other page.Field) bool { return other.Name == f.Name })
	switch {
	case at < 0:
		return append(fields, f)
	case fields[at].Value == "" || slices.Contains(single, f.Name):
		fields[at].Value = f.Value
	case fields[at].Value != f.Value:
		fields[at].Value += ", " + f.Value
	}
	return fields
}
