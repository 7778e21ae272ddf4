package protocol

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// TestAHashedAssetOfAnEarlierGenerationIsServed with its year, over every protocol, after restarts and rollbacks, too; and none without
// a hash.
func TestAHashedAssetOfAnEarlierGenerationIsServed(t *testing.T) {
	t.Parallel()
	files := strings.Replace(clusterFiles, "admin_socket", "http3 = true\ncerts = [\"cert/example.org.pem\", \"cert/example.org.key\"]\nadmin_socket", 1)
	files = strings.Replace(files, "[sites", "[sites.\"md.example.org\"]\npages = \"md\"\n[sites", 1)
	c := newCluster(t, files+"-- md/content/_index.md --\nhello\n-- cert/README --\nmade by the test\n")
	const hashed, plain = "/app.3f9a1c07.js", "/app.js"
	now := time.Now()
	if _, err := testkit.Authority().Issue(filepath.Join(c.folder, "cert", "example.org"), now.Add(-time.Hour), now.Add(time.Hour), "example.org", "md.example.org"); err != nil {
		t.Fatal(err)
	}
	c.edit("public"+hashed, "old\n")
	c.edit("public"+plain, "old\n")
	c.edit("md/static"+hashed, "old\n")
	c.run(0, "", "publish")
	for _, name := range []string{"public" + hashed, "public" + plain, "md/static" + hashed} {
		if err := os.Remove(filepath.Join(c.folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	c.run(0, "", "publish", "--yes")
	gets := func(when string) {
		t.Helper()
		for _, protocol := range testkit.Protocols {
			visitor := testkit.NewVisitor(c.ports, clusterAddresses["fra"], protocol)
			for path, want := range map[string]int{"https://example.org" + hashed: 200, "https://example.org" + plain: 404, "https://md.example.org" + hashed: 200} {
				r, text, err := testkit.Fetch(visitor, "GET", path, nil, nil)
				if err != nil || r.StatusCode != want || want == 200 && (string(text) != "old\n" || r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable") {
					t.Errorf("%s, %s, %s: %.300v %.20q %v", when, protocol, path, r, text, err)
				}
			}
			testkit.Leave(visitor)
		}
	}
	gets("after a deploy")
	c.stop("fra")
	c.start("fra")
	gets("after a restart")
	c.edit("public/index.html", "three\n")
	c.run(0, "", "publish")
	gets("after the next deploy")
	c.run(0, "", "rollback", "--yes")
	gets("after a rollback")
}
