package config

import "reflect"

// NeedRestart are the keys of settings that are others than those of the start, and hold only from the next one on.
func (c *Config) NeedRestart(start *Config) []string {
	keys := changed("", reflect.ValueOf(*start), reflect.ValueOf(*c))
	if (len(start.Web.Certs) == 0) != (len(c.Web.Certs) == 0) {
		keys = append(keys, "web.certs") // the port for HTTPS is bound only with one
	}
	if len(start.Sites) == 0 && len(c.Sites) > 0 {
		keys = append(keys, "sites") // nobody listens for them
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
