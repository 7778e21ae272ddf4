package geodns

import (
	"net/netip"
	"runtime"
	"time"

	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/rrl"
	"tinycdn/geodns/wire"
	"tinycdn/geoip"
	"tinycdn/geoip/inet"
	"tinycdn/zones/diag"
)

// maxText is how many octets an Identity's texts have at most: each is one string of a TXT record.
const maxText = 254

// defaultUDPSize fits one packet on any path with the IPv6 minimum MTU (DNS flag day 2020), so that no reply is ever
// fragmented.
const defaultUDPSize = 1232

// maxSlip is where hardly anybody hears of TCP any more.
const maxSlip = 10

// mostSample is where hardly a query is logged any more.
const mostSample = 1_000_000

// Config says how a Server works. What is left zero is as Default has it, but for the limits: there are none. The comments of what has a key are the manual.
type Config struct {
	// addresses with ports, for UDP and TCP; `":53"` is every local address, IPv4 and IPv6, `"0.0.0.0:53"` and `"[::]:53"` are
	// those of one family, and `"pop"` is this POP's own at port 53 (`"pop:5353"`: at another). Addresses of other POPs are passed
	// over, so that one list serves all. Left out: `":53"`
	Listen []string `toml:"listen" restart:"true"`
	// the server's name in NSID, `id.server` and `hostname.bind`. Left out: the POP's name
	NSID string `toml:"nsid" restart:"true"`
	// the answer to `version.bind`; `""` hides it. Left out: tinycdn and its version
	Version string `toml:"version" restart:"true"`
	// TCP connections in all, as far as the limit on open files allows; for one more, the idlest is closed. Left out: 10000
	MaxClients int `toml:"clients" was:"tcp_clients" restart:"true"`
	// TCP connections from one IPv4 address or IPv6 /64; more are refused. Left out: 250
	MaxPerAddress int `toml:"clients_per_address" was:"tcp_per_address" restart:"true"`
	// how long a TCP client may be silent: `"30s"`. Left out: `"30s"`
	IdleTime time.Duration `toml:"tcp_idle" restart:"true"`
	// the most octets of an answer over UDP, 512 to 4096; what is longer comes over TCP. Above 1232 some paths lose answers.
	// Left out: 1232
	UDPSize int `toml:"udp_size" restart:"true"`
	// whether answers over UDP are limited, where an address may be forged: `false`, `true`, or a table of what follows.
	// Left out: `true`
	RRL RRL `toml:"rrl" restart:"true"`
	// the secret of DNS cookies, for servers that share an address: a line of 32 hexadecimal digits, and perhaps another with
	// the secret before. It is read at a start, before root is given up. Left out: one made up at each start
	CookieSecretFile string `toml:"cookie_secret_file" restart:"true"`
	// where queries are logged, as lines of JSON; `"-"` is standard output. Left out: no log
	QueryLog string `toml:"query_log" restart:"true"`
	// of so many queries one is logged there, by chance: 1 to 1000000. Left out: 1, which is every one
	QueryLogSample int `toml:"query_log_sample" restart:"true"`
	// the Unix socket of a dnstap reader, which is told all queries and answers: `"/run/dnstap.sock"`. Left out: nobody is told
	DNSTap string `toml:"dnstap" restart:"true"`

	// Inherited are sockets that another process has bound, and may still answer on; nil: there are none.
	Inherited *inet.Sockets
	// Secrets are those of the cookies of that process, where no file that can be read has some.
	Secrets [][16]byte

	// Country gives the number of the country that a block is in, mostly: see geoip.CountryCodes. It is asked for one question in 16, and
	// must not wait. Nil: nobody is placed.
	Country func(geoip.Block) uint8
	// POP says whose address that is, for the query log; "": no POP's. Nil: it has no POPs.
	POP func(netip.Addr) string
	// Loops is how many sockets share the UDP packets of an address, each with a thread of its own: one for each
	// core by default. A loop that has work holds on to its processor, so the program should set GOMAXPROCS one
	// higher than there are cores; else TCP clients wait some 7 ms while UDP is at its limit.
	Loops int
	// QueryTime is how long a TCP client may take to send a query that it has begun.
	QueryTime time.Duration
	// WriteTime is how long a TCP client may take to accept the answers it asked for.
	WriteTime time.Duration
}

