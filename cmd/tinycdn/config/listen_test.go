package config

import (
	"fmt"
	"testing"
)

func TestOneListServesAllPOPs(t *testing.T) {
	t.Parallel()
	const pops = "\n[pops.nyc]\naddresses = ['192.0.2.1', '2001:db8::1']\nlocation = [0, 0]\n[pops.fra]\naddresses = '192.0.2.2'\nlocation = [1, 1]\n"
	for _, test := range []struct{ settings, nyc, fra, notes string }{
		{"", "{[:53] [:80] [:443] []}", "{[:53] [:80] [:443] []}", "[]"},
		{"dns.listen = 'pop'", "{[192.0.2.1:53 [2001:db8::1]:53] [:80] [:443] []}", "{[192.0.2.2:53] [:80] [:443] []}", "[]"},
		{"[dns]\nlisten = ['127.0.0.1:53', 'pop:5353', '192.0.2.1:5353']\n[web]\nlisten = 'pop'\ntls_listen = 'pop'",
			"{[127.0.0.1:53 192.0.2.1:5353 [2001:db8::1]:5353] [192.0.2.1:80 [2001:db8::1]:80] [192.0.2.1:443 [2001:db8::1]:443] []}",
			"{[127.0.0.1:53 192.0.2.2:5353] [192.0.2.2:80] [192.0.2.2:443] [192.0.2.1:5353]}", "[]"},
		{"dns.listen = ['192.0.2.1:53', '[2001:db8::1]:53', '192.0.2.2:53', '198.51.100.1:53']",
			"{[192.0.2.1:53 [2001:db8::1]:53 198.51.100.1:53] [:80] [:443] [192.0.2.2:53]}",
			"{[192.0.2.2:53 198.51.100.1:53] [:80] [:443] [192.0.2.1:53 [2001:db8::1]:53]}", "[]"},
		{"dns.listen = '192.0.2.1:53'", "{[192.0.2.1:53] [:80] [:443] []}", "{[] [:80] [:443] [192.0.2.1:53]}",
			`[tinycdn.toml:1: dns.listen: POP "fra" listens on none of these: they are others' (did you mean "pop", each POP's own?)]`},
	} {
		c := parse("tinycdn.toml", []byte(test.settings+pops))
		if len(c.Mistakes) > 0 {
			t.Error(c.Mistakes)
		}
		nyc, fra := fmt.Sprint(c.ListenAt("nyc")), fmt.Sprint(c.ListenAt("fra"))
		if nyc != test.nyc || fra != test.fra || fmt.Sprint(c.Notes) != test.notes {
			t.Errorf("%s:\ngot  %s\nwant %s\ngot  %s\nwant %s\ngot  %v\nwant %s", test.settings, nyc, test.nyc, fra, test.fra, c.Notes, test.notes)
		}
	}
}
