package visits

import "bytes"

// Whoever does not say that he is a browser is none: each browser of the last twenty years calls itself Mozilla, but for those of text
// and some of old. This keeps out libraries (curl, python-requests, Go-http-client, okhttp), readers of feeds and checks of health.
var browsers = [...]string{"Mozilla/", "Opera/", "Lynx/", "Links ", "ELinks", "w3m/", "Dillo/", "NetSurf/", "Emacs-w3m/"}

// What calls itself Mozilla and is nobody. Search engines, archives, AI companies, checks and previews name themselves in it, and nearly all
// add a URL or an address of who they are, which no browser does. The words are parts of words, in lower case; the first five find most, and the rest are
// those whom they do not find. The browsers within applications (of Facebook, TikTok, Telegram, Pinterest) are people's, and must not be among them.
var bots = [...]string{
	"bot", "crawl", "spider", "://", "@", // Googlebot, bingbot, GPTBot, Baiduspider; "+https://...", "+somebody@..."
	"slurp", "archiver", "heritrix", "httrack", "mediapartners", "apis-google", "feedfetcher", "googleother", "google-inspectiontool",
	"facebookexternalhit", "meta-external", "preview", "embedly", "iframely", "vkshare",
	"headless", "phantomjs", "puppeteer", "playwright", "selenium", "webdriver", "prerender", "rendertron",
	"lighthouse", "pagespeed", "gtmetrix", "webpagetest", "ptst/", "pingdom", "uptime", "statuscake", "site24x7", "monitor", "nagios",
	"validator", "linkcheck", "scan", "nmap", "nikto", "sqlmap", "zgrab", "nuclei", "censys", "shodan", "netcraft", "expanse", "paloalto",
	"scrapy", "wget", "curl",
}

// people have a bot's word in their name: a telephone of that make.
var people = [...]string{"cubot"}

// isBot says whether a user agent is no person's.
func isBot(agent []byte) bool {
	is := func(word string) bool { return bytes.HasPrefix(agent, []byte(word)) }
	for i := 0; !is(browsers[i]); {
		if i++; i == len(browsers) {
			return true
		}
	}
	lower := make([]byte, 0, len(agent))
	for _, c := range agent {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower = append(lower, c)
	}
	for _, word := range people {
		if at := bytes.Index(lower, []byte(word)); at >= 0 {
			clear(lower[at : at+len(word)])
		}
	}
	for _, word := range bots {
		if bytes.Contains(lower, []byte(word)) {
			return true
		}
	}
	return false
}
