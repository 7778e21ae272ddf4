package delegation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"tinycdn/zones/diag"

	"github.com/miekg/dns"
)

// Alias is where the CNAME of a name leads that is not in a zone of ours; "": it has none.
func (w *World) Alias(ctx context.Context, name string) string {
	reply, err := w.resolve(ctx, name, dns.TypeCNAME)
	if err != nil {
		return ""
	}
	for _, rr := range reply.Answer {
		if alias, ok := rr.(*dns.CNAME); ok && plain(alias.Hdr.Name) == plain(name) {
			return plain(alias.Target)
		}
	}
	return ""
}

// Texts are the TXT records of a name as a resolver finds them, which follows CNAMEs.
func (w *World) Texts(ctx context.Context, name string) (all []string, err error) {
	reply, err := w.resolve(ctx, name, dns.TypeTXT)
	if err != nil {
		return nil, fmt.Errorf("TXT of %s: %w", name, err)
	}
	for _, rr := range reply.Answer {
		if txt, ok := rr.(*dns.TXT); ok {
			all = append(all, strings.Join(txt.Txt, ""))
		}
	}
	return all, nil
}

// CAA is a property of a name (RFC 8659, 4.1).
type CAA struct {
	Flags      uint8
	Tag, Value string
}

// CAA are the properties of a name as a resolver finds them, which follows CNAMEs, and whose they are.
func (w *World) CAA(ctx context.Context, name string) (owner string, set []CAA, err error) {
	reply, err := w.resolve(ctx, name, dns.TypeCAA)
	if err != nil {
		return "", nil, fmt.Errorf("CAA of %s: %w", name, err)
	}
	for _, rr := range reply.Answer {
		if caa, ok := rr.(*dns.CAA); ok {
			owner = plain(caa.Hdr.Name)
			set = append(set, CAA{caa.Flag, caa.Tag, caa.Value})
		}
	}
	return owner, set, nil
}

// systemResolvers names those of this machine.
const systemResolvers = "/etc/resolv.conf"

// resolve asks the resolvers, one after the other, until one answers.
func (w *World) resolve(ctx context.Context, name string, typ uint16) (*dns.Msg, error) {
	resolvers := w.Resolvers
	if len(resolvers) == 0 {
		config, err := dns.ClientConfigFromFile(systemResolvers)
		if err != nil {
			return nil, fmt.Errorf("nobody can be asked: %s: %s", systemResolvers, diag.Reason(err))
		}
		for _, server := range config.Servers {
			resolvers = append(resolvers, net.JoinHostPort(server, config.Port))
		}
	}
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), typ)
	question.SetEdns0(1232, false)
	why := errors.New("there is no resolver")
	for _, resolver := range resolvers {
		reply, err := exchange(ctx, question, resolver)
		switch {
		case err != nil:
			why = fmt.Errorf("%s: %s", resolver, diag.Network(err))
		case reply.Rcode == dns.RcodeSuccess, reply.Rcode == dns.RcodeNameError:
			return reply, nil
		default:
			why = fmt.Errorf("%s answers %s", resolver, dns.RcodeToString[reply.Rcode])
		}
	}
	return nil, why
}

// exchange asks over UDP, and over TCP what is too long for that.
func exchange(ctx context.Context, question *dns.Msg, server string) (*dns.Msg, error) {
	ctx, done := context.WithTimeout(ctx, answerTime)
	defer done()
	reply, _, err := (&dns.Client{Timeout: answerTime}).ExchangeContext(ctx, question, server)
	if err == nil && reply.Truncated {
		reply, _, err = (&dns.Client{Net: "tcp", Timeout: answerTime}).ExchangeContext(ctx, question, server)
	}
	return reply, err
}

// plain is a name in lower case, without its dot.
func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
