package page

import (
	"bytes"
	"testing"
	"time"
)

func TestAFilesTimeIsToldIfItSaysSomething(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 3, 12, 0, 0, 500, time.UTC)
	for _, test := range []struct{ ofFile, want time.Time }{
		{now.Add(-time.Minute), time.Date(2026, 3, 3, 11, 59, 0, 0, time.UTC)},
		{now, now.Truncate(time.Second)},
		{now.Add(time.Millisecond), now.Truncate(time.Second)}, // the Date is the same second
		{now.Add(time.Second), time.Time{}},
		{time.Date(2106, 2, 7, 6, 28, 15, 0, time.UTC), time.Time{}},
		{time.Unix(0, 0), time.Time{}},
		{time.Unix(1, 0), time.Time{}},
		{time.Unix(-1, 0), time.Time{}},
		{time.Date(1980, 1, 1, 0, 0, 1, 0, time.UTC), time.Time{}},
		{time.Date(1985, 10, 26, 8, 15, 0, 0, time.UTC), time.Time{}}, // npm's
		{earliest.Add(-1), time.Time{}},
		{earliest.In(time.FixedZone("", 3600)), earliest},
		{time.Time{}, time.Time{}},
	} {
		if got := LastModified(test.ofFile, now); got != test.want {
			t.Errorf("%v: got %v, want %v", test.ofFile, got, test.want)
		}
	}
}

func TestAPageOfAnotherTimeIsTheSameInEveryCoding(t *testing.T) {
	t.Parallel()
	r := prose(2000)
	r.Modified, r.OfFile = lastTuesday, true
	p := New(r)
	p.make(Gzip)
	later := lastTuesday.UTC().Truncate(time.Second).Add(time.Hour)
	for _, modified := range []time.Time{later, {}} {
		next := p.At(modified)
		if !next.Modified.Equal(modified) || next.Packed() || p.Packed() || next.At(modified) != next {
			t.Errorf("at %v: got %v, packed %v", modified, next.Modified, next.Packed())
		}
		next.Pack()
		for _, coding := range []string{"", "gzip", "br"} {
			was, is := p.Negotiate(coding), next.Negotiate(coding)
			if coding != "br" && &was.Body[0] != &is.Body[0] {
				t.Errorf("%q was packed anew", coding)
			}
			same := New(Response{Status: 200, Header: r.Header, Modified: modified, OfFile: true, Body: r.Body})
			same.Pack()
			if twin := same.Negotiate(coding); is.Head.Text != twin.Head.Text || !bytes.Equal(is.Body, twin.Body) {
				t.Errorf("%q: got %s\nwant %s", coding, is.Head.Text, twin.Head.Text)
			}
		}
	}
	if failure := Plain(404); failure.At(later) != failure {
		t.Error("a page of an error has a time")
	}
}

func TestWhoHasAPageOfAFileNamesItsTime(t *testing.T) {
	t.Parallel()
	modified := lastTuesday.UTC().Truncate(time.Second)
	for _, test := range []struct {
		modified, since time.Time
		ofFile, want    bool
	}{
		{modified, modified, true, true},
		{modified, modified, false, true},
		{modified, modified.Add(time.Second), true, false}, // of a release that was taken back
		{modified, modified.Add(time.Second), false, true},
		{modified, modified.Add(-time.Second), true, false},
		{modified, modified.Add(-time.Second), false, false},
		{time.Time{}, time.Time{}, true, false},
		{time.Time{}, modified, false, false},
	} {
		p := New(Response{Status: 200, Modified: test.modified, OfFile: test.ofFile})
		if got := p.UnchangedSince(test.since); got != test.want {
			t.Errorf("%v: got %v", test, got)
		}
	}
}
