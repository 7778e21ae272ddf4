package setup

import (
	"bytes"
	"context"
	"errors"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// lookAgain is how often somebody looks whether what he waits for has come.
const lookAgain = 100 * time.Millisecond

// Await waits until a POP answers over the channel, in a process that did not begin at before, and gives what it says of itself.
func Await(ctx context.Context, key roster.PrivateKey, pop roster.POP, before time.Time) (row cluster.Row, err error) {
	err = errors.New("it says nothing")
	for {
		now, wrong := Ask(ctx, key, pop)
		switch {
		case wrong == nil && !now.Started.Equal(before):
			return now, nil
		case wrong == nil:
			row, err = now, errors.New("it was not started again")
		case ctx.Err() == nil: // else it only says that time is up
			err = wrong
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return row, err
		}
	}
}

// Ask is what a POP says of itself.
func Ask(ctx context.Context, key roster.PrivateKey, pop roster.POP) (cluster.Row, error) {
	client := channel.NewClient(key, pop)
	defer client.Close()
	var s cluster.Status
	err := client.Call(ctx, "/v1/status", struct{}{}, &s)
	return s.Rows[pop.Name], err
}

// HandRoster gives a POP a signed roster.
func HandRoster(ctx context.Context, key roster.PrivateKey, pop roster.POP, signed []byte) error {
	client := channel.NewClient(key, pop)
	defer client.Close()
	return client.Send(ctx, "/v1/roster", bytes.NewReader(signed), nil)
}
