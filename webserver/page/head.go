package page

import (
	"net/http"
	"slices"
)

// Head is fields of a header that go together, packed in the forms in which they are sent. It is shared: nobody changes it.
type Head struct {
	Fields []Lines // as http.Header holds them
	Text   string  // as they go over the wire in HTTP/1.1, each with its line end; "": not packed
}

// NewHead packs fields.
func NewHead(fields ...Field) Head {
	text, lines := packFields(fields)
	return Head{Fields: lines, Text: text}
}

// With gives the head with other values for some of its fields, and with those that it does not have behind them.
func (h *Head) With(fields ...Field) *Head {
	next := &Head{Fields: make([]Lines, len(h.Fields), len(h.Fields)+len(fields))}
	copy(next.Fields, h.Fields)
	for _, f := range fields {
		lines := Lines{f.Name, []string{f.Value}}
		if at := slices.IndexFunc(next.Fields, func(l Lines) bool { return l.Name == f.Name }); at >= 0 {
			next.Fields[at] = lines
		} else {
			next.Fields = append(next.Fields, lines)
		}
	}
	return next
}

// SetIn makes the fields those of a header, in place of what it has by their names.
func (h *Head) SetIn(header http.Header) {
	for i := range h.Fields {
		header[h.Fields[i].Name] = h.Fields[i].Values
	}
}

// AppendTo writes the fields as HTTP/1.1 has them.
func (h *Head) AppendTo(b []byte) []byte {
	if h.Text != "" {
		return append(b, h.Text...)
	}
	for i := range h.Fields {
		for _, value := range h.Fields[i].Values {
			b = append(b, h.Fields[i].Name...)
			b = append(b, ": "...)
			b = append(b, value...)
			b = append(b, "\r\n"...)
		}
	}
	return b
}
