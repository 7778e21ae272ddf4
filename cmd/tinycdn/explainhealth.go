package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/zones"
)

// published is where a POP of a cluster has the configuration that it serves.
const published = usualState + "/view/tinycdn.toml"

// toBeExplained is the configuration: at a POP of a cluster the one that was published, if no other is named or at hand.
func toBeExplained(file string) (string, error) {
	path, err := config.Path(file)
	if err != nil {
		if _, none := os.Stat(published); none == nil {
			return published, nil
		}
	}
	return path, err
}

// withHealth is what a generation answers while POPs are as the one that runs here has them. If that cannot be asked, unknown
// says why; without one that runs, all are up.
func withHealth(g *pop.Generation, path string) (s *zones.Snapshot, unknown, err error) {
	var health pop.Health
	unknown = admin.ErrNobody
	if socket := g.Config.Web.AdminSocket; socket != "" {
		unknown = askHealth(socket, &health)
	}
	if errors.Is(unknown, admin.ErrNobody) {
		unknown = whoKnows(path, g.Config)
	}
	s, err = g.SnapshotWith(health)
	return s, unknown, err
}

// whoKnows says where the health of POPs is known, if not by a POP here; nil: nobody looks at it.
func whoKnows(path string, c *config.Config) error {
	if path == published {
		return errors.New("the POP here has no socket (web.admin_socket), or no site and so none")
	}
	switch _, _, err := cluster.FolderOf(path).Roster(); {
	case !errors.Is(err, cluster.ErrNoCluster) && len(c.POPs) > 0:
	case c.ChecksHealth(false):
		return errors.New("a POP says it where it runs, if it has a site")
	default:
		return nil
	}
	first := c.POPs[0]
	return fmt.Errorf("ask one of them (ssh %s tinycdn explain ...), or tinycdn status", cmp.Or(c.SSH[first.Name], "root@"+first.Addresses[0].String()))
}

// askHealth asks the POP at a socket which POPs are up.
func askHealth(socket string, health *pop.Health) error {
	client, err := admin.Dial(socket)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Health(context.Background(), health)
}

// healthTexts say what health has changed for whom e is about, a line each: which POPs would come before the one he gets, and
// what may change soon.
func healthTexts(e *zones.Explanation, now time.Time) (texts []string) {
	var passed []string
	for i, c := range e.POPs {
		j := slices.IndexFunc(e.Out, func(o zones.Out) bool { return o.POP == c.POP })
		if j < 0 || e.Out[j].Is == "in doubt" {
			if c.POP == e.POP {
				break
			}
			continue
		}
		o := &e.Out[j]
		place := "next"
		switch {
		case i == 0 && e.Rule == "nearest" && e.Share == nil:
			place = "nearest"
		case i == 0:
			place = "first"
		}
		text := fmt.Sprintf("%s is %s, %s", o.POP, place, stateText(o, e, now))
		if len(o.Passed) > 0 {
			passed = append(passed, text)
		} else if c.POP == e.POP {
			texts = append(texts, text+", but no other one is left: gets "+e.POP)
		}
		if c.POP == e.POP {
			break
		}
	}
	if len(passed) > 0 {
		texts = append(texts, strings.Join(passed, "; ")+"; gets "+getsText(e))
	}
	for _, o := range e.Out {
		if o.Is == "in doubt" && (slices.Contains(e.A.From, o.POP) || slices.Contains(e.AAAA.From, o.POP)) {
			ttl := cmp.Or(e.A.TTL, e.AAAA.TTL)
			texts = append(texts, fmt.Sprintf("%s may be down%s: its addresses are given for %d s at most", o.POP, inBrackets(o.Why), *ttl))
		}
	}
	return texts
}

// getsText names the POP, or those of both types where they are not the same.
func getsText(e *zones.Explanation) string {
	a, aaaa := strings.Join(e.A.From, " and "), strings.Join(e.AAAA.From, " and ")
	if a != "" && aaaa != "" && a != aaaa {
		return fmt.Sprintf("A of %s, AAAA of %s", a, aaaa)
	}
	return cmp.Or(a, aaaa)
}

// stateText says since when a POP is out, and why.
func stateText(o *zones.Out, e *zones.Explanation, now time.Time) string {
	state := o.Is
	if state == "down" {
		state = "out"
	}
	switch both := len(e.A.Addresses) > 0 && len(e.AAAA.Addresses) > 0; {
	case both && !o.AAAA:
		state += " for IPv4"
	case both && !o.A:
		state += " for IPv6"
	}
	if !o.Since.IsZero() {
		since := o.Since.Local()
		format := time.DateTime
		if since.Format(time.DateOnly) == now.Local().Format(time.DateOnly) {
			format = time.TimeOnly
		}
		state += " since " + since.Format(format)
	}
	return state + inBrackets(o.Why)
}

// outText is what a list of POPs says behind one that is not up.
func outText(e *zones.Explanation, name string) string {
	for _, o := range e.Out {
		if o.POP == name {
			return ", " + o.Is
		}
	}
	return ""
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
