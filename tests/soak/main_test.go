// Package soak tests that the server lasts: crowds of visitors, reloads under load, limits of the process, readers of its log that go away.
package soak

import (
	"os"
	"testing"

	"tinycdn/tests/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }
