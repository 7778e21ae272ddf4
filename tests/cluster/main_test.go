// Package cluster tests POPs that know each other, a WAN apart.
package cluster

import (
	"os"
	"testing"

	"tinycdn/tests/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m, testkit.Dig, testkit.IP)) }
