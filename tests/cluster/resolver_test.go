package cluster

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// staleFor is how many questions for a proof the nameserver in the resolver answers as if there were none.
const staleFor = 3

// resolve is what the world's resolver does, in a process of its own: it asks the nameservers by turns, and who is silent is left alone.
// Asked as a nameserver is, it is one more of them, which is late.
func resolve(servers []string) {
	listen, servers := servers[0], servers[1:]
	var turn, late atomic.Uint64
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		failed := new(dns.Msg)
		failed.SetRcode(q, dns.RcodeServerFailure)
		if !q.RecursionDesired && q.Question[0].Qtype == dns.TypeTXT && late.Add(1) <= staleFor {
			failed.SetRcode(q, dns.RcodeNameError)
			w.WriteMsg(failed)
			return
		}
		first := int(turn.Add(1))
		for i := range servers {
			ask := q.Copy()
			ask.RecursionDesired = false
			reply, _, err := (&dns.Client{Net: "tcp", Timeout: 300 * time.Millisecond}).Exchange(ask, net.JoinHostPort(servers[(first+i)%len(servers)], "53"))
			if err == nil {
				reply.Id, reply.RecursionAvailable = q.Id, true
				reply.Truncate(sizeFor(w, q))
				w.WriteMsg(reply)
				return
			}
		}
		w.WriteMsg(failed)
	})
	for _, network := range []string{"udp", "tcp"} {
		server := &dns.Server{Addr: net.JoinHostPort(listen, "53"), Net: network, Handler: handler}
		go func() { fmt.Println(server.ListenAndServe()) }()
	}
	io.Copy(io.Discard, os.Stdin)
}

func sizeFor(w dns.ResponseWriter, q *dns.Msg) int {
	if w.RemoteAddr().Network() == "tcp" {
		return dns.MaxMsgSize
	}
	if opt := q.IsEdns0(); opt != nil {
		return int(opt.UDPSize())
	}
	return dns.MinMsgSize
}

// shakeHands comes to addresses, until a word of names, again and again until each shows a certificate for all of them, and prints
// whose it is and its number.
func shakeHands(wanted []string) {
	var addresses []string
	for wanted[0] != "for" {
		addresses, wanted = append(addresses, wanted[0]), wanted[1:]
	}
	for _, address := range addresses {
		number := numberOf(address, wanted[1:])
		for ; number == ""; number = numberOf(address, wanted[1:]) {
			time.Sleep(20 * time.Millisecond)
		}
		fmt.Println(address, number)
	}
}

// numberOf is that of the certificate that is shown for the last of some names, if it is for all of them; else "".
func numberOf(address string, names []string) string {
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: 5 * time.Second}, Config: &tls.Config{ServerName: names[len(names)-1], InsecureSkipVerify: true}}
	conn, err := dialer.Dial("tcp", net.JoinHostPort(address, "443"))
	if err != nil {
		return ""
	}
	defer conn.Close()
	leaf := conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
	for _, name := range names {
		if leaf.VerifyHostname(name) != nil {
			return ""
		}
	}
	return leaf.SerialNumber.String()
}
