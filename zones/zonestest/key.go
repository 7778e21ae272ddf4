package zonestest

import (
	"os"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones"
	"tinycdn/zones/sign"
)

// NewKey makes the key of a zone in a folder of keys, and returns what a resolver knows of it.
func NewKey(t testing.TB, keys, apex string) *dns.DNSKEY {
	t.Helper()
	name, err := zones.Name(apex)
	if err != nil {
		t.Fatal(err)
	}
	key, err := sign.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	paths, err := key.Write(keys, name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	record, err := dns.NewRR(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return record.(*dns.DNSKEY)
}
