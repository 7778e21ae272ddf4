package page

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// Head is fields of a header that go together, packed in the forms in which they are sent. It is shared: nobody changes it.
type Head struct {
	Fields []FieldValues // as http.Header holds them
	Text   string        // as they go over the wire in HTTP/1.1, each with its line end; "": not packed
	blocks *blocks       // nil: it is made for one response, and packed for no other
}

// blocks are the forms that not every head is asked for.
type blocks struct{ h2 atomic.Pointer[[]byte] }

// Block is the head as HTTP/2 sends it, packed once by whoever knows how. It is shared: nobody changes it.
func (h *Head) Block(pack func([]FieldValues) []byte) []byte {
	if h.blocks == nil {
		return pack(h.Fields)
	}
	if packed := h.blocks.h2.Load(); packed != nil {
		return *packed
	}
	packed := pack(h.Fields)
	h.blocks.h2.Store(&packed)
	return packed
}

// FieldValues are the values of a field in the form that http.Header holds. They are shared: nobody changes them.
type FieldValues struct {
	Name   string
	Values []string
}

// NewHead writes fields one after the other, and holds names and values as parts of that text.
func NewHead(fields ...Field) (h Head) {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	h.Text, h.blocks = b.String(), new(blocks)
	rest := h.Text
	for _, f := range fields {
		name := rest[:len(f.Name)]
		rest = rest[len(name)+len(": "):]
		value := rest[:len(f.Value)]
		rest = rest[len(value)+len("\r\n"):]
		if i := h.index(name); i >= 0 {
			h.Fields[i].Values = slices.Clip(append(h.Fields[i].Values, value)) // who appends to it has his own
			continue
		}
		h.Fields = append(h.Fields, FieldValues{name, []string{value}})
	}
	return h
}

func (h *Head) index(name string) int {
	return slices.IndexFunc(h.Fields, func(f FieldValues) bool { return f.Name == name })
}

// With gives the head with other values for some of its fields, and with those that it does not have behind them.
func (h *Head) With(fields ...Field) *Head {
	next := &Head{Fields: make([]FieldValues, len(h.Fields), len(h.Fields)+len(fields))}
	copy(next.Fields, h.Fields)
	for _, f := range fields {
		values := FieldValues{f.Name, []string{f.Value}}
		if at := next.index(f.Name); at >= 0 {
			next.Fields[at] = values
		} else {
			next.Fields = append(next.Fields, values)
		}
	}
	return next
}

// Without gives the head without the fields of these names.
func (h *Head) Without(names []string) *Head {
	if !slices.ContainsFunc(names, func(name string) bool { return h.index(name) >= 0 }) {
		return h
	}
	return &Head{Fields: slices.DeleteFunc(slices.Clone(h.Fields), func(f FieldValues) bool { return slices.Contains(names, f.Name) })}
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
