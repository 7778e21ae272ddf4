# make demo and make test do all that is needed on a Debian machine with Go. The rest is for those who work on tinycdn.

# Everything is built without C, so that the binary runs on any Linux. make race is the exception.
export CGO_ENABLED = 0

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
BENCHSTAT   = golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
FUZZTIME    = 5s
# What debuggers read is left out of the binary, so it is not made either: that is a seventh of the time of a first build.
BUILD       = -trimpath -gcflags all=-dwarf=false
PREFIX      = /usr/local
SYSTEMD     = /etc/systemd/system

# What make cover and make bench take, how often, and against which revision: make bench OLD=main BENCH=Respond PACKAGES=./geodns
BENCH    = .
PACKAGES = ./...
COUNT    = 6
OLD      =

.PHONY: go build demo test check race fuzz cross cover bench data dig chromium sshd validators vuln release check-release rpm install clean

# Go from before 1.21 cannot read go.mod, and only says that it is invalid; later ones fetch the version that it names.
go:
	@if ! command -v go >/dev/null; then have=none; else have=$$(go version | awk '{print $$3}'); fi; \
	if [ "$$have" = none ] || echo "$$have" | grep -Eq '^go1\.(1?[0-9]|20)([^0-9]|$$)'; then \
		echo "this needs $$(grep '^go ' go.mod) or newer, here is $$have: take one from https://go.dev/dl" >&2; exit 1; fi

build: go
	go build $(BUILD) -ldflags '-s -w' -o tinycdn ./cmd/tinycdn

# Three POPs on 127.0.0.1, .2 and .3: the dig lines to try, and their pages at port 8080.
# (dig is installed, where it is missing, while the compiler works.)
demo:
	@$(MAKE) --no-print-directory -j2 build dig
	./tinycdn demo

test: go dig chromium sshd validators
	go test -timeout 20m ./...

# The tests ask with dig and curl, as an operator does.
dig:
	@{ command -v dig && command -v curl; } >/dev/null || { \
		[ "$$(id -u)" = 0 ] || { echo "dig or curl is missing: apt-get install bind9-dnsutils curl" >&2; exit 1; }; \
		apt-get update -qq && { apt-get install -qq -y bind9-dnsutils curl || apt-get install -qq -y dnsutils curl; }; }

# And they look at pages with a browser.
chromium:
	@command -v chromium >/dev/null || { \
		[ "$$(id -u)" = 0 ] || { echo "chromium is missing: apt-get install chromium" >&2; exit 1; }; \
		apt-get update -qq && apt-get install -qq -y chromium; }

# And they set POPs up over ssh, or copy to them, over networks of their own.
sshd:
	@{ command -v sshd && command -v rsync && command -v ip; } >/dev/null || { \
		[ "$$(id -u)" = 0 ] || { echo "sshd, rsync or ip is missing: apt-get install openssh-server rsync iproute2" >&2; exit 1; }; \
		apt-get update -qq && apt-get install -qq -y --no-install-recommends openssh-server openssh-client rsync iproute2; }

# And they have zones signed by others, and answers validated. A package that would start a nameserver is told not to.
validators:
	@{ command -v dnssec-signzone && command -v ldns-signzone && command -v kzonesign && command -v delv; } >/dev/null || { \
		[ "$$(id -u)" = 0 ] || { echo "dnssec-signzone, ldns-signzone, kzonesign or delv is missing: apt-get install bind9-utils ldnsutils knot knot-dnssecutils bind9-dnsutils" >&2; exit 1; }; \
		made=; policy=/usr/sbin/policy-rc.d; [ -e $$policy ] || { printf '#!/bin/sh\nexit 101\n' >$$policy; chmod 755 $$policy; made=1; }; \
		apt-get update -qq; apt-get install -qq -y --no-install-recommends bind9-utils ldnsutils knot knot-dnssecutils bind9-dnsutils; status=$$?; \
		[ -z "$$made" ] || rm -f $$policy; exit $$status; }

check:
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not as gofmt has it: $$unformatted" >&2; exit 1; }
	go vet ./...
	go mod tidy -diff
	go run $(STATICCHECK) ./...

# Packages that only compute, begin no goroutine and have no atomics: the race detector watches ours in their own tests. Watched everywhere,
# the table of the world costs each start of a POP a second, each try of a passphrase ten, and all tests together twice the time.
COMPUTING = tinycdn/geoip tinycdn/geoip/cells crypto/internal/fips140/... golang.org/x/crypto/scrypt github.com/alecthomas/chroma/v2/... \
	github.com/dlclark/regexp2/v2/... github.com/molecule-man/go-brrr/... github.com/yuin/goldmark/...

