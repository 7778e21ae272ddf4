// Package geoiptest writes databases for tests. Only tests import it.
package geoiptest

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// Write writes a real database of the networks that fill inserts, of which later ones replace earlier ones, and gives its path. It may
// know reserved networks, and its type is "Test" where none is given.
func Write(t testing.TB, options mmdbwriter.Options, fill func(insert func(network string, record mmdbtype.DataType))) string {
	t.Helper()
	options.IncludeReservedNetworks = true
	if options.DatabaseType == "" {
		options.DatabaseType = "Test"
	}
	tree, err := mmdbwriter.New(options)
	if err != nil {
		t.Fatal(err)
	}
	fill(func(network string, record mmdbtype.DataType) {
		t.Helper()
		p := netip.MustParsePrefix(network)
		if err := tree.Insert(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}, record); err != nil {
			t.Fatalf("%s: %v", network, err)
		}
	})
	path := filepath.Join(t.TempDir(), "test.mmdb")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := tree.WriteTo(file); err != nil {
		t.Fatal(err)
	}
	return path
}
