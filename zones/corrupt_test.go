package zones

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// Whatever octet of a compiled zone is wrong, Verify finds a wrong answer.
func TestVerifyFindsEveryWrongOctet(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "example.org.zone")
	if err := os.WriteFile(path, []byte(`$TTL 3600
@ SOA ns1 hostmaster 7 7200 1800 259200 300
@ NS ns1
ns1 A 198.51.100.1
ns1 A 198.51.100.2
@ MX 10 mail
mail AAAA 2001:db8::1
*.wild TXT "star"
alias CNAME mail
deep.er A 198.51.100.7
dn DNAME example.net.
sub NS ns.sub
sub DS 12345 8 2 e2d3c916f6deeac73294e8268fb5885044a833fc5459588f4a9184cfc41a5766
ns.sub A 198.51.100.8
_sip._udp SRV 0 5 5060 mail
`), 0o600); err != nil {
		t.Fatal(err)
	}
	l := Load(path, "", nil)
	if l.Value == nil {
		t.Fatal(l.Problems)
	}
	s := NewStore().Current()
	if problems := s.Verify(l.Value, path, "", l.Files); len(problems) > 0 {
		t.Fatal(problems)
	}
	sound := *l.Value
	for _, i := range octetsOf(&sound.image) {
		for _, bit := range []byte{1, 0x80} {
			wrong := sound
			wrong.image.octets = bytes.Clone(sound.image.octets)
			wrong.image.octets[i] ^= bit
			l.Value = &wrong
			if len(s.Verify(l.Value, path, "", l.Files)) == 0 {
				t.Errorf("octet %d of %d, bit %#x: not found", i, len(sound.image.octets), bit)
			}
		}
	}
	for i := range sound.denial.body {
		wrong := sound
		wrong.denial.body = bytes.Clone(sound.denial.body)
		wrong.denial.body[i] ^= 1
		l.Value = &wrong
		if len(s.Verify(l.Value, path, "", l.Files)) == 0 {
			t.Errorf("octet %d of the denial: not found", i)
		}
	}
	for i, entry := range sound.image.slots {
		wrong := sound
		wrong.image.slots = append([]slot{}, sound.image.slots...)
		wrong.image.slots[i].at, wrong.image.slots[i].tag = 0, 0
		l.Value = &wrong
		if entry.at != 0 && len(s.Verify(l.Value, path, "", l.Files)) == 0 {
			t.Errorf("slot %d is lost: not found", i)
		}
	}
	l.Value = &sound
	if got := s.Verify(l.Value, path, "", l.Files); len(got) > 0 {
		t.Error(got)
	}
}

// octetsOf lists where the names of an image stand, and the bodies of its answers with their sizes and numbers of records.
// The rest are flags not in use, and relocations, which matter to those who come by a CNAME of another zone.
func octetsOf(m *image) (list []int) {
	add := func(from, to int) {
		for i := from; i < to; i++ {
			list = append(list, i)
		}
	}
	for _, entry := range m.slots {
		if entry.at == 0 {
			continue
		}
		n := m.node(entry.at)
		add(int(entry.at)+nodeHeader, int(entry.at)+nodeHeader+int(m.octets[entry.at]))
		at := int(n.extra)
		for range n.answers {
			size, relocations := int(binary.LittleEndian.Uint16(m.octets[at+2:])), int(binary.LittleEndian.Uint16(m.octets[at+4:]))
			add(at, at+4)
			add(at+6, at+answerHeader+size)
			at += answerHeader + size + 2*relocations
		}
	}
	return list
}
