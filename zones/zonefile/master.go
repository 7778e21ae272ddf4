package zonefile

import (
	"bytes"
	"errors"
	"fmt"
	"tinycdn/zones/diag"
	"tinycdn/zones/rr"
)

// master reads a master file: what RFC 1035, 5.1 says is remembered from one entry to the next.
type master struct {
	*reader
	*lexer
	path     string
	included bool
	parents  []string  // the master files that include this one, the outermost first
	at       diag.Kind // what is being read, for a mistake in a file that is not quoted

	origin     []byte // of relative names
	originSaid bool   // by the file, and not guessed from its name
	owner      []byte // of the last record
	owned      bool   // owner is set and inside the zone

	away     bool   // owner is outside the zone, which is not told yet
	awayText string // as it is written

	ttl     uint32 // by $TTL
	ttlSet  bool
	last    uint32 // the last TTL that a record said itself
	lastSet bool
}

func (r *reader) readMasterZone(path, origin string) {
	r.nameGuessed, r.nameOpen = origin == "", origin == ""
	if r.nameGuessed {
		origin = originOfFile(path)
	}
	if err := r.setOrigin(origin); err != nil {
		r.problem(path, 0, "%v", err)
		if src, err := r.openCounted(path, r.open); err == nil { // to be among the zone's files
			src.Close()
		}
		return
	}
	m := &master{reader: r, lexer: takeLexer(), path: path, origin: r.zone.Origin}
	defer m.lexer.release()
	if err := m.readFile(); err != nil {
		r.problem(path, 0, "%v", err)
	}
}

// readFile reads all entries of m.path. The error is that it cannot be opened.
func (m *master) readFile() error {
	open := m.open
	if m.included {
		open = m.openInside
	}
	src, err := m.openCounted(m.path, open)
	if err != nil {
		return diag.Kind(diag.Reason(err))
	}
	defer src.Close()
	m.reset(src)
	if m.more() {
		if form := otherForm(m.buf[:m.end]); form != "" {
			m.problem(m.path, 1, "%s", form)
			return nil
		}
	}
	for !m.full() {
		ok, err := m.next()
		if !ok {
			break
		}
		if err != nil {
			m.problem(m.path, m.line, "%v", diag.Kind(err.Error())) // which says nothing of the words
		} else if err := m.entryRead(); err != nil && m.included {
			m.problem(m.path, m.line, "%v (what is included is not quoted)", m.kindOf(err))
		} else if err != nil {
			m.problem(m.path, m.line, "%v", err)
		}
	}
	if err := m.failed(); err != nil {
		m.problem(m.path, m.now, "%v", diag.Kind(diag.Reason(err)))
	}
	return nil
}

// kindOf is what can be said of a mistake where nothing is quoted.
func (m *master) kindOf(err error) diag.Kind {
	var kind diag.Kind
	switch {
	case errors.As(err, &kind):
		return kind
	case m.at == wrongData:
		return diag.Kind(fmt.Sprintf("the data of %s is wrong", TypeText(m.record.Type)))
	}
	return m.at
}

const wrongData diag.Kind = "the data is wrong"

func (m *master) wordText(i int) []byte { return m.text[m.words[i].start:m.words[i].end] }

// entryRead does what the entry at hand says.
func (m *master) entryRead() error {
	if m.nameOpen {
		m.nameByEntry()
	}
	if m.isDirective() {
		m.at = "a directive is wrong"
		return m.directive(string(m.wordText(0)))
	}
	i := 0
	m.at = "the name is wrong, or outside of the zone"
	if !m.indented {
		if err := m.setOwner(); err != nil {
			return err
		}
		i++
	} else if m.owner == nil {
		return errors.New("begins with white space, but no name stands before it")
	}
	return m.readRecord(i)
}

// readRecord reads what follows an owner.
func (m *master) readRecord(i int) error {
	if m.away {
		return m.leaveOut(i)
	}
	if !m.owned {
		return nil // the mistake is in its owner, and told
	}
	if err := m.readFields(i); err != nil {
		return fmt.Errorf("%s %w", relativeText(m.owner, m.zone.Origin), err)
	}
	return nil
}

func (m *master) isDirective() bool {
	first := m.wordText(0)
	return !m.words[0].quoted && len(first) > 0 && first[0] == '$' && !m.indented
}

