package origin

import (
	"errors"
	"net/http"
	"strings"
)

// isWebSocket says whether a request opens a WebSocket (RFC 6455, 4.1). It is the only upgrade that is passed on (an
// intermediary may leave the others out: RFC 9110, 7.8): what follows a switch of protocols reaches the application as
// it is, past all rules about hosts, paths and claims, and over h2c that would be further requests.
func isWebSocket(r *http.Request) bool {
	upgrade, key := r.Header["Upgrade"], r.Header["Sec-Websocket-Key"]
	return r.Method == http.MethodGet && r.ProtoMajor == 1 && r.ProtoMinor >= 1 && r.ContentLength == 0 &&
		len(upgrade) == 1 && strings.EqualFold(upgrade[0], "websocket") &&
		len(key) == 1 && key[0] != "" && saysUpgrade(r.Header["Connection"])
}

// saysUpgrade looks for the option in Connection fields.
func saysUpgrade(connection []string) bool {
	for _, field := range connection {
		for option := range strings.SplitSeq(field, ",") {
			if strings.EqualFold(strings.Trim(option, " \t"), "upgrade") {
				return true
			}
		}
	}
	return false
}

var errUnasked = errors.New("the application switches protocols unasked")

// leaveOutUpgrade makes a request ordinary.
func leaveOutUpgrade(header http.Header) {
	delete(header, "Upgrade")
	delete(header, "Connection") // of a request on its way to the application it has nothing else
}
