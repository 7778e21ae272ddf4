package origin

import (
	"testing"

	"tinycdn/webserver/page"
)

func TestLoansAreBounded(t *testing.T) {
	t.Parallel()
	one := page.New(page.Response{Status: 200, Body: make([]byte, 40<<10)})
	other := page.New(page.Response{Status: 200, Body: make([]byte, 40<<10)})
	l := loans{left: one.Bytes() + 1000}
	first, ok := l.lend(one)
	again, okAgain := l.lend(one) // takes no more memory
	if _, okOther := l.lend(other); !ok || !okAgain || okOther {
		t.Errorf("got %v %v %v, want true true false", ok, okAgain, okOther)
	}
	first()
	first() // counts once
	if _, ok := l.lend(other); ok {
		t.Error("there is room for another while a visitor still takes the first")
	}
	again()
	giveBack, ok := l.lend(other)
	if !ok {
		t.Fatal("there is no room although nobody takes anything")
	}
	giveBack()
	if want := one.Bytes() + 1000; l.left != want || len(l.pages) != 0 {
		t.Errorf("got %d bytes left and %d pages, want %d and none", l.left, len(l.pages), want)
	}
}
