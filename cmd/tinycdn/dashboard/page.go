package dashboard

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html"
	"net/http"
	"strconv"
	"strings"
)

// The page is one file when it leaves: nothing is loaded but what it shows.
var (
	//go:embed page/page.html
	frame string
	//go:embed page/page.css
	style string
	//go:embed page/page.js
	script string
)

// rollsBack has the page offer to do so.
const rollsBack = "yes"

// Elsewhere says where rollback is done, if not on this page.
const Elsewhere = "No POP has a publisher's key. tinycdn rollback N brings one back, from the folder that is published from; and so does tinycdn dashboard, started there."

// Page is the page, for whoever asks: there is nothing of the POP in it. What it shows it asks for, with the token. It says where rollback
// is done, as it is not done here.
func Page(rollback string) http.Handler {
	text := strings.NewReplacer("{{style}}", style, "{{script}}", script, "{{rollback}}", html.EscapeString(rollback)).Replace(frame)
	// A blob is the map, which comes with a header that an <img> would not send; data: is that there is no icon.
	policy := "default-src 'none'; style-src " + hashOf(style) + "; script-src " + hashOf(script) +
		"; connect-src 'self'; img-src blob: data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Length", strconv.Itoa(len(text)))
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		w.Write([]byte(text))
	})
}

// hashOf is how a policy names a piece that is written in the page.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
