package page

import (
	"path"
	"strings"

	"tinycdn/zones/diag"
)

// What Cache-Control says unless configuration or front matter say otherwise.
const (
	// htmlCacheControl: a deploy is seen within a minute, and nobody waits for a page within the hour after that.
	htmlCacheControl = "public, max-age=60, stale-while-revalidate=3600"
	fileCacheControl = "public, max-age=3600, stale-while-revalidate=86400"
	// hashCacheControl: a name with a hash of the content in it never means anything else.
	hashCacheControl = "public, max-age=31536000, immutable"
	// missingCacheControl: what is not there may be there after the next deploy.
	missingCacheControl = "public, max-age=10"
	// redirectCacheControl: long enough to save the way, short enough to be taken back.
	redirectCacheControl = "public, max-age=3600"
)

// ErrorCacheControl is the Cache-Control of a page that says that something is wrong.
func ErrorCacheControl(status int) string {
	if status == 404 || status == 410 {
		return missingCacheControl
	}
	return "no-store"
}

// Rule gives the pages of some paths a Cache-Control of their own.
type Rule struct {
	Pattern Pattern `toml:",key"`
	Value   string  `toml:",value"`
}

// Check reports what is wrong with r, at its pattern.
func (r Rule) Check(report diag.Report) {
	r.Pattern.Check(report)
	CheckField(diag.At(string(r.Pattern)), r.Value, report)
}

// CacheControl is that of a page of status 200 at a path: that of the first rule that fits, else a default by the media type.
func CacheControl(rules []Rule, urlPath, mediaType string) string {
	if value, ok := Ruled(rules, urlPath); ok {
		return value
	}
	switch {
	case strings.HasPrefix(mediaType, "text/html"):
		return htmlCacheControl
	case Lasts(urlPath, mediaType):
		return hashCacheControl
	}
	return fileCacheControl
}

// Lasts says whether what is at a path never is anything else, as its name holds a hash of the content.
func Lasts(urlPath, mediaType string) bool {
	return !strings.HasPrefix(mediaType, "text/html") && hasHash(path.Base(urlPath))
}

// Ruled is the Cache-Control that the first rule gives that fits a path.
func Ruled(rules []Rule, urlPath string) (value string, ok bool) {
	for _, r := range rules {
		if r.Pattern.Fits(urlPath) {
			return r.Value, true
		}
	}
	return "", false
}

// hasHash says whether a file's name holds a hash of its content, as bundlers write it: "app.3f9a1c07.js",
// "index-BxK2_q9d.css". It wants eight characters or more between a dot or hyphen and the extension, in which letters and
// digits take turns: twice if it is hexadecimal, else three times. So neither dates nor "screenshot2" nor "iphone14pro"
// are taken for a hash. A hash that is not seen to be one costs little; a file that changes under its name costs much.
func hasHash(name string) bool {
	stem := strings.TrimSuffix(name, path.Ext(name))
	at := strings.LastIndexAny(stem, ".-")
	if at < 0 || stem == name || len(stem[at+1:]) < 8 {
		return false
	}
	hash := stem[at+1:]
	turns, wanted := 0, 2
	for i := range len(hash) {
		switch c := hash[i] | 0x20; {
		case isDigit(hash[i]), c >= 'a' && c <= 'f':
		case c >= 'g' && c <= 'z', hash[i] == '_':
			wanted = 3
		default:
			return false
		}
		if i > 0 && isDigit(hash[i]) != isDigit(hash[i-1]) {
			turns++
		}
	}
	return turns >= wanted
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
