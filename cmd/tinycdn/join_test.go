package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

func TestAnInvitationDoesNotHoldForLonger(t *testing.T) {
	t.Parallel()
	i := roster.NewInvitation("syd", roster.NewKey().Public(), time.Now().Add(-time.Hour))
	dir := t.TempDir()
	err := joinCluster(t.Context(), i.String(), "127.0.0.1:0", dir, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "the invitation of syd has held until") {
		t.Errorf("%v", err)
	}
}
