// Package stories tests the stories in testdata: what an operator does, line by line, with dig and browsers as the clients.
package stories

import (
	"os"
	"testing"

	"tinycdn/tests/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m, testkit.Dig, testkit.Chromium)) }
