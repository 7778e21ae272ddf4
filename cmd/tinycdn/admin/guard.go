package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Guard lets through to next whoever comes over an address and has the token. What a browser can be made to ask by a page from elsewhere
// is refused before: by a name that was made to lead here (DNS rebinding), or with the page's own origin (cross-site requests). Whoever
// asks for "/" gets the page, which is the same for everybody, and asks for the token itself: a browser that goes somewhere has none. No
// cookie is ever taken for one: it would go along with whatever another server on that machine has a browser ask.
func Guard(token string, page, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !isOwnHost(r.Host):
			refuse(w, "ask for this by its address, or as localhost", http.StatusForbidden)
		case r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			page.ServeHTTP(w, r)
		case isForeign(r):
			refuse(w, "a page from elsewhere asks for this", http.StatusForbidden)
		case !hasToken(r, &want):
			w.Header().Set("WWW-Authenticate", `Bearer realm="tinycdn"`)
			refuse(w, "the token of admin.token_file is wanted (Authorization: Bearer ...)", http.StatusUnauthorized)
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
			w.Header().Set("Allow", "GET, HEAD, POST")
			refuse(w, "only the socket takes other methods than GET, HEAD and POST", http.StatusMethodNotAllowed)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// refuse ends the connection, too: there are few of them.
func refuse(w http.ResponseWriter, why string, status int) {
	w.Header().Set("Connection", "close")
	http.Error(w, why, status)
}

// isOwnHost says whether a Host is an address, or a name that no stranger can make lead anywhere.
func isOwnHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	_, err = netip.ParseAddr(host)
	return err == nil || strings.EqualFold(host, "localhost")
}

// isForeign says whether a browser asks on behalf of a page that is not ours. Others than browsers say nothing of that kind, and have the
// token from whoever started them.
func isForeign(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return true
	}
	for _, origin := range r.Header.Values("Origin") {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
			return true
		}
	}
	return false
}

// hasToken compares hashes, which take the same time however much of a token is right, and however long it is.
func hasToken(r *http.Request, want *[sha256.Size]byte) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	is := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return subtle.ConstantTimeCompare(is[:], want[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}