// Default is a Config that says nothing else. Its server has no name of its own, and hides its version.
func Default() Config {
	return Config{
		Listen:        []string{":53"},
		MaxClients:    10_000,
		MaxPerAddress: 250, // the machines of a large resolver share few addresses
		IdleTime:      30 * time.Second,
		UDPSize:       defaultUDPSize,
		RRL:           defaultRRL(),

		QueryLogSample: 1,

		Loops:     runtime.NumCPU(),
		QueryTime: 5 * time.Second,
		WriteTime: 5 * time.Second,
	}
}

// RRL says how many answers over UDP an address may get (response rate limiting).
type RRL struct {
	On bool `toml:",switch"`
	// questions a second that one IPv4 address or IPv6 /64 may ask; a /24 gets 16, an IPv6 /48 4 times as many. What is beyond it is told to
	// ask over TCP, and beyond 20 times it is dropped. It holds while the server gets more than 500 queries a second. Left
	// out: 200
	Rate int `toml:"rate"`
	// of what is beyond `rate` one query in so many is told to ask over TCP, and the others are dropped: 1 to 10. Left out: 1
	Slip int `toml:"slip"`
	// networks that are not limited, such as those of resolvers that ask a lot. Left out: `["127.0.0.0/8", "::1"]`
	Exempt []netip.Prefix `toml:"exempt"`
}

func defaultRRL() RRL {
	return RRL{On: true, Rate: 200, Slip: 1, Exempt: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
}

func (c RRL) check(report diag.Report) {
	if c.Rate <= 0 || c.Rate > rrl.MaxRate {
		report(diag.At("rate"), "must be 1 to %d", rrl.MaxRate)
	}
	if c.Slip <= 0 || c.Slip > maxSlip {
		report(diag.At("slip"), "must be 1 to %d", maxSlip)
	}
}

// Check reports what is wrong with c, at the keys below it.
func (c Config) Check(report diag.Report) {
	inet.CheckListen(diag.At("listen"), c.Listen, "53", report)
	if len(c.Listen) == 0 {
		report(diag.At("listen"), `the list is empty (":53" is every local address)`)
	}
	checkText(diag.At("nsid"), c.NSID, report)
	checkText(diag.At("version"), c.Version, report)
	report.Positive(diag.At("clients"), int64(c.MaxClients))
	report.Positive(diag.At("clients_per_address"), int64(c.MaxPerAddress))
	report.Positive(diag.At("tcp_idle"), int64(c.IdleTime))
	c.RRL.check(report.Below("rrl"))
	if c.QueryLogSample < 1 || c.QueryLogSample > mostSample {
		report(diag.At("query_log_sample"), "must be 1 to %d", mostSample)
	}
	if c.UDPSize < wire.MinUDP || c.UDPSize > mmsg.MaxSize {
		report(diag.At("udp_size"), "must be %d to %d", wire.MinUDP, mmsg.MaxSize)
	}
}

func checkText(keys []string, text string, report diag.Report) {
	if len(text) > maxText {
		report(keys, "%d octets long; the most is %d", len(text), maxText)
	}
}

// withDefaults gives c with the defaults of what is left zero.
func (c Config) withDefaults() Config {
	d := Default()
	set(&c.Loops, d.Loops)
	set(&c.MaxClients, d.MaxClients)
	set(&c.MaxPerAddress, d.MaxPerAddress)
	set(&c.IdleTime, d.IdleTime)
	set(&c.UDPSize, d.UDPSize)
	set(&c.QueryTime, d.QueryTime)
	set(&c.WriteTime, d.WriteTime)
	return c
}

// idleGrain is how exactly IdleTime is kept, so that not every query must set a timer.
func (c Config) idleGrain() time.Duration { return min(c.IdleTime/8, time.Second) }

func set[T comparable](setting *T, value T) {
	var zero T
	if *setting == zero {
		*setting = value
	}
}
