package acme

import "time"

// retries are how long after a failure the next try is: a slip is mended in minutes, and what stays wrong costs no limit (Let's
// Encrypt: 5 failed validations a name and hour). After the last one it is as long again and again.
var retries = [...]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour}

const (
	// longestWait is how long an authority may want to be left alone: its limits are by the week. More is a clock that was wrong.
	longestWait = 7 * 24 * time.Hour
	// askWindow is how often it is asked when to renew, where it does not say.
	askWindow = 6 * time.Hour
	// freshTime is how long a new certificate is left alone whatever the authority's window says: one in the past for good would
	// otherwise be an order after the other.
	freshTime = 24 * time.Hour
)

// due is when a certificate for these names is to be ordered; the zero time is at once.
func (c *Certificate) due(names, directories []string, now time.Time) time.Time {
	var due time.Time
	if c.has(names) && !c.Asked && c.isOf(directories) {
		due = c.renewal()
	}
	if c.Failures > 0 && c.Next.After(due) && c.Next.Before(now.Add(longestWait)) {
		due = c.Next
	}
	return due
}

// isOf says whether it is of one of the authorities: one for tests must not stay until it expires.
func (c *Certificate) isOf(directories []string) bool {
	for _, one := range directories {
		if one == c.Directory {
			return true
		}
	}
	return false
}

// renewal is when it is to be renewed: at the moment that was chosen in the authority's window, else after two thirds of its life,
// and in any case while a tenth is left.
func (c *Certificate) renewal() time.Time {
	begin, life := c.leaf.NotBefore, c.leaf.NotAfter.Sub(c.leaf.NotBefore)
	moment := begin.Add(life / 3 * 2)
	if !c.Window.Chosen.IsZero() {
		moment = c.Window.Chosen
	}
	if soonest := begin.Add(min(freshTime, life/3)); moment.Before(soonest) {
		moment = soonest
	}
	if latest := begin.Add(life / 10 * 9); moment.After(latest) {
		moment = latest
	}
	return moment
}

// low says whether less than a quarter of its life is left: renewals have failed for long.
func (c *Certificate) low(now time.Time) bool {
	return c.leaf != nil && c.leaf.NotAfter.Sub(now) < c.leaf.NotAfter.Sub(c.leaf.NotBefore)/4
}

// fail notes a failure.
func (c *Certificate) fail(why string, now time.Time) {
	after := retries[min(c.Failures, len(retries)-1)]
	c.Failures++
	c.Why, c.FailedAt, c.Next = why, now, now.Add(after)
}

// see takes what an authority says of the window. The moment in it stays as long as the window does.
func (w *Window) see(start, end, ask time.Time, page string, random float64, now time.Time) {
	if !w.Start.Equal(start) || !w.End.Equal(end) {
		w.Start, w.End = start, end
		w.Chosen = start.Add(time.Duration(random * float64(end.Sub(start))))
	}
	w.Page = page
	w.Ask = ask
	if !ask.After(now) || ask.After(now.Add(longestWait)) {
		w.Ask = now.Add(askWindow)
	}
}

// toAsk says whether the authority is to be asked what the window is.
func (c *Certificate) toAsk(now time.Time) bool {
	return c.leaf != nil && (!c.Window.Ask.After(now) || c.Window.Ask.After(now.Add(longestWait)))
}

// isBusy says whether an authority wants to be left alone.
func (a *Account) isBusy(now time.Time) bool {
	return a != nil && a.Busy.After(now) && a.Busy.Before(now.Add(longestWait))
}

// choose is the authority for a try, and whether there is one: each failure hands on to the next of them, and who wants to be left
// alone is passed over. Otherwise it is when the first of them may be asked again.
func (b *Bundle) choose(directories []string, failures int, now time.Time) (directory string, ok bool, free time.Time) {
	for i := range directories {
		directory = directories[(failures+i)%len(directories)]
		a := b.Accounts[directory]
		if !a.isBusy(now) {
			return directory, true, time.Time{}
		}
		if free.IsZero() || a.Busy.Before(free) {
			free = a.Busy
		}
	}
	return "", false, free
}
