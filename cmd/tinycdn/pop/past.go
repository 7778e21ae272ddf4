package pop

import (
	"fmt"
	"slices"

	"tinycdn/cmd/tinycdn/dashboard"
	"tinycdn/cmd/tinycdn/status"
	"tinycdn/cmd/tinycdn/tallies"
	"tinycdn/webserver/visits"
)

// What is shown of what was before: generations, the files that each changed, and of each kind those that came first.
const mostPast, mostChanged, mostVisited = 30, 3, 10

// mostKept is as many of each kind as a day keeps by name.
const mostKept = 1000

// generations are the last ones, the newest first.
func (p *POP) generations() (list []dashboard.Past) {
	if p.member == nil {
		return nil
	}
	rows, live := p.member.Status().Rows, p.member.State().Wanted
	for _, step := range p.member.Steps(mostPast) {
		one := dashboard.Past{
			Number: step.ID.Number, At: utc(step.Time), By: step.By, Note: step.Note, Files: step.Files, Canary: step.Canary, LiveAt: status.ServedBy(rows, step.ID),
			Live: step.ID == live,
		}
		if step.Changes != nil {
			one.Changed = []string{}
		}
		for i, change := range step.Changes {
			if i == mostChanged {
				one.More = len(step.Changes) - i
				break
			}
			one.Changed = append(one.Changed, fmt.Sprintf("%c %s", change.Kind, change.Path))
		}
		list = append(list, one)
	}
	return list
}

// visited is who came on the last days, today included. What other POPs have counted is here as they told it last, at most an hour ago.
func (p *POP) visited(days int) (*dashboard.Visits, error) {
	c := p.counts()
	if c == nil {
		return nil, dashboard.ErrNotCounted
	}
	var all tallies.Days
	if err := c.Report(days, mostKept, all.Add); err != nil {
		return nil, err
	}
	for _, info := range p.served.Load().Databases() {
		if info.Attribution != "" {
			all.Add(visits.Row{By: visits.BySource, Name: info.Attribution})
		}
	}
	shown := func(sums []tallies.Sum) []dashboard.Counted {
		list := []dashboard.Counted{}
		for _, s := range sums {
			list = append(list, dashboard.Counted(s))
		}
		return list
	}
	return &dashboard.Visits{
		Days: shown(all.Each()), Pages: shown(all.First(visits.ByPage, mostVisited)), Countries: shown(all.First(visits.ByCountry, mostVisited)),
		Referrers: shown(all.First(visits.ByReferrer, mostVisited)), Names: shown(all.First(visits.ByQueryName, mostVisited)),
		Sources: slices.Clip(append([]string{}, all.Sources()...)),
	}, nil
}
