package publishing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/tallies"
	"tinycdn/zones/diag"
)

// audienceTime is how long is waited for who came: a POP that is asked waits 3 seconds for others that do not answer. Whoever publishes
// does not wait so long.
const audienceTime, audienceSoon = 5 * time.Second, 1500 * time.Millisecond

// Statistics gives rows to read, as a POP tells them.
type Statistics func(ctx context.Context, o cluster.StatsOrder, read func(io.Reader) error) error

// audience is who came in the last days, as somebody has it in a file, or as POPs say.
func (p *publication) audience(ctx context.Context, was, is *version) (a compare.Audience, err error) {
	if p.came != nil {
		return *p.came, nil
	}
	if was.folder.Config.Stats == nil && is.folder.Config.Stats == nil {
		return a, errors.New("there is no [stats] in tinycdn.toml")
	}
	limit := audienceTime
	if _, hurry := ctx.Deadline(); hurry {
		limit = audienceSoon
	}
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	err = p.askStats(ctx, cluster.StatsOrder{Days: 7, Top: 1000}, func(rows io.Reader) (err error) {
		a, err = readAudience(rows)
		return err
	})
	return a, err
}

func readAudience(rows io.Reader) (a compare.Audience, err error) {
	found, err := tallies.ReadAudience(rows)
	if err != nil {
		return a, err
	}
	a = compare.Audience{What: found.What, Days: found.Days, Count: found.Count, Countries: found.Countries}
	for _, n := range found.Countries {
		a.Placed += n
	}
	return a, nil
}

// askStats asks whoever knows.
func (p *publication) askStats(ctx context.Context, o cluster.StatsOrder, read func(io.Reader) error) error {
	ask := p.stats
	if p.Session != nil {
		ask = p.Session.Stats
	}
	err := ask(ctx, o, read)
	if ctx.Err() != nil {
		return errors.New("no POP says it soon enough")
	}
	return err
}

// readAudienceFile reads a file of somebody's. Its errors name it, and the line.
func readAudienceFile(path string) (*compare.Audience, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--stats %s: %s", path, diag.Reason(err))
	}
	defer file.Close()
	a, err := readAudience(file)
	if err != nil {
		return nil, fmt.Errorf("--stats %s: %w", path, err)
	}
	return &a, nil
}
