package files

import (
	"context"
	"io"
	"net/http"
	"strings"

	"tinycdn/webserver/page"
)

// challenges begins the paths at which a certificate authority looks for what was put there a moment ago (RFC 8555,
// 8.3). It does not wait until the next deploy, so these files alone are read when they are asked for.
const challenges = ".well-known/acme-challenge/"

// longestChallenge is a token, a dot and a hash, which have some 90 bytes, with room to spare.
const longestChallenge = 1 << 10

// isChallenge says whether a path is one at which a challenge may be.
func isChallenge(path string) bool { return strings.HasPrefix(path, "/"+challenges) }

// challenge gives the answer to a challenge, or nil if there is none at the path.
func (s *Site) challenge(path string) *page.Page {
	token, ok := strings.CutPrefix(path, "/"+challenges)
	if !ok || token == "" || strings.Trim(token, tokenBytes) != "" {
		return nil
	}
	in, _, err := s.open(context.Background(), challenges+token)
	if err == errBusy {
		return page.Plain(http.StatusServiceUnavailable, page.Field{Name: "Retry-After", Value: "1"})
	}
	if err != nil {
		return nil
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(&queued{in, context.Background(), s.config.Disk}, longestChallenge+1))
	if err != nil || len(text) > longestChallenge {
		return nil
	}
	return page.NoStore(http.StatusOK, "text/plain; charset=utf-8", text)
}

// tokenBytes are those of base64url, of which tokens are made.
const tokenBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
