package cache

import (
	"net/http"
	"reflect"
	"testing"
)

// What may be kept and given to others, by what was asked and what came (RFC 9111, 3).
func TestResponsesThatMayBeStored(t *testing.T) {
	t.Parallel()
	const fresh = "Cache-Control: max-age=60"
	for _, c := range []struct {
		what, request, response string
		want                    bool
	}{
		{"a page", "", fresh, true},
		{"a page that says nothing", "", "", true},
		{"no-store", "", "Cache-Control: max-age=60, no-store", false},
		{"private", "", "Cache-Control: max-age=60, private", false},
		{"private and public", "", "Cache-Control: public, private", false},
		{"no-cache: kept to be confirmed", "", "Cache-Control: no-cache", true},
		{"the request says no-store", "Cache-Control: no-store", fresh, false},
		{"the request says no-cache", "Cache-Control: no-cache", fresh, true},
		{"a cookie is set", "", fresh + " | Set-Cookie: a=b", false},
		{"a cookie is set, public", "", "Cache-Control: public, max-age=60 | Set-Cookie: a=b", false},
		// 3.5: with Authorization, only what says that it is for all.
		{"Authorization", "Authorization: x", fresh, false},
		{"Authorization, nothing said", "Authorization: x", "", false},
		{"Authorization, public", "Authorization: x", "Cache-Control: public, max-age=60", true},
		{"Authorization, s-maxage", "Authorization: x", "Cache-Control: s-maxage=60", true},
		{"Authorization, must-revalidate", "Authorization: x", "Cache-Control: max-age=60, must-revalidate", true},
		{"Authorization, public, but no lifetime", "Authorization: x", "Cache-Control: public", false},
		// 4.1: what it varies on must tell visitors apart, and not each from all others.
		{"Vary: *", "", fresh + " | Vary: *", false},
		{"Vary: *, among others", "", fresh + " | Vary: Accept-Language, *", false},
		{"Vary: *, on a second line", "", fresh + " | Vary: Cookie | Vary: *", false},
		{"Vary: Accept-Language", "", fresh + " | Vary: Accept-Language", true},
		{"Vary: Cookie", "Cookie: a=b", fresh + " | Vary: Cookie", true},
		{"Vary: X-Forwarded-For", "", fresh + " | Vary: x-forwarded-for", false},
		{"Vary: X-Real-IP", "", fresh + " | Vary: X-Real-IP", false},
		{"Vary: Forwarded", "", fresh + " | Vary: Forwarded", false},
		{"Vary: Via", "", fresh + " | Vary: Via", false},
		// What does not say how long it is fresh is somebody's own, if the request could tell whose.
		{"Cookie, nothing said", "Cookie: a=b", "", false},
		{"Cookie, max-age", "Cookie: a=b", fresh, true},
		{"Cookie, Expires", "Cookie: a=b", "Expires: 0", true},
		{"X-Api-Key, nothing said", "X-Api-Key: a", "", false},
		{"what every browser sends", "Accept: a | Accept-Language: b | User-Agent: c | Sec-Fetch-Mode: d | Referer: e | Dnt: 1", "", true},
	} {
		if got := Storable(header(c.request), http.StatusOK, header(c.response)); got != c.want {
			t.Errorf("%s: storable %v, want %v", c.what, got, c.want)
		}
	}
}

// Statuses that are kept without a word of how long (RFC 9110, 15.1, as far as that is of use).
func TestStatusesThatAreKeptUnasked(t *testing.T) {
	t.Parallel()
	kept := map[int]bool{200: true, 203: true, 300: true, 301: true, 308: true, 404: true, 410: true}
	for status := 100; status < 600; status++ {
		if got := Storable(nil, status, nil); got != kept[status] {
			t.Errorf("%d: storable %v, want %v", status, got, kept[status])
		}
	}
}

// RFC 9110, 7.6.1: fields of one connection, and those that Connection names, go no further.
func TestFieldsOfAConnectionAreRemoved(t *testing.T) {
	t.Parallel()
	got := header("Connection: X-Mine, close | Connection: x-yours | X-Mine: 1 | X-Yours: 2 | X-Ours: 3 | Keep-Alive: 5 | " +
		"Proxy-Authenticate: a | Proxy-Authentication-Info: a | Proxy-Authorization: a | Proxy-Connection: a | Te: a | " +
		"Trailer: a | Transfer-Encoding: a | Upgrade: a | Upgrade-Insecure-Requests: 1")
	RemoveHopByHop(got)
	if want := header("X-Ours: 3 | Upgrade-Insecure-Requests: 1"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// RFC 9111, 3.2: of a 304, nothing that describes the bytes which are stored already.
func TestUpdateTakesNothingThatDescribesBytes(t *testing.T) {
	t.Parallel()
	const bytes = "Content-Length: 1 | Content-Encoding: a | Content-Range: a | Content-Md5: a | Digest: a | Content-Digest: a | Repr-Digest: a | Etag: a"
	if got := Update(http.Header{}, header(bytes+" | Cache-Control: max-age=1")); !reflect.DeepEqual(got, header("Cache-Control: max-age=1")) {
		t.Errorf("got %v", got)
	}
}

func TestMethodsThatChangeNothing(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]bool{
		"GET": true, "HEAD": true, "OPTIONS": true, "TRACE": true, "POST": false, "PUT": false, "DELETE": false, "PATCH": false, "get": false, "PURGE": false,
	} {
		if Safe(method) != want {
			t.Errorf("%s: safe %v, want %v", method, !want, want)
		}
	}
}
