package acme

import (
	"crypto/x509"
	"testing"
	"time"
)

// A clock that was years off leaves nothing behind that would hold for years.
func TestAWrongClockHoldsNothingUpOnceItIsRight(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what string
		c    Certificate
	}{
		{"failed in 2036", Certificate{Failures: 3, Next: now.AddDate(10, 0, 0)}},
		{"failed in 1970", Certificate{Failures: 3, Next: time.Unix(60, 0)}},
	} {
		if due := c.c.due([]string{"a"}, []string{"x"}, now); due.After(now) {
			t.Errorf("%s: due %v", c.what, due)
		}
	}
	if (&Account{Busy: now.AddDate(10, 0, 0)}).isBusy(now) {
		t.Error("an authority is left alone for ten years")
	}
	leaf := &x509.Certificate{NotBefore: now, NotAfter: now.Add(45 * day24), DNSNames: []string{"a"}}
	c := Certificate{leaf: leaf, Directory: "x", Window: Window{Ask: now.AddDate(10, 0, 0)}}
	if !c.toAsk(now) {
		t.Error("the window is not asked for again in ten years")
	}
	for _, chosen := range []time.Time{now.AddDate(10, 0, 0), now.AddDate(-10, 0, 0)} {
		c.Window.Chosen = chosen
		if due := c.due([]string{"a"}, []string{"x"}, now); due.Before(now.Add(day24)) || due.After(leaf.NotAfter.Add(-4*day24)) {
			t.Errorf("a window of %v: due %v", chosen, due)
		}
	}
}

func TestAMomentStaysAsLongAsItsWindow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	var w Window
	start, end := now.Add(day24), now.Add(2*day24)
	w.see(start, end, now.Add(time.Hour), "", 0.5, now)
	if want := start.Add(day24 / 2); !w.Chosen.Equal(want) || !w.Ask.Equal(now.Add(time.Hour)) {
		t.Errorf("got %+v", w)
	}
	w.see(start, end, time.Time{}, "", 0.9, now)
	if want := start.Add(day24 / 2); !w.Chosen.Equal(want) || !w.Ask.Equal(now.Add(askWindow)) {
		t.Errorf("got %+v", w)
	}
	w.see(start.Add(-3*day24), end.Add(-3*day24), time.Time{}, "", 0, now)
	if !w.Chosen.Equal(start.Add(-3 * day24)) {
		t.Errorf("got %+v", w)
	}
}

func TestWhatIsDueAtOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	leaf := &x509.Certificate{NotBefore: now.Add(-10 * day24), NotAfter: now.Add(35 * day24), DNSNames: []string{"a", "b"}}
	for _, c := range []struct {
		what        string
		names       []string
		directories []string
		asked       bool
		atOnce      bool
	}{
		{"nothing new", []string{"a", "b"}, []string{"x", "y"}, false, false},
		{"a name less", []string{"a"}, []string{"x"}, false, false},
		{"a name more", []string{"a", "b", "c"}, []string{"x"}, false, true},
		{"another authority", []string{"a"}, []string{"y"}, false, true},
		{"somebody asks", []string{"a"}, []string{"x"}, true, true},
	} {
		one := Certificate{leaf: leaf, Directory: "x", Asked: c.asked}
		due := one.due(c.names, c.directories, now)
		if due.IsZero() != c.atOnce || !c.atOnce && !due.Equal(leaf.NotBefore.Add(30*day24)) {
			t.Errorf("%s: due %v", c.what, due)
		}
	}
}