# The tests once more with the race detector, in the server that the stories run too. It needs gcc. Packages that run servers have the
# machine to themselves, one after the other: two of them at once have some ten race-built POPs late for each other. Packages in which, with
# their tests, nothing runs beside anything are left out.
race: export CGO_ENABLED = 1
race: dig chromium sshd validators
	go test -race -timeout 30m ./geoip ./geoip/cells
	export GOFLAGS="$$(go env GOFLAGS) $(COMPUTING:%=-gcflags=%=-race=false)"; \
	go test -race -timeout 30m $$(go list ./... | grep -v -e '/tests/' -e '/geoip$$' | sed 's|^tinycdn|.|' | \
		while read -r dir; do grep -lqE '\b(sync|atomic|synctest)\.|\bgo [a-z]' $$dir/*.go && echo $$dir; done) && \
	go test -race -timeout 30m -p 1 $$(go list ./... | grep '/tests/')

# Each fuzz target for $(FUZZTIME). Their seeds run in every make test. Go before 1.27 may take the end of that time for a
# failure (golang.org/issue/75804): it then says just "context deadline exceeded", and writes no input down. Where they are is read in the
# files: go test -list would link the tests of every package first.
fuzz:
	@set -e; said=$$(mktemp); trap 'rm -f $$said' EXIT; \
	for package in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n 1 dirname | sort -u); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$package/*_test.go); do \
			for try in 1 2 3 4 5; do \
				echo "$$package $$target"; \
				if go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package >$$said 2>&1; then cat $$said; break; fi; \
				cat $$said; \
				[ $$try -lt 5 ] && grep -qx '    context deadline exceeded' $$said && ! grep -q 'Failing input' $$said || exit 1; \
			done; \
		done; \
	done

# All systems and architectures but this machine's own, which make build and make check have. Vetted, with its tests, is each system on one
# architecture: no file is for one of them alone. What is compiled here is compiled as for a release.
cross:
	@set -e; for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 freebsd/amd64 freebsd/arm64; do \
		if [ $$target = $$(go env GOHOSTOS)/$$(go env GOHOSTARCH) ]; then continue; fi; \
		echo "build for $$target"; \
		GOOS=$${target%/*} GOARCH=$${target#*/} go build $(BUILD) -ldflags '-s -w' -o /dev/null ./cmd/tinycdn; \
		if [ $${target#*/} = arm64 ]; then echo "vet for $$target"; GOOS=$${target%/*} GOARCH=arm64 go vet $(BUILD) ./...; fi; \
	done

# How much of each package its own tests run, and of all together. (tests/ runs the program from outside.)
cover:
	@profile=$$(mktemp); trap 'rm -f $$profile' EXIT; \
	go test -coverprofile=$$profile $$(go list $(PACKAGES) | grep -v /tests) && go tool cover -func=$$profile | tail -n 1

# With OLD, a revision: both by turns, $(COUNT) times, and what benchstat says of the difference.
bench:
ifeq ($(OLD),)
	go test -run '^$$' -bench '$(BENCH)' -benchmem $(PACKAGES)
else
	@set -e; dir=$$(mktemp -d); trap 'git worktree remove --force $$dir/tree; rm -rf $$dir' EXIT; \
	git worktree add --quiet --detach $$dir/tree $(OLD); \
	GOBIN=$$dir go install $(BENCHSTAT); \
	for turn in $$(seq $(COUNT)); do \
		echo "turn $$turn of $(COUNT)" >&2; \
		(cd $$dir/tree && go test -run '^$$' -bench '$(BENCH)' -benchmem $(PACKAGES)) >>$$dir/old; \
		go test -run '^$$' -bench '$(BENCH)' -benchmem $(PACKAGES) >>$$dir/new; \
	done; \
	(cd $$dir && ./benchstat old new)
endif

# Real databases for the benchmarks at full size, into ~/.cache/tinycdn-data. Delete GeoLite2's afterwards: its licence
# forbids to keep old versions.
data:
	packaging/fetch-data dbip-city geo-whois geolite2-city

# Known vulnerabilities, where the database of them can be reached: without it this says so and passes.
vuln:
	@bin=$$(mktemp -d); GOBIN=$$bin go install $(GOVULNCHECK) && timeout 120 $$bin/govulncheck ./...; status=$$?; rm -rf $$bin; \
	if [ $$status = 3 ]; then exit 1; elif [ $$status != 0 ]; then echo "not checked for known vulnerabilities"; fi

# Binaries, packages and checksums, in dist/.
release:
	packaging/release

# A look into each of them.
check-release: rpm
	packaging/check-release

rpm:
	@command -v rpm >/dev/null && command -v cpio >/dev/null || { \
		[ "$$(id -u)" = 0 ] || { echo "rpm or cpio is missing: apt-get install rpm cpio" >&2; exit 1; }; \
		apt-get update -qq && apt-get install -qq -y --no-install-recommends rpm cpio; }

install: build
	install -D -m 755 tinycdn $(DESTDIR)$(PREFIX)/bin/tinycdn
	install -d $(DESTDIR)/etc/tinycdn/zones
	install -D -m 644 packaging/tinycdn.service $(DESTDIR)$(SYSTEMD)/tinycdn.service
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	./tinycdn man $(DESTDIR)$(PREFIX)/share/man/man1
	./tinycdn completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/tinycdn

clean:
	rm -rf tinycdn dist
