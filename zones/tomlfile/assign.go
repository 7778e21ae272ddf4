package tomlfile

import (
	"cmp"
	"encoding"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"tinycdn/zones/diag"

	"github.com/BurntSushi/toml"
)

var (
	nodeType     = reflect.TypeFor[*Node]()
	rowsType     = reflect.TypeFor[*Rows]()
	durationType = reflect.TypeFor[time.Duration]()
	networkType  = reflect.TypeFor[netip.Prefix]()
)

// assigner puts the nodes of a document into Go values.
type assigner struct {
	doc      *Document
	keys     []string // the way from the root to the value at hand
	mistakes []Mistake
}

// Decode is the function of that name, of a document that has been parsed, and perhaps cut.
func (d *Document) Decode(v any) []Mistake {
	a := &assigner{doc: d}
	a.assign(d.Root, reflect.ValueOf(v).Elem())
	slices.SortStableFunc(a.mistakes, func(p, q Mistake) int { return p.Line - q.Line })
	return a.mistakes
}

func (a *assigner) wrong(n *Node, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(a.keys) > 0 {
		text = KeyName(a.keys) + ": " + text
	}
	a.mistakes = append(a.mistakes, Mistake{diag.Problem{File: a.doc.Path, Line: n.Line, Text: text}, slices.Clone(a.keys)})
}

// wrongKey is wrong of a key in the table at hand.
func (a *assigner) wrongKey(key string, n *Node, format string, args ...any) {
	a.wrong(n, format, args...)
	last := &a.mistakes[len(a.mistakes)-1]
	last.Keys = append(last.Keys, key)
}

// below assigns the value of a key.
func (a *assigner) below(key string, n *Node, v reflect.Value) {
	a.keys = append(a.keys, key)
	a.assign(n, v)
	a.keys = a.keys[:len(a.keys)-1]
}

func (a *assigner) assign(n *Node, v reflect.Value) {
	switch v.Type() {
	case nodeType:
		v.Set(reflect.ValueOf(n))
		return
	case rowsType:
		v.Set(reflect.ValueOf(cmp.Or(n.rows, &Rows{table: n})))
		return
	case durationType:
		a.assignDuration(n, v)
		return
	case networkType:
		a.assignNetwork(n, v)
		return
	}
	switch target := v.Addr().Interface().(type) {
	case encoding.TextUnmarshaler:
		a.assignText(n, target)
		return
	case toml.Unmarshaler:
		if err := target.UnmarshalTOML(n.plain()); err != nil {
			a.wrong(n, "%v", err)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
			if e, ok := v.Interface().(interface{ SetDefaults() }); ok {
				e.SetDefaults()
			}
		}
		a.assign(n, v.Elem())
	case reflect.Struct:
		a.assignStruct(n, v)
	case reflect.Map:
		a.assignMap(n, v)
	case reflect.Slice, reflect.Array:
		a.assignList(n, v)
	default:
		a.assignScalar(n, v)
	}
}

func (a *assigner) assignList(n *Node, v reflect.Value) {
	elem := v.Type().Elem()
	if _, ok := indexOf(elem, ",key"); ok {
		a.assignTable(n, v)
		return
	}
	_, isText := n.Value.(string)
	switch one := v.Kind() == reflect.Slice && (elem == nodeType || elem == networkType || elem.Kind() == reflect.String); {
	case n.isList:
	case one && isText:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		a.assign(n, v.Index(0))
		return
	case one && elem != nodeType:
		a.wrong(n, "want a string or a list of strings, not %s", n.Kind())
		return
	default:
		a.wrong(n, "want a list, not %s", n.Kind())
		return
	}
	if v.Kind() == reflect.Array && len(n.List) != v.Len() {
		a.wrong(n, "want a list of %d, not of %d", v.Len(), len(n.List))
		return
	}
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), len(n.List), len(n.List)))
	}
	for i, element := range n.List {
		a.assign(element, v.Index(i))
	}
}

func (a *assigner) assignScalar(n *Node, v reflect.Value) {
	switch value := n.Value.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(value)
			return
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(value)
			return
		}
	case float64:
		if v.CanFloat() {
			a.assignFloat(n, value, v)
			return
		}
	case int64:
		switch {
		case v.CanFloat():
			a.assignFloat(n, float64(value), v)
			return
		case v.CanInt() && !v.OverflowInt(value):
			v.SetInt(value)
			return
		case v.CanUint() && value >= 0 && !v.OverflowUint(uint64(value)):
			v.SetUint(uint64(value))
			return
		case v.CanInt() || v.CanUint():
			a.wrong(n, "%d is out of range", value)
			return
		}
	}
	a.wrong(n, "want %s, not %s", wanted(v.Kind()), n.Kind())
}

// assignFloat lets nothing in that is not a number of use.
func (a *assigner) assignFloat(n *Node, value float64, v reflect.Value) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		a.wrong(n, "want a number, not %s", strings.ToLower(fmt.Sprint(value)))
		return
	}
	v.SetFloat(value)
}

func wanted(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}
