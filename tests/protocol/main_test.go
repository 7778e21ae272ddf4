// Package protocol tests what goes over the wire: DNS and HTTP in every manner, as clients and attackers speak them, byte for byte.
package protocol

import (
	"os"
	"testing"

	"tinycdn/tests/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m, testkit.Dig, testkit.Curl, testkit.Chromium)) }
