// Package cluster tests POPs that know each other, a WAN apart.
package cluster

import (
	"os"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

func TestMain(m *testing.M) {
	if addresses := os.Getenv("TINYCDN_VISIT"); addresses != "" { // this is the visitors' process
		visit(strings.Fields(addresses))
		return
	}
	if address := os.Getenv("TINYCDN_LISTEN"); address != "" { // and this a webhook
		listenForMessages(address)
		return
	}
	if file := os.Getenv("TINYCDN_APP"); file != "" { // an application
		answerWith(file)
		return
	}
	if os.Getenv("TINYCDN_SILENT") != "" { // who takes connections, and no more
		beSilent()
		return
	}
	if servers := os.Getenv("TINYCDN_RESOLVE"); servers != "" { // this the world's resolver
		resolve(strings.Fields(servers))
		return
	}
	if wanted := os.Getenv("TINYCDN_SHAKE"); wanted != "" { // and this whoever comes over HTTPS
		shakeHands(strings.Fields(wanted))
		return
	}
	os.Exit(testkit.Main(m, testkit.Dig, testkit.IP, testkit.SSHD, testkit.Rsync))
}
