package pop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/state"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geoip"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// keptTables is a file in the state folder with the tables of all maps, so that a start need not make them again. A nil one keeps nothing.
type keptTables struct {
	path string
	log  *slog.Logger
	next chan *mapSet // to be kept

	lock sync.Mutex
	told string            // what was last wrong
	is   [sha256.Size]byte // the key of what lies there
}

// tablesMagic begins the file, with the number of its form.
const tablesMagic = "tinycdn tables 1\n"

// mostTables is far more than the tables of all maps that fit in a small machine.
const mostTables = 512 << 20

func newKeptTables(path string, log *slog.Logger) *keptTables {
	if path == "" {
		return nil
	}
	return &keptTables{path: path, log: log, next: make(chan *mapSet, 1)}
}

// keyOf is a hash of all that the tables of a configuration are made by: this program, the databases, the POPs and the rules. ok says
// whether they may be kept.
func keyOf(c *config.Config, files diag.Files) (key [sha256.Size]byte, ok bool) {
	identity, err := c.GeoIP.Identity()
	if err != nil {
		return key, false
	}
	all := sha256.New()
	fmt.Fprintf(all, "%s\n%s\n", system.Maker(), identity)
	for _, path := range c.GeoIP.Databases {
		if files[path] == nil {
			return key, false
		}
		fmt.Fprintln(all, diag.Mark(files[path]))
	}
	if err := json.NewEncoder(all).Encode([]any{c.POPs, c.Maps}); err != nil {
		return key, false
	}
	return [sha256.Size]byte(all.Sum(nil)), true
}

// make makes the maps of a configuration with these databases, or finds them on disk. Before are maps of the same databases; nil: there are none.
func (t *keptTables) make(c *config.Config, files diag.Files, before *mapSet) (*mapSet, error) {
	key, ok := [sha256.Size]byte{}, false
	if t != nil {
		key, ok = keyOf(c, files)
	}
	if ok {
		set, err := t.read(c, key)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.tell(err, "the tables that were kept are of no use", "they are made again: a start takes longer")
		}
		if set != nil {
			set.of = files
			return set, nil
		}
	}
	set, err := compile(c, before)
	if err != nil {
		return nil, err
	}
	if set.of = files; ok {
		set.key, set.files = key, files
	} else {
		set.packed = nil
	}
	return set, nil
}

// tell tells once what a person can do something about.
func (t *keptTables) tell(err error, what, effect string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if text := what + err.Error(); t.told != text {
		t.told = text
		t.log.Warn(fmt.Sprintf("%s: %s: %v", what, t.path, err), "effect", effect)
	}
}

// offer has the tables of a generation kept, if they are not yet.
func (t *keptTables) offer(g *Generation) {
	if t == nil || g.maps.Value == nil || g.maps.Value.files == nil {
		return
	}
	select {
	case <-t.next:
	default:
	}
	t.next <- g.maps.Value
}

// run keeps what is offered until ctx ends.
func (t *keptTables) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case set := <-t.next:
			if t.keep(set) {
				system.FreeMemory() // of what was written, and of what the start left behind
			}
		}
	}
}

// keep says whether anything was to be written.
func (t *keptTables) keep(set *mapSet) bool {
	if set.packed == nil || t.lies(set.key) || !set.files.Unchanged() { // else it is not certain of which files they were made
		return false
	}
	data, err := set.encode()
	if err == nil {
		err = state.WriteOwn(t.path, data)
	}
	if err != nil {
		t.tell(err, "the tables of the maps cannot be kept", "the next start makes them again, and takes longer")
		return true
	}
	t.lock.Lock()
	t.is, t.told = set.key, ""
	t.lock.Unlock()
	return true
}

func (t *keptTables) lies(key [sha256.Size]byte) bool {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.is == key
}

var errTorn = errors.New("it is damaged")

// read reads the file, if it has the tables of that key; nil: it has not.
func (t *keptTables) read(c *config.Config, key [sha256.Size]byte) (*mapSet, error) {
	data, err := state.ReadOwn(t.path, mostTables)
	if err != nil {
		return nil, err
	}
	rest, is := bytes.CutPrefix(data, []byte(tablesMagic))
	if !is || len(rest) < 2*sha256.Size {
		return nil, errTorn
	}
	end := len(data) - sha256.Size
	if sha256.Sum256(data[:end]) != [sha256.Size]byte(data[end:]) {
		return nil, errTorn
	}
	if !bytes.HasPrefix(rest, key[:]) { // of other maps, databases or programs
		return nil, nil
	}
	set, err := decodeTables(c, rest[len(key):len(rest)-sha256.Size])
	if err != nil {
		return nil, err
	}
	t.lock.Lock()
	t.is = key
	t.lock.Unlock()
	return set, nil
}

// encode is what the file holds: key, databases, tables, and a hash of all.
func (s *mapSet) encode() ([]byte, error) {
	databases, err := json.Marshal(s.databases)
	if err != nil {
		return nil, err
	}
	b := append([]byte(tablesMagic), s.key[:]...)
	b = append(binary.AppendUvarint(b, uint64(len(databases))), databases...)
	b = s.packed.AppendTo(b)
	for _, m := range s.maps {
		b = m.AppendTo(b)
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...), nil
}

// decodeTables reads what stands between key and hash.
func decodeTables(c *config.Config, b []byte) (*mapSet, error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, errTorn
	}
	set := &mapSet{}
	err := json.Unmarshal(b[size:][:n], &set.databases)
	if err != nil {
		return nil, err
	}
	var packed *geoip.Packed
	if packed, b, err = geoip.ReadPacked(b[size+int(n):], geoip.MostCountries); err != nil {
		return nil, err
	}
	set.countries, set.packed = geoip.NewCountryTable(packed), packed
	if set.maps, b, err = steer.Restore(c.POPs, c.Maps, b); err != nil {
		return nil, err
	}
	if len(b) > 0 {
		return nil, errTorn
	}
	return set, nil
}
