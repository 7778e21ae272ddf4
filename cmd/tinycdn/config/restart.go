package config

import (
	"reflect"
	"slices"
)

// NeedRestart are the keys of settings that are others than those of the start, and hold only from the next one on, at a POP.
func (c *Config) NeedRestart(start *Config, pop string) []string {
	keys := changed("", reflect.ValueOf(*start), reflect.ValueOf(*c))
	before, now := start.ListenAt(pop), c.ListenAt(pop)
	for _, listen := range []struct {
		key         string
		before, now []string
	}{
		{"dns.listen", before.DNS, now.DNS}, {"web.listen", before.HTTP, now.HTTP}, {"web.tls_listen", before.HTTPS, now.HTTPS},
	} {
		if !slices.Equal(listen.before, listen.now) && !slices.Contains(keys, listen.key) {
			keys = append(keys, listen.key) // what "pop" means has changed
		}
	}
	return keys
}

// changed are the keys with `restart:"true"` whose values differ.
func changed(prefix string, start, now reflect.Value) (keys []string) {
	for _, field := range reflect.VisibleFields(start.Type()) {
		key := field.Tag.Get("toml")
		if key == "" {
			continue
		}
		a, b := start.FieldByIndex(field.Index), now.FieldByIndex(field.Index)
		switch {
		case field.Tag.Get("restart") == "true":
			if !reflect.DeepEqual(a.Interface(), b.Interface()) {
				keys = append(keys, prefix+key)
			}
		case a.Kind() == reflect.Struct:
			keys = append(keys, changed(prefix+key+".", a, b)...)
		}
	}
	return keys
}
