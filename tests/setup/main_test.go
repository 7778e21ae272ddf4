// Package setup tests what puts POPs in place on other machines.
package setup

import (
	"os"
	"testing"

	"tinycdn/tests/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m, testkit.SSHD, testkit.Rsync)) }
