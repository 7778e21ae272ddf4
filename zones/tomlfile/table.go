package tomlfile

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"tinycdn/zones/diag"
)

func (a *assigner) assignStruct(n *Node, v reflect.Value) {
	if index, ok := indexOf(v.Type(), ",text"); ok && n.Text() != "" {
		v.FieldByIndex(index).SetString(n.Text())
		return
	}
	want := "a table"
	if index, ok := indexOf(v.Type(), ",switch"); ok {
		if on, isBool := n.Value.(bool); isBool {
			v.FieldByIndex(index).SetBool(on)
			return
		}
		want = "a table, true or false"
	}
	if !n.IsTable() {
		a.wrong(n, "want %s, not %s", want, n.Kind())
		return
	}
	fields := make(map[string][]int)
	var names []string
	now := make(map[string]string) // how keys that had other names are called
	for _, field := range reflect.VisibleFields(v.Type()) {
		if name := field.Tag.Get("toml"); name != "" && name[0] != ',' {
			fields[name] = field.Index
			names = append(names, name)
			if was := field.Tag.Get("was"); was != "" {
				now[was] = name
			}
		}
	}
	for _, key := range n.Keys {
		if index, ok := fields[key]; ok {
			a.below(key, n.Table[key], v.FieldByIndex(index))
		} else if name, ok := now[key]; ok {
			a.wrongKey(key, n.Table[key], "unknown key %q: it is now called %q", key, name)
		} else {
			a.wrongKey(key, n.Table[key], "unknown key %q%s", key, cmp.Or(a.belongs(key, v.Type()), diag.DidYouMean(key, names)))
		}
	}
}

// belongs says in which tables below a struct the key would be known, which stands one too high; "": in none.
func (a *assigner) belongs(key string, t reflect.Type) string {
	var tables []string
	for _, field := range reflect.VisibleFields(t) {
		name, below := field.Tag.Get("toml"), field.Type
		if below.Kind() == reflect.Pointer {
			below = below.Elem()
		}
		if _, ok := indexOf(below, key); ok && name != "" && name[0] != ',' {
			tables = append(tables, "["+KeyName(append(slices.Clip(a.keys), name))+"]")
		}
	}
	if len(tables) == 0 {
		return ""
	}
	slices.Sort(tables)
	return fmt.Sprintf(" (it belongs under %s)", strings.Join(slices.Compact(tables), " or "))
}

func (a *assigner) assignMap(n *Node, v reflect.Value) {
	if !n.IsTable() {
		a.wrong(n, "want a table, not %s", n.Kind())
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, key := range n.Keys {
		element := reflect.New(v.Type().Elem()).Elem()
		a.below(key, n.Table[key], element)
		v.SetMapIndex(reflect.ValueOf(key), element)
	}
}

// assignTable puts a table into a list of structs that have a field for the key, in the order of the file.
func (a *assigner) assignTable(n *Node, v reflect.Value) {
	if !n.IsTable() {
		a.wrong(n, "want a table, not %s", n.Kind())
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Keys), len(n.Keys)))
	for i, key := range n.Keys {
		element := v.Index(i)
		if e, ok := element.Addr().Interface().(interface{ SetDefaults() }); ok {
			e.SetDefaults()
		}
		index, _ := indexOf(element.Type(), ",key")
		element.FieldByIndex(index).SetString(key)
		if index, ok := indexOf(element.Type(), ",value"); ok {
			element = element.FieldByIndex(index)
		}
		a.below(key, n.Table[key], element)
	}
}

// indexOf finds the field with a tag in a struct, if it is one.
func indexOf(t reflect.Type, tag string) (index []int, ok bool) {
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	for _, field := range reflect.VisibleFields(t) {
		if field.Tag.Get("toml") == tag {
			return field.Index, true
		}
	}
	return nil, false
}
