package files

import (
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

// namesOfRepositories are the files of package repositories, and what they are. Those that are text may be packed.
var namesOfRepositories = map[string]string{
	// apk, of Alpine and Chimera
	"v3.22/main/x86_64/APKINDEX.tar.gz":                          "application/gzip",
	"v3.22/main/x86_64/busybox-1.37.0-r18.apk":                   unknown,
	"current/main/x86_64/Packages.adb":                           unknown,
	"v3.22/releases/cloud/aws_alpine-3.22.0-x86_64.qcow2":        unknown,
	"v3.22/releases/x86_64/alpine-minirootfs-3.22.0.tar.gz.asc":  "text/plain; charset=utf-8",
	"v3.22/releases/x86_64/alpine-virt-3.22.0-x86_64.iso":        "application/x-iso9660-image",
	"v3.22/releases/x86_64/alpine-virt-3.22.0-x86_64.iso.sha256": "text/plain; charset=utf-8",
	"live/latest/chimera-linux-x86_64-ROOTFS-bootstrap.tar.gz":   "application/gzip",
	"live/latest/chimera-linux-aarch64-rpi.img.xz":               "application/x-xz",
	"live/latest/sha256sums.txt.minisig":                         unknown,
	// apt
	"dists/stable/InRelease":                         unknown,
	"dists/stable/Release":                           unknown,
	"dists/stable/Release.gpg":                       unknown,
	"dists/stable/main/binary-amd64/Packages":        unknown,
	"dists/stable/main/binary-amd64/Packages.gz":     "application/gzip",
	"dists/stable/main/binary-amd64/Packages.xz":     "application/x-xz",
	"dists/stable/main/i18n/Translation-en.bz2":      "application/x-bzip2",
	"dists/stable/main/Contents-amd64.gz":            "application/gzip",
	"pool/main/g/gcc/g++-14_14.2.0-19_amd64.deb":     "application/vnd.debian.binary-package",
	"pool/main/l/linux/linux-image_6.12_amd64.udeb":  "application/vnd.debian.binary-package",
	"pool/main/h/hello/hello_2.10-3.dsc":             "text/plain; charset=utf-8",
	"pool/main/h/hello/hello_2.10.orig.tar.gz":       "application/gzip",
	"pool/main/h/hello/hello_2.10-3.debian.tar.xz":   "application/x-xz",
	"pool/main/h/hello/hello_2.10.orig.tar.gz.asc":   "text/plain; charset=utf-8",
	"pool/main/h/hello/hello_2.10-3_amd64.buildinfo": "text/plain; charset=utf-8",
	// pacman
	"core/os/x86_64/core.db":                             unknown,
	"core/os/x86_64/core.db.tar.gz":                      "application/gzip",
	"core/os/x86_64/core.db.sig":                         "application/pgp-signature",
	"core/os/x86_64/core.files":                          unknown,
	"core/os/x86_64/zstd-1.5.7-2-x86_64.pkg.tar.zst":     "application/zstd",
	"core/os/x86_64/zstd-1.5.7-2-x86_64.pkg.tar.zst.sig": "application/pgp-signature",
	"core/os/x86_64/zstd-1.5.0-1-x86_64.pkg.tar.xz":      "application/x-xz",
	// xbps
	"current/x86_64-repodata":               unknown,
	"current/zstd-1.5.7_1.x86_64.xbps":      unknown,
	"current/zstd-1.5.7_1.x86_64.xbps.sig2": unknown,
	// rpm
	"os/repodata/repomd.xml":                     "application/xml",
	"os/repodata/repomd.xml.asc":                 "text/plain; charset=utf-8",
	"os/repodata/0a1b2c3d-primary.xml.gz":        "application/gzip",
	"os/repodata/0a1b2c3d-primary.xml.zst":       "application/zstd",
	"os/repodata/0a1b2c3d-primary.sqlite.bz2":    "application/x-bzip2",
	"os/Packages/z/zstd-1.5.7-1.fc42.x86_64.rpm": "application/x-rpm",
	// and beside them
	"a.zip": "application/zip", "a.jpg": "image/jpeg", "a.woff2": "font/woff2", "a.tar.lz": "application/x-lzip", "a.7z": "application/x-7z-compressed",
	"SHA256SUMS": unknown, "a.torrent": "application/x-bittorrent", "a.meta4": "application/metalink4+xml", "a.img": unknown,
}

// TestPackagesGoOutAsTheyAre: no coding is tried of what is packed already, and none is said of it.
func TestPackagesGoOutAsTheyAre(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	content := words(5000) // that would shrink
	for name := range namesOfRepositories {
		d.write(name, content)
	}
	s := d.load()
	for name, want := range namesOfRepositories {
		isText := strings.HasPrefix(want, "text/") || strings.HasSuffix(want, "xml")
		p := s.files[name].page
		for range 2 {
			w := get(t, s, "http://example.org"+escaped("/"+name), "Accept-Encoding", "gzip, br, zstd")
			h := w.Header()
			if h.Get("Content-Type") != want || (h.Get("Content-Encoding") != "") != isText || (h.Get("Vary") != "") != isText {
				t.Errorf("%s: got %v, want %s", name, h, want)
			}
			if !isText && w.Body.String() != content {
				t.Errorf("%s: got other bytes", name)
			}
		}
		if !isText && !p.Packed() {
			t.Errorf("%s: codings would be tried", name)
		}
	}
}

func TestArchiveIsNoPackedFormOfAnArchive(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	content := words(5000)
	for _, name := range []string{"a.pkg.tar", "Packages", "a.txt"} {
		d.write(name, content)
		d.write(name+".gz", zipped(t, content+" of another build"))
	}
	l := Load(Config{Folder: d.path, Memory: 1 << 20}, nil)
	if got := d.inside(l.Notes); got != "a.txt.gz: this is not what a.txt is now; it is served by its own name alone (pack it again, or remove it)\n" {
		t.Errorf("got notes %s", got)
	}
	if l.Value.Pages() != 5 {
		t.Errorf("got %d files of their own, want 5", l.Value.Pages())
	}
}

func TestTypesByPattern(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "certs/a.pem", "certs/index.html", "b.pem", "about.html", "Release", "c.txt")
	content := words(5000)
	d.write("certs/b.pem", "caf\xe9") // not UTF-8
	d.write("dists/Release", content)
	d.write("deny.html", content)
	c := Config{Folder: d.path, Memory: 1 << 20, Types: []TypeRule{
		{"/certs/*", "text/plain; charset=utf-8"}, {"*.pem", "application/x-x509-ca-cert"}, {"*/Release", "text/plain; charset=utf-8"},
		{"/deny", "application/octet-stream"}, {"/about.html", "application/xhtml+xml"}, {"/b.pem", "never/reached"},
	}}
	s := Load(c, nil).Value
	for url, want := range map[string]string{
		"/certs/a.pem": "text/plain; charset=utf-8", "/certs/b.pem": "text/plain; charset=utf-8", "/certs/": "text/plain; charset=utf-8",
		"/b.pem": "application/x-x509-ca-cert", "/about": "application/xhtml+xml", "/about.html": "application/xhtml+xml",
		"/Release": "text/plain; charset=utf-8", "/dists/Release": "text/plain; charset=utf-8 gzip", "/deny": "application/octet-stream",
		"/c.txt": "text/plain; charset=utf-8",
	} {
		h := get(t, s, "http://example.org"+url, "Accept-Encoding", "gzip").Header()
		if got := strings.TrimSpace(h.Get("Content-Type") + " " + h.Get("Content-Encoding")); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
	c.Types = []TypeRule{{"*.pem", "text/x-other"}}
	again := Load(c, s).Value
	if got := get(t, again, "http://example.org/b.pem").Header().Get("Content-Type"); got != "text/x-other" {
		t.Errorf("with another rule: got %s", got)
	}
	if got := get(t, again, "http://example.org/c.txt").Header().Get("Etag"); got != get(t, s, "http://example.org/c.txt").Header().Get("Etag") {
		t.Error("another file has another tag")
	}
}

// TestTagOfALargeFileIsOfItsType, as it is in memory.
func TestTagOfALargeFileIsOfItsType(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	d.write("a.bin", strings.Repeat("x", largest+1))
	s := d.load()
	tag := func(s *Site) string {
		get(t, s, "http://example.org/a.bin")
		return get(t, s, "http://example.org/a.bin").Header().Get("Etag")
	}
	first := tag(s)
	if same := tag(Load(Config{Folder: d.path, Memory: 1 << 20}, s).Value); first == "" || same != first {
		t.Errorf("got %s, then %s", first, same)
	}
	typed := Load(Config{Folder: d.path, Memory: 1 << 20, Types: []TypeRule{{"*", "text/csv"}}}, s).Value
	want := page.New(page.Response{Status: 200, Header: []page.Field{{Name: "Content-Type", Value: "text/csv"}}, Body: []byte(strings.Repeat("x", largest+1))}).Negotiate("").ETag
	if got := tag(typed); got != want {
		t.Errorf("with another type: got %s, want %s", got, want)
	}
}

func TestWhatIsNoMediaType(t *testing.T) {
	t.Parallel()
	for text, right := range map[string]bool{
		"text/plain": true, "text/plain; charset=utf-8": true, "application/x-pem-file": true, `text/plain;charset="utf-8"`: true, "application/vnd.a+json": true,
		"": false, "text": false, "text/": false, "/plain": false, "text/*": false, "*/*": false, "text plain": false, "text/plain, text/html": false,
		"text/plain; charset": false, "text/plain\n": false, "text/plain; a=\"b\nc\"": false, "a/b/c": false, "utf-8": false, "text/plain;;": false,
		"text/é": false,
	} {
		wrong := false
		TypeRule{"*", text}.Check(func([]string, string, ...any) { wrong = true })
		if wrong == right {
			t.Errorf("%q: got right %v", text, !wrong)
		}
	}
}
