package stories

import (
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// reply is what dig shows of one.
type reply struct {
	text    string   // dig's lines, without what differs from time to time
	status  string   // "NOERROR"
	scope   string   // of the client subnet: "81.2.69.0/24/20" ends with it
	answers []string // the data of the answer's records
}

// dig asks a server at host and port. The transport is "+tcp" or "+notcp".
func dig(host string, port int, transport string, args ...string) (*reply, error) {
	// A name of dig's options file could change anything; a second try could hide a lost packet.
	all := []string{"-r", "@" + host, "-p", fmt.Sprint(port), "+tries=1", "+time=30", "+norecurse", transport}
	out, err := exec.Command("dig", append(all, args...)...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("dig @%s -p %d %s %s: %w\n%s", host, port, transport, strings.Join(args, " "), err, out)
	}
	return readReply(string(out)), nil
}

var (
	blanks = regexp.MustCompile(`[ \t]+`)
	// What dig says of itself, of the time and of the transport.
	chatter = regexp.MustCompile(`^(; <<>>|;; global options|;; Got answer|;; WARNING: recursion|;; Query time|;; SERVER|;; WHEN|;; MSG SIZE|;; Truncated, retrying|$)`)
	queryID = regexp.MustCompile(`, id: \d+$`)
	// Each dig makes a cookie of its own, and says whether the server took it over.
	cookie = regexp.MustCompile(`^; COOKIE: \w+`)
)

func readReply(text string) *reply {
	r := &reply{}
	inAnswer := false
	for line := range strings.Lines(text) {
		line = blanks.ReplaceAllString(strings.TrimSpace(line), " ")
		if chatter.MatchString(line) {
			continue
		}
		line = cookie.ReplaceAllString(queryID.ReplaceAllString(line, ""), "; COOKIE:")
		r.text += line + "\n"
		if _, status, ok := strings.Cut(line, "status: "); ok {
			r.status = status
		}
		if subnet, ok := strings.CutPrefix(line, "; CLIENT-SUBNET: "); ok {
			r.scope = subnet[strings.LastIndexByte(subnet, '/')+1:]
		}
		if strings.HasPrefix(line, ";") {
			inAnswer = line == ";; ANSWER SECTION:"
		} else if fields := strings.SplitN(line, " ", 5); inAnswer && len(fields) == 5 {
			r.answers = append(r.answers, fields[4])
		}
	}
	return r
}

// digBoth asks over UDP and over TCP. Whoever asks must not see which it was.
func digBoth(host string, port int, args ...string) (*reply, error) {
	udp, err := dig(host, port, "+notcp", args...)
	if err != nil {
		return nil, err
	}
	tcp, err := dig(host, port, "+tcp", args...)
	if err != nil {
		return nil, err
	}
	if udp.text != tcp.text {
		return nil, fmt.Errorf("over UDP:\n%s\nover TCP:\n%s", udp.text, tcp.text)
	}
	return udp, nil
}

// says compares the reply with what a table expects: a status, "-" for no data, or the addresses with commas.
func (r *reply) says(want string) bool {
	switch {
	case want == "-":
		return r.status == "NOERROR" && len(r.answers) == 0
	case want == strings.ToUpper(want) && regexp.MustCompile(`^[A-Z]+$`).MatchString(want):
		return r.status == want && len(r.answers) == 0
	}
	got := slices.Sorted(slices.Values(r.answers))
	return r.status == "NOERROR" && slices.Equal(got, slices.Sorted(strings.SplitSeq(want, ",")))
}

// hostOf takes @HOST from dig's arguments; without it, they are for 127.0.0.1.
func hostOf(args []string) (host string, rest []string) {
	for i, arg := range args {
		if host, ok := strings.CutPrefix(arg, "@"); ok && net.ParseIP(host) != nil {
			return host, slices.Delete(slices.Clone(args), i, i+1)
		}
	}
	return "127.0.0.1", args
}
