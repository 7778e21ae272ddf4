// Package tests holds the rules of the house: who imports whom, what documents and packages say, how code is laid out. The
// tests that ask the real binary are in the folders here.
package tests

import (
	"os"
	"testing"

	"tinycdn/tests/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }
