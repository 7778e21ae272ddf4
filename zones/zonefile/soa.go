package zonefile

import (
	"encoding/binary"
	"errors"
	"strings"
)

// soaFields are what soa = { ... } may say, or soa = "include": the one of an included file.
type soaFields struct {
	From    string   `toml:",text"`
	MName   string   `toml:"mname"`   // left out: the first nameserver of the zone
	RName   string   `toml:"rname"`   // left out: hostmaster
	Serial  *uint32  `toml:"serial"`  // left out: when the newest of the zone's files was changed
	Refresh *seconds `toml:"refresh"` // of interest to secondaries only, like the next two
	Retry   *seconds `toml:"retry"`
	Expire  *seconds `toml:"expire"`
	Minimum *seconds `toml:"minimum"` // how long "no such name" may be cached (RFC 2308)
	TTL     *seconds `toml:"ttl"`     // left out: the zone's
}

// What the SOA of a TOML zone says where the zone does not.
const (
	defaultRName   = "hostmaster"
	defaultRefresh = 4 * 3600 // this and retry are the least that Zonemaster takes without a remark
	defaultRetry   = 3600
	defaultExpire  = 14 * 24 * 3600
	defaultMinimum = 300
)

// keepsSOA says whether the zone has the SOA of an included file. That is asked for: it names the nameserver that the zone
// came from, and its serial does not rise with an edit of the TOML.
func (t *tomlReader) keepsSOA(f *soaFields) bool {
	t.saysSOA = t.doc.Node("soa") != nil
	switch f.From {
	case "include":
		t.zone.SerialWritten = true
		return true
	case "":
	default:
		t.problem(t.path, t.doc.Line("soa"), `soa: want a table like { mname = "ns1" }, or "include" for the SOA of an included file, not %q`, f.From)
	}
	return false
}

// noteLeftOut notes that an included record has no say, where the TOML does not say so itself.
func (r *reader) noteLeftOut(rec *Record) {
	if rec.Type == typeSOA && !r.saysSOA {
		r.note(rec.File, rec.Line, `the SOA of an included file (serial %d) is left out: the zone's own has the time of the newest file as its serial (soa = "include" keeps this one)`,
			binary.BigEndian.Uint32(rec.Data[len(rec.Data)-20:]))
	}
}

// emitSOA gives the sink the zone's SOA, filled in. It comes last: by then the nameservers and the files are known.
func (t *tomlReader) emitSOA(f *soaFields) {
	line := t.doc.Line("soa")
	b := &t.rdata
	b.reset()
	var err error
	switch {
	case f.MName != "":
		if b.data, err = appendName(b.data, []byte(f.MName), t.zone.Origin); err != nil {
			t.problem(t.path, t.doc.Line("soa", "mname"), "soa.mname %q %v", f.MName, err)
			return
		}
	case t.firstNS != nil:
		b.data = append(b.data, t.firstNS...)
	default:
		b.data = append(b.data, t.zone.Origin...) // a zone without nameservers is refused anyway
	}
	t.noteDoubledSOA("mname", f.MName, b.data)
	start := len(b.data)
	if b.data, err = appendName(b.data, mailbox(f.RName), t.zone.Origin); err != nil {
		t.problem(t.path, t.doc.Line("soa", "rname"), "soa.rname %q %v", f.RName, err)
		return
	}
	t.noteDoubledSOA("rname", f.RName, b.data[start:])
	serial := t.derivedSerial()
	if f.Serial != nil {
		serial, t.zone.SerialWritten = *f.Serial, true
	}
	for _, number := range []uint32{
		serial, f.Refresh.or(defaultRefresh), f.Retry.or(defaultRetry), f.Expire.or(defaultExpire), f.Minimum.or(defaultMinimum),
	} {
		b.data = binary.BigEndian.AppendUint32(b.data, number)
	}
	t.record = Record{Owner: t.zone.Origin, Type: typeSOA, TTL: f.TTL.or(t.ttlOf(t.zone.Origin, new(ttls), typeSOA)), Data: b.data, File: t.path, Line: line}
	t.emit(&t.record)
}

// noteDoubledSOA notes that a name in soa = { ... } ends in the zone's own name twice.
func (t *tomlReader) noteDoubledSOA(key, text string, name []byte) {
	if text == "" {
		return
	}
	if odd := doubled([]byte(text), name, t.zone.Origin, len(t.zone.Origin)); odd != "" {
		t.note(t.path, t.doc.Line("soa", key), "soa.%s: %s %s", key, text, odd)
	}
}

// mailbox is the name for a mail address (RFC 1035, 8): hostmaster@example.org is hostmaster.example.org.,
// and dots before the @ are escaped.
func mailbox(text string) []byte {
	if text == "" {
		text = defaultRName
	}
	user, host, isAddress := strings.Cut(text, "@")
	if !isAddress {
		return []byte(text)
	}
	return []byte(strings.ReplaceAll(user, ".", `\.`) + "." + strings.TrimSuffix(host, ".") + ".")
}

// soaMinimum is the last field of SOA data.
func soaMinimum(data []byte) uint32 { return binary.BigEndian.Uint32(data[len(data)-4:]) }

// seconds is a time in a TOML zone: 300, or "1h30m".
type seconds uint32

var errSeconds = errors.New(`want seconds, or a time like "1h30m"`)

func (s *seconds) UnmarshalText(text []byte) error {
	time, err := parseTime(text)
	switch {
	case err == errNoTTL:
		return errSeconds
	case err != nil || time > maxTTL:
		return errTooLong(text, maxTTL)
	}
	*s = seconds(time)
	return nil
}

// or is the time that was written, or else the default.
func (s *seconds) or(other uint32) uint32 {
	if s == nil {
		return other
	}
	return uint32(*s)
}
