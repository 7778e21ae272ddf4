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

// token is that of a challenge which may be at a path from where the site lies, or from the top of the host; "": none may.
func (s *Site) token(path string) string {
	for _, whole := range []string{path, s.config.Below + path} {
		if token, ok := strings.CutPrefix(whole, "/"+challenges); ok && strings.Trim(token, tokenBytes) == "" {
			return token
		}
	}
	return ""
}

// mayBeEmpty says whether the folder is for challenges alone, or a part of some other site.
func (c *Config) mayBeEmpty() bool {
	return c.Part || c.Below != "" && strings.HasPrefix("/"+challenges, c.Below+"/")
}

// challenge gives the answer to a challenge, or nil if there is none at the path.
func (s *Site) challenge(path string) *page.Page {
	if s.token(path) == "" {
		return nil
	}
	in, _, err := s.open(context.Background(), s.folder, path[1:])
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
