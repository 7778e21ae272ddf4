package admin

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

const (
	// mostConnections are an operator, whoever collects the counters, and some to spare; more of them wait. The socket has as many of
	// its own as each address.
	mostConnections = 16
	// requestTime is how long a request may take to arrive, and a connection may wait for its next one.
	requestTime = 10 * time.Second
	// answerTime is how long the answer may take to be taken.
	answerTime = 30 * time.Second
	// stopTime is how long answers may take to end at a stop.
	stopTime = time.Second
)

// serve has the handler answer at a listener until ctx ends.
func serve(ctx context.Context, l net.Listener, closeIt func(), handler http.Handler, log *slog.Logger) {
	server := &http.Server{
		Handler: handler, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ReadTimeout: requestTime, WriteTimeout: answerTime, IdleTimeout: requestTime, MaxHeaderBytes: 16 << 10,
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(netutil.LimitListener(l, mostConnections)); ctx.Err() == nil {
			log.Error(fmt.Sprintf("no admin is heard any more: %v", err), "at", l.Addr(), "effect", "there is no way in there until a restart")
		}
	}()
	<-ctx.Done()
	closeIt()
	grace, enough := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer enough()
	if server.Shutdown(grace) != nil {
		server.Close()
	}
	<-ended
}
