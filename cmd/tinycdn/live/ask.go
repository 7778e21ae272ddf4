// Package live asks every POP, over DNS and from outside, what it serves, and says where they differ.
package live

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"tinycdn/zones/diag"

	"github.com/miekg/dns"
)

// Place is an address of a POP, and what is served there.
type Place struct {
	POP     string         `json:"pop"`
	Address netip.AddrPort `json:"address"`
	Served
	Error string `json:"error,omitempty"` // it does not answer, or nonsense

	folder bool // it is no place, but what a folder would have served
}

// Served is what is served at a place, as far as it is told; see pop.Sums.
type Served struct {
	Version    string            `json:"version,omitempty"`
	Generation string            `json:"generation,omitempty"`
	All        string            `json:"served,omitempty"`
	Databases  string            `json:"databases,omitempty"`
	Maps       map[string]string `json:"maps,omitempty"`
	Zones      map[string]Zone   `json:"zones,omitempty"`
}

// Zone is what a place says of a zone.
type Zone struct {
	Serial uint32 `json:"serial"`
	Answer string `json:"answer,omitempty"` // why there is no serial number: "REFUSED"
	Sum    string `json:"sum,omitempty"`
}

// Questions are what is asked at each place.
type Questions struct {
	Zones []string // as people write them, without the final dot
	Maps  []string
}

// How long an answer may take, and how often a question is put over UDP, where packets get lost. A place that says nothing to its first
// question is asked no other: so it is known after 6 seconds.
const (
	answerTime = 2 * time.Second
	tries      = 3
	together   = 4 // questions to an address at a time: at 20 ms that is as many a second as a nameserver allows one address under load
)

// Folder is what a folder would have served, beside the places where something is. It says nothing of versions and generations.
func Folder(served Served) Place { return Place{POP: "this folder", Served: served, folder: true} }

// Ask asks all places at once.
func Ask(ctx context.Context, places []Place, q Questions) {
	var all sync.WaitGroup
	for i := range places {
		all.Go(func() { places[i].ask(ctx, q) })
	}
	all.Wait()
}

// asker puts questions to one place.
type asker struct {
	*Place
	ctx context.Context
	mu  sync.Mutex // over what is written into the Place
}

func (p *Place) ask(ctx context.Context, q Questions) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a := &asker{Place: p, ctx: ctx}
	p.Maps, p.Zones = map[string]string{}, map[string]Zone{}
	p.Version, p.Generation, p.All, p.Databases = a.told("version"), a.told("generation"), a.told("served"), a.told("databases")
	for _, name := range q.Maps {
		p.Maps[name] = a.told(label(name) + ".maps")
	}
	names := make(chan string)
	var askers sync.WaitGroup
	for range together {
		askers.Go(func() {
			for name := range names {
				a.zone(name)
			}
		})
	}
	for _, name := range q.Zones {
		names <- name
	}
	close(names)
	askers.Wait()
}

// zone asks for the serial number of a zone, and the hash of its answers.
func (a *asker) zone(name string) {
	if a.failed() {
		return
	}
	z := Zone{}
	apex, _ := asTold(dns.Fqdn(name))
	reply, err := a.exchange(apex, dns.TypeSOA, dns.ClassINET)
	if err != nil {
		a.fail(err)
		return
	}
	soa, ok := first(reply).(*dns.SOA)
	switch {
	case reply.Rcode != dns.RcodeSuccess:
		z.Answer = rcodeText(reply.Rcode)
	case !ok:
		z.Answer = "no SOA"
	case !reply.Authoritative:
		z.Answer = "no authority"
	default:
		z.Serial = soa.Serial
	}
	z.Sum = a.told(strings.TrimSuffix(name, ".") + ".zones")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Zones[name] = z
}

// told is the text of CH TXT WHAT.tinycdn; "": that is not told.
func (a *asker) told(what string) string {
	name, ok := asTold(strings.TrimPrefix(what+".tinycdn.", "."))
	if !ok || a.failed() {
		return "" // a zone's name may leave no room for more
	}
	reply, err := a.exchange(name, dns.TypeTXT, dns.ClassCHAOS)
	if err != nil {
		a.fail(err)
		return ""
	}
	text, ok := first(reply).(*dns.TXT)
	if !ok {
		if reply.Rcode == dns.RcodeSuccess {
			a.fail(fmt.Errorf("nonsense: no text for %s", name))
		}
		return ""
	}
	return strings.Join(text.Txt, "")
}

// exchange puts a question until there is an answer to it, over TCP if that is long.
func (a *asker) exchange(name string, typ, class uint16) (reply *dns.Msg, err error) {
	question := new(dns.Msg)
	question.Id, question.Question = dns.Id(), []dns.Question{{Name: name, Qtype: typ, Qclass: class}}
	for range tries {
		for _, network := range []string{"udp", "tcp"} {
			client := dns.Client{Net: network, Timeout: answerTime}
			reply, _, err = client.ExchangeContext(a.ctx, question, a.Address.String())
			if err != nil || !reply.Truncated {
				break
			}
		}
		if err == nil {
			return reply, sensible(question, reply)
		}
		if a.ctx.Err() != nil {
			break
		}
	}
	return nil, reason(err)
}

// sensible says what keeps a reply from being one to a question.
func sensible(question, reply *dns.Msg) error {
	if !reply.Response || len(reply.Question) != 1 || !strings.EqualFold(reply.Question[0].Name, question.Question[0].Name) ||
		reply.Question[0].Qtype != question.Question[0].Qtype || reply.Question[0].Qclass != question.Question[0].Qclass {
		return fmt.Errorf("nonsense: a reply to another question than %s %s", question.Question[0].Name, dns.TypeToString[question.Question[0].Qtype])
	}
	return nil
}

// reason tells silence from nonsense.
func reason(err error) error {
	var timeout interface{ Timeout() bool }
	var malformed *dns.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("no answer")
	case errors.As(err, &malformed):
		return fmt.Errorf("nonsense: %w", err)
	}
	return errors.New("no answer: " + diag.Network(err))
}

func (a *asker) failed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.Error != ""
}

func (a *asker) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.Error == "" {
		a.Error = err.Error()
	}
}

// asTold is a name as the library writes one that it has read.
func asTold(name string) (told string, ok bool) {
	var wire [256]byte
	if _, err := dns.PackDomainName(name, wire[:], 0, nil, false); err != nil {
		return "", false
	}
	told, _, err := dns.UnpackDomainName(wire[:], 0)
	return told, err == nil
}

func first(reply *dns.Msg) dns.RR {
	if len(reply.Answer) != 1 {
		return nil
	}
	return reply.Answer[0]
}

func rcodeText(rcode int) string {
	if text, ok := dns.RcodeToString[rcode]; ok {
		return text
	}
	return fmt.Sprintf("RCODE %d", rcode)
}

// label writes a text as one label of a name.
func label(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, `\%03d`, c)
	}
	return b.String()
}
