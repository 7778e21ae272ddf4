# A template for cports, Chimera Linux's collection of packages: user/tinycdn/template.py, with files/ beside it.
# "make release" writes it into dist/chimera with the version and the checksum of dist/tinycdn-VERSION.tar.gz. Set url to
# the place where you publish that file.
pkgname = "tinycdn"
pkgver = "@VERSION@"
pkgrel = 0
build_style = "go"
make_build_args = ["./cmd/tinycdn"]
hostmakedepends = ["go"]
makedepends = ["dinit-chimera"]
pkgdesc = "GeoDNS and pages from a handful of small servers"
license = "MIT"
url = "https://example.org/tinycdn"
source = f"{url}/tinycdn-{pkgver}.tar.gz"
sha256 = "@SHA256@"
# etcfiles: the operator's configuration lies in /etc
# !check: the tests ask with dig and look with Chromium; !cross: the binary writes its own man pages and completions
options = ["etcfiles", "!check", "!cross"]


def post_build(self):
    self.mkdir("man", parents=True)
    self.do("build/tinycdn", "man", "man")
    for shell in ["bash", "fish", "zsh"]:
        with open(self.cwd / f"tinycdn.{shell}", "w") as outf:
            self.do("build/tinycdn", "completion", shell, stdout=outf)


def post_install(self):
    self.install_sysusers(self.files_path / "sysusers.conf")
    self.install_tmpfiles(self.files_path / "tmpfiles.conf")
    self.install_service(self.files_path / "tinycdn")
    self.install_file("packaging/etc/tinycdn.toml", "etc/tinycdn")
    self.install_file("packaging/etc/environment", "etc/tinycdn")
    for shell in ["bash", "fish", "zsh"]:
        self.install_completion(f"tinycdn.{shell}", shell)
    self.install_man("man/*.1", glob=True)
    self.install_license("LICENSE")
