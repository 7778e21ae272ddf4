// Command cost says what a query costs nameservers that run here, at a few rates: CPU time of all their threads, by the scheduler's books.
//
//	go run ./geodns/geodnstest/cost [flags] NAME=ADDRESS/PID...
//
// They take turns, with the same queries at the same moments, and each is held against the first.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// server is one that is measured.
type server struct {
	name, addr, pid string
}

// sample is what one turn of a server has shown.
type sample struct {
	cost float64 // microseconds of CPU for an answer
	lost float64 // of the queries, which part had no answer
}

func main() {
	rates := flag.String("rates", "500,5000,30000", "queries a `second`")
	turn := flag.Duration("turn", 2*time.Second, "how long a turn of a server takes")
	rounds := flag.Int("rounds", 5, "how many turns each server has")
	packets := flag.String("packets", "", "a `file` of queries, as DNS over TCP has them; without one, -name is asked for")
	name := flag.String("name", "www.example.org", "the `name` whose A is asked for, each time for another client subnet")
	flag.Parse()
	if err := run(*rates, *turn, *rounds, *packets, *name, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		os.Exit(1)
	}
}

func run(rates string, turn time.Duration, rounds int, packets, name string, args []string) error {
	servers, err := parseServers(args)
	if err != nil {
		return err
	}
	queries, err := readQueries(packets, name)
	if err != nil {
		return err
	}
	for rate := range strings.SplitSeq(rates, ",") {
		perSecond, err := strconv.ParseFloat(rate, 64)
		if err != nil || perSecond <= 0 {
			return fmt.Errorf("-rates %q: not a number of queries a second", rate)
		}
		samples := make([][]sample, len(servers))
		for round := range rounds {
			for i := range servers {
				i = (i + round) % len(servers) // nobody is always the first
				s, err := measure(servers[i], queries, perSecond, turn, uint64(round))
				if err != nil {
					return fmt.Errorf("%s: %w", servers[i].name, err)
				}
				samples[i] = append(samples[i], s)
			}
		}
		tell(rate, servers, samples)
	}
	return nil
}

func parseServers(args []string) (servers []server, err error) {
	for _, arg := range args {
		name, rest, named := strings.Cut(arg, "=")
		addr, pid, whole := strings.Cut(rest, "/")
		if !named || !whole {
			return nil, fmt.Errorf("%q: write NAME=ADDRESS:PORT/PID", arg)
		}
		servers = append(servers, server{name, addr, pid})
	}
	if servers == nil {
		return nil, fmt.Errorf("which servers? write NAME=ADDRESS:PORT/PID for each")
	}
	return servers, nil
}

// tell prints the medians at a rate, and between what the turns were. A ratio is the median of those within a round.
func tell(rate string, servers []server, samples [][]sample) {
	for i, s := range servers {
		var costs, ratios []float64
		lost := 0.
		for round, one := range samples[i] {
			costs, ratios = append(costs, one.cost), append(ratios, one.cost/samples[0][round].cost)
			lost = max(lost, one.lost)
		}
		slices.Sort(costs)
		slices.Sort(ratios)
		middle := len(costs) / 2
		fmt.Printf("%8s/s  %-16s %6.1f us (%.1f-%.1f)  %.2f x %s  lost %.1f%%\n",
			rate, s.name, costs[middle], costs[0], costs[len(costs)-1], ratios[middle], servers[0].name, 100*lost)
	}
}
