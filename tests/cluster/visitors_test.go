package cluster

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// visit is what the visitors do, in a process of their own at home: ask POPs until there is no more input, and say what was lost.
func visit(addresses []string) {
	ctx, stop := context.WithCancel(context.Background())
	var queries, requests, lost atomic.Int64
	var work sync.WaitGroup
	until := func(n *atomic.Int64, once func() error) {
		work.Go(func() {
			for ctx.Err() == nil {
				n.Add(1)
				if err := once(); err != nil {
					lost.Add(1)
					fmt.Println(err)
				}
				time.Sleep(5 * time.Millisecond) // of who reads what has come
			}
		})
	}
	for _, address := range addresses {
		until(&queries, func() error { return query(address) })
		until(&queries, func() error { return query(address) })
		kept, fresh := &http.Transport{}, &http.Transport{DisableKeepAlives: true}
		until(&requests, func() error { return request(kept, address) })
		until(&requests, func() error { return request(fresh, address) })
	}
	io.Copy(io.Discard, os.Stdin)
	stop()
	work.Wait()
	fmt.Printf("%d queries, %d requests, %d lost\n", queries.Load(), requests.Load(), lost.Load())
}

// lostAfter is more than a machine that has much to do needs for a reply.
const lostAfter = 20 * time.Second

func query(address string) error {
	m := new(dns.Msg).SetQuestion("example.org.", dns.TypeTXT)
	reply, _, err := (&dns.Client{Timeout: lostAfter}).Exchange(m, net.JoinHostPort(address, "53"))
	if err != nil {
		return err
	}
	if len(reply.Answer) != 1 {
		return fmt.Errorf("%s says\n%v", address, reply)
	}
	return nil
}

func request(by http.RoundTripper, address string) error {
	q, err := http.NewRequest(http.MethodGet, "http://"+address+"/", nil)
	if err != nil {
		return err
	}
	q.Host = "www.example.org"
	r, err := (&http.Client{Transport: by, Timeout: lostAfter}).Do(q)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err == nil && (r.StatusCode != http.StatusOK || string(text) != "one" && !strings.HasPrefix(string(text), "generation ")) {
		err = fmt.Errorf("%s says %s %q", address, r.Status, text)
	}
	return err
}
