package origin

import (
	"testing"

	"tinycdn/webserver/page"
)

func TestPagesInUseAreBounded(t *testing.T) {
	t.Parallel()
	one := page.New(page.Response{Status: 200, Body: make([]byte, 40<<10)})
	other := page.New(page.Response{Status: 200, Body: make([]byte, 40<<10)})
	u := inUse{left: one.Bytes() + 1000}
	first, ok := u.acquire(one)
	again, okAgain := u.acquire(one) // takes no more memory
	if _, okOther := u.acquire(other); !ok || !okAgain || okOther {
		t.Errorf("got %v %v %v, want true true false", ok, okAgain, okOther)
	}
	first()
	first() // counts once
	if _, ok := u.acquire(other); ok {
		t.Error("there is room for another while a visitor still takes the first")
	}
	again()
	release, ok := u.acquire(other)
	if !ok {
		t.Fatal("there is no room although nobody takes anything")
	}
	release()
	if want := one.Bytes() + 1000; u.left != want || len(u.pages) != 0 {
		t.Errorf("got %d bytes left and %d pages, want %d and none", u.left, len(u.pages), want)
	}
}