// setOwner takes the first word as the owner of this record and of indented ones after it.
func (m *master) setOwner() (err error) {
	text := m.wordText(0)
	m.owned, m.away = false, false
	if m.words[0].quoted {
		m.owner = m.owner[:0]
		return fmt.Errorf("name %q stands in quotes", text)
	}
	if m.owner, err = appendName(m.owner[:0], text, m.origin); err != nil {
		return fmt.Errorf("name %s %v", shorten(text), err)
	}
	rr.Lower(m.owner)
	if !rr.IsBelow(m.owner, m.zone.Origin) {
		m.away, m.awayText = true, string(text)
		return nil
	}
	m.owned = true
	m.noteDoubled(m.path, m.line, text, m.owner, len(m.origin))
	return nil
}

func (m *master) outsideHint() string {
	if len(m.origin) == 1 && !bytes.HasSuffix(m.wordText(0), []byte(".")) {
		return fmt.Sprintf(" ($ORIGIN is . here, so that @ is the root and other names stand below it: write $ORIGIN %s.)", m.zone.OriginText)
	}
	if m.nameGuessed {
		meant := m.origin
		if rr.IsBelow(meant, m.zone.Origin) {
			meant = m.owner
		}
		return fmt.Sprintf(" (the zone has its name from the file; to give another: { origin = %q, file = %q })", rr.NameText(meant), m.order[0])
	}
	return " (it belongs into the zone of that name)"
}

// readFields reads what follows an owner: the words from TTL and class, in either order or left out, to the end of the data.
func (m *master) readFields(i int) error {
	m.at = "the TTL, class or type is wrong, or none is there"
	rec := &m.record
	ttlSaid, classSaid := false, false
	for ; i < len(m.words); i++ {
		if m.words[i].quoted {
			return fmt.Errorf("%q stands in quotes where a type should be", m.wordText(i))
		}
		text := m.wordText(i)
		if text[0] == '[' && bytes.HasPrefix(text, []byte("[AGE:")) {
			continue // Windows writes there when a dynamic record was last renewed
		}
		if ttl, err := parseTTL(text); err != errNoTTL && !ttlSaid {
			if err != nil {
				return err
			}
			rec.TTL, ttlSaid = ttl, true
			continue
		}
		isClass, err := checkClass(text)
		if err != nil {
			return err
		}
		if !isClass || classSaid {
			break
		}
		classSaid = true
	}
	if i == len(m.words) {
		return errors.New("has no type")
	}
	typ, err := parseType(m.wordText(i))
	if err != nil {
		return err
	}
	rec.Type, m.at = typ, wrongData
	b := &m.rdata
	b.text, b.words, b.origin = m.text, m.words[i+1:], m.origin
	if err := b.build(typ); err != nil {
		return fmt.Errorf("%s: %w", TypeText(typ), err)
	}
	m.at = "no TTL is said: put $TTL 3600 at the top of the file"
	if err := m.setTTL(typ, ttlSaid); err != nil {
		return err
	}
	m.at = "the SOA stands below the zone's name"
	rec.Owner, rec.Type, rec.Data = m.owner, typ, b.data
	rec.File, rec.Line = m.path, m.line
	if typ == typeSOA && len(m.owner) != len(m.zone.Origin) {
		return fmt.Errorf("SOA: stands below the zone's name %s", m.zone.OriginText)
	}
	if m.above.replace(rec) {
		m.noteLeftOut(rec)
		m.noteNS(rec)
		return nil
	}
	m.emit(rec)
	return nil
}

// setTTL finds the TTL of a record that does not say it: by $TTL (RFC 2308, 4), else as the last one before (RFC 1035, 5.1),
// else, as BIND does, the SOA's MINIMUM. In a file that a TOML zone includes, what that says comes after $TTL.
func (m *master) setTTL(typ uint16, said bool) error {
	rec := &m.record
	switch {
	case said:
	case m.ttlSet:
		rec.TTL = m.ttl
		return nil
	case m.unsaidTTL != nil:
		rec.TTL = m.unsaidTTL(m.owner, typ)
		return nil
	case m.lastSet:
		rec.TTL = m.last
	case typ == typeSOA:
		rec.TTL = validTTL(soaMinimum(m.rdata.data))
	default:
		return errors.New("has no TTL: put $TTL 3600 at the top of the file")
	}
	m.last, m.lastSet = rec.TTL, true
	return nil
}
