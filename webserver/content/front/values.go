package front

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tinycdn/webserver/hosts"
)

// kind names what a value is, for a sentence.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case int64, float64:
		return "a number"
	case bool:
		return "true or false"
	case time.Time:
		return "a date"
	case []any:
		return "a list"
	}
	return "a table"
}

// word is a text, or what else can be written as one: programs that convert front matter turn "2024" into a number.
func word(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return strings.TrimSpace(v), nil
	case int64, bool:
		return fmt.Sprint(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly), nil
		}
		return v.Format(time.RFC3339), nil
	}
	return "", fmt.Errorf("want a text, not %s", kind(v))
}

// tableOf is a table. An empty value of YAML is as good as none.
func tableOf(v any) (map[string]any, error) {
	table, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, fmt.Errorf("want a table, not %s", kind(v))
	}
	return table, nil
}

// truth is a switch.
func truth(v any) (bool, error) {
	text, err := word(v)
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1", "y":
		return true, err
	case "false", "no", "off", "0", "n", "":
		return false, err
	}
	return false, fmt.Errorf("want true or false, not %q", text)
}

// toWord puts a text into a field. An empty one, as archetypes have them, is as good as none.
func toWord(field *string, check func(string) error) func(any) error {
	return func(v any) error {
		text, err := word(v)
		if err != nil || text == "" {
			return err
		}
		if check != nil {
			if err := check(text); err != nil {
				return err
			}
		}
		*field = text
		return nil
	}
}

// toWords puts texts into a list; those that are wrong are left out.
func toWords(field *[]string, check func(string) error) func(any) error {
	return func(v any) error {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		var wrong []string
		for _, v := range list {
			text, err := word(v)
			if err == nil && text != "" && check != nil {
				err = check(text)
			}
			switch {
			case err != nil:
				wrong = append(wrong, err.Error())
			case text != "":
				*field = append(*field, text)
			}
		}
		if len(wrong) > 0 {
			return errors.New(strings.Join(wrong, "; "))
		}
		return nil
	}
}

// toSwitch puts a switch into a field that has the opposite sense if yes is false. What several keys say is true if one
// says so.
func toSwitch(field **bool, yes bool) func(any) error {
	return func(v any) error {
		on, err := truth(v)
		if text, _ := word(v); err != nil || text == "" {
			return err
		}
		if on = on == yes; *field == nil || on {
			*field = &on
		}
		return nil
	}
}

// toWhole puts a number into a field. Hugo takes one in quotes, too.
func toWhole(field *int) func(any) error {
	return func(v any) error {
		text, err := word(v)
		if err != nil || text == "" {
			return err
		}
		n, err := strconv.ParseFloat(text, 64)
		if _, isBool := v.(bool); isBool || err != nil || !(math.Abs(n) < 1<<31) {
			return fmt.Errorf("want a whole number, not %q", text)
		}
		*field = int(n)
		if n != math.Trunc(n) {
			return fmt.Errorf("want a whole number: %s counts as %d", text, *field)
		}
		return nil
	}
}

func checkSlug(slug string) error {
	if strings.ContainsRune(slug, '/') {
		return fmt.Errorf("%q is not one part of a path", slug)
	}
	return checkPath(slug)
}

// checkPath wants what a request can ask for.
func checkPath(path string) error {
	inside := strings.Trim(path, "/")
	switch {
	case hosts.BadPath("/"+inside) || hosts.HidesSeparator(inside, "") || strings.Contains(inside, "//"):
		return fmt.Errorf("%q is not the path of a URL", path)
	case strings.Contains("/"+inside, "/:"):
		return fmt.Errorf("%q is a pattern of Hugo, which is not read: write the URL itself", path)
	}
	return nil
}

// checkAlias wants the path of a URL, in whatever way it is escaped.
func checkAlias(alias string) error {
	u, err := url.Parse(alias)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not the path of a URL", alias)
	case u.Scheme != "":
		return fmt.Errorf("%q is not a path on this site: write /old/", alias)
	case strings.Contains(alias, "*"):
		return fmt.Errorf("%q: an alias is one path (the redirects of tinycdn.toml know a * at the end)", alias)
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return fmt.Errorf("%q: an alias is a path, without ? and #", alias)
	}
	return checkPath(u.Path)
}

func checkLink(link string) error {
	u, err := url.Parse(link)
	isPath := strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//")
	if err != nil || !isPath && (u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "") || strings.ContainsFunc(link, isControl) {
		return fmt.Errorf(`%q is not a URL like "https://example.org/"`, link)
	}
	return nil
}

// checkField wants what may stand in a header.
func checkField(value string) error {
	if strings.ContainsFunc(value, isControl) {
		return errors.New("want one line")
	}
	return nil
}

func checkOrder(order string) error {
	switch order {
	case "date", "title", "title_bytes", "weight", "update_date", "permalink", "slug", "none":
		return nil
	}
	return fmt.Errorf(`want "date", "update_date", "title", "weight", "slug", "permalink" or "none", not %q`, order)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7F }
