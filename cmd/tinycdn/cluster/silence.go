package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
)

// errSilent is that a POP that loads a generation says nothing any more.
var errSilent = fmt.Errorf("it has said nothing for %v", stallTime)

const (
	// helloTime is how often a POP that loads a generation is asked whether it is there.
	helloTime = 10 * time.Second
	// helloAgain is how soon it is asked again if that has failed.
	helloAgain = time.Second
)

// untilSilent says hello to a POP that has much to do, and returns once nothing at all was heard of it for stallTime, or ctx ends, with that
// error. That one question fails, or takes its time, means nothing: while a small machine loads a million records it may have no time for
// a handshake.
func untilSilent(ctx context.Context, hello func(context.Context) error) error {
	heard, pause := time.Now(), helloTime
	for {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		silent := heard.Add(stallTime)
		asking, done := context.WithDeadline(ctx, silent)
		err := hello(asking)
		done()
		refused := (*channel.Refused)(nil)
		switch now := time.Now(); {
		case err == nil || errors.As(err, &refused): // it is there
			heard, pause = now, helloTime
		case ctx.Err() == nil && !now.Before(silent):
			return errSilent
		default:
			pause = min(helloAgain, silent.Sub(now))
		}
	}
}
