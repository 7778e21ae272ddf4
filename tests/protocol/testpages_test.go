package protocol

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

func TestGoldenTestsOfPagesHoldTheCertificate(t *testing.T) {
	t.Parallel()
	c := tested(t)
	for toml, want := range map[string]string{
		"url = \"https://example.org:$HTTPS/\"\ncertificate = 20":               "want a certificate for 20 days or more   got 10 days",
		"url = \"https://other.example.org:$HTTPS/\"":                           "want a page   got remote error: tls: unrecognized name",
		"url = \"https://example.org:$HTTPS/\"\ncontains = \"\\u001b[2J\"":      `want "\x1b[2J" in it   got `,
		"url = \"https://example.org:$HTTPS/none\"":                             "want a status below 400   got status 404",
		"url = \"https://example.org:$HTTPS/\"\nheader = { x-y = 'z' }":         "want X-Y: z   got no X-Y",
		"url = \"http://example.org:$HTTPS/\"\nheader.location = 'https://e.g'": "got ",
	} {
		c.edit("one.toml", "[[test]]\n"+toml)
		c.run(1, want, "test", "one.toml", "-6")
	}
	c.env = os.Environ()
	c.run(1, "certificate signed by unknown authority", "test")
}

// impostor serves pages with a certificate of another host until the test ends, and gives its port.
func impostor(t *testing.T, host string) string {
	t.Helper()
	base, now := filepath.Join(t.TempDir(), "other"), time.Now()
	if _, err := testkit.Authority().Issue(base, now.Add(-time.Hour), now.Add(24*time.Hour), host); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(base+".pem", base+".key")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// trustedBy is the file with the authorities that an environment trusts.
func trustedBy(env []string) (path string) {
	for _, value := range env {
		if file, is := strings.CutPrefix(value, "SSL_CERT_FILE="); is {
			path = file
		}
	}
	return path
}

// A certificate of another host is what no visitor takes, though the authority is right: the page fails, and curl says the same.
func TestAPageWithTheCertificateOfAnotherHostFails(t *testing.T) {
	t.Parallel()
	c := tested(t)
	url := "https://example.org:" + impostor(t, "other.example.net") + "/"
	c.edit("one.toml", "[[test]]\nurl = \""+url+"\"\nstatus = 404\n")
	out := c.run(1, "one.toml:1: "+url+"\n  nyc 127.0.0.1 https   want a page   got certificate is valid for other.example.net, not example.org   curl ", "test", "--at", "127.0.0.1", "one.toml")
	line := regexp.MustCompile(`curl .*`).FindString(out)
	again := exec.Command("sh", "-c", line)
	again.Env = append(c.env, "CURL_CA_BUNDLE="+trustedBy(c.env))
	if text, err := again.CombinedOutput(); err == nil || !strings.Contains(string(text), "no alternative certificate subject name matches") {
		t.Errorf("%s: %v\n%s", line, err, text)
	}
}
