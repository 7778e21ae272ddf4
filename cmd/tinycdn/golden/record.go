package golden

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// heard is what came to a question, as a test would have it, and where.
type heard struct {
	text string
	at   []int // places
}

// recordFile is record into a file, which must not be there. Without anything to write there is none.
func (r *Runner) recordFile(ctx context.Context, samples []*Test, today time.Time, path string) (written int, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return 0, err
	}
	written, err = r.record(ctx, samples, today, f)
	if err = errors.Join(err, f.Close(), ctx.Err()); err != nil || written == 0 {
		os.Remove(path)
	}
	return written, err
}

// record asks samples at all places, over TCP where nothing is too long, and writes a file of tests with what all answer alike. What they do not is a failure in
// the report, where the answer of most is what was wanted.
func (r *Runner) record(ctx context.Context, samples []*Test, today time.Time, w io.Writer) (written int, err error) {
	answers := make([][]string, len(r.Places)) // by place, then sample; "": none came
	var all sync.WaitGroup
	for place := range r.Places {
		answers[place] = make([]string, len(samples))
		all.Go(func() { r.listen(ctx, place, samples, answers[place]) })
	}
	all.Wait()
	fmt.Fprintf(w, "# Recorded by tinycdn test --record on %s: what all POPs answered. Keep what must stay so.\n", today.Format(time.DateOnly))
	last := ""
	for i, t := range samples {
		texts, at := gather(answers, i)
		switch {
		case len(texts) == 0:
			continue // nobody answers, which is told
		case len(texts) > 1:
			for k, text := range texts[1:] {
				for _, place := range at[k+1] {
					r.note(t.check("", difference{[]string{inLine(texts[0])}, []string{inLine(text)}}), place, "tcp", dig(t.Question, r.Places[place].Address, "tcp"))
				}
			}
			continue
		}
		r.note(t.check("", difference{}), at[0][0], "tcp", "")
		if about := plain(t.Name) + t.note; about != last {
			fmt.Fprintf(w, "\n# %s\n", about)
			last = about
		}
		if _, err = fmt.Fprint(w, t.written(), texts[0]); err != nil {
			return written, err
		}
		written++
	}
	return written, nil
}

// listen takes what a place answers.
func (r *Runner) listen(ctx context.Context, place int, samples []*Test, answers []string) {
	made := 0
	err := newStream("tcp", r.Places[place].Address).ask(ctx, len(samples), func(i int) Question { return samples[i].Question }, func(i int, reply *dns.Msg, err error) {
		made++
		r.tell(1)
		if err == nil {
			answers[i] = r.expectation(samples[i], reply)
		}
	})
	if err != nil && ctx.Err() == nil {
		r.down(place, "tcp", err, len(samples)-made)
	}
}

// gather gives the different answers to a sample, the one of most places first, and the places of each.
func gather(answers [][]string, sample int) (texts []string, at [][]int) {
	var list []heard
	for place := range answers {
		text := answers[place][sample]
		if text == "" {
			continue
		}
		k := slices.IndexFunc(list, func(h heard) bool { return h.text == text })
		if k < 0 {
			k = len(list)
			list = append(list, heard{text: text})
		}
		list[k].at = append(list[k].at, place)
	}
	slices.SortStableFunc(list, func(a, b heard) int { return len(b.at) - len(a.at) })
	for _, h := range list {
		texts, at = append(texts, h.text), append(at, h.at)
	}
	return texts, at
}

// written is the question as a file of tests has it.
func (t *Test) written() string {
	text := fmt.Sprintf("[[test]]\nfrom = %q\nname = %q\n", t.From, plain(t.Name))
	if t.Type != dns.TypeA {
		text += fmt.Sprintf("type = %q\n", dns.Type(t.Type))
	}
	return text
}

// expectation is what a reply says, as a file of tests has it.
func (r *Runner) expectation(t *Test, reply *dns.Msg) string {
	records := t.records(reply)
	if reply.Rcode != dns.RcodeSuccess || len(records) == 0 {
		text := fmt.Sprintf("rcode = %q\n", rcodeText(reply.Rcode))
		if reply.Rcode == dns.RcodeSuccess {
			text += "answer = []\n"
		}
		return text
	}
	var names, data []string
	for _, rr := range records {
		of := r.POPs.of(addressOf(rr))
		if len(of) == 1 && !slices.Contains(names, of[0]) {
			names = append(names, of[0])
		}
		if len(of) != 1 { // of no POP, or of several: then the address itself
			data = append(data, recordsText([]dns.RR{rr}))
		}
	}
	key := "pop"
	if len(data) > 0 {
		key, names = "answer", strings.Split(recordsText(records), ", ")
	}
	slices.Sort(names)
	return fmt.Sprintf("%s = %s\nttl = %d\n", key, tomlList(names), records[0].Header().Ttl)
}

// tomlList writes one string, or a list of them.
func tomlList(texts []string) string {
	if len(texts) == 1 {
		return fmt.Sprintf("%q", texts[0])
	}
	var quoted []string
	for _, text := range texts {
		quoted = append(quoted, fmt.Sprintf("%q", text))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// inLine is an expectation as a failure tells it.
func inLine(text string) string {
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "; ")
}
