package visits

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// readSalts goes on with those of before a restart: a visitor who comes again is still the same.
func (c *Counter) readSalts() {
	text, err := c.folder.read(saltsName)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil && len(text) <= mostSalt {
		c.salts, err = parseSalts(text)
	}
	if err != nil {
		c.Log.Warn("the key of today's hashes cannot be read", "file", c.folder.path(saltsName), "error", err, "effect", "there is a new one, and visitors of before count once more")
	}
}

// renew makes the salts that are due, and forgets the others. The lock is held, as it is for keepSalts.
func (c *Counter) renew(now time.Time) {
	if c.salts != nil && c.salts.renew(now) {
		c.keepSalts()
	}
}

func (c *Counter) keepSalts() {
	text, err := json.Marshal(c.salts)
	if err == nil {
		err = c.folder.write(saltsName, text, 0o600)
	}
	c.tell(err)
}

// Salts are the keys of today's and tomorrow's hashes, for other POPs and for nobody else.
func (c *Counter) Salts() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.salts == nil {
		return nil
	}
	c.renew(time.Now())
	text, err := json.Marshal(c.salts)
	if err != nil {
		panic("visits: " + err.Error()) // there is nothing in it that cannot be written
	}
	return text
}

// TakeSalts takes those of another POP if they were made before ours.
func (c *Counter) TakeSalts(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if len(text) > mostSalt {
		return fmt.Errorf("salts of %d octets", len(text))
	}
	theirs, err := parseSalts(text)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.salts != nil && c.salts.take(theirs, time.Now()) {
		c.keepSalts()
	}
	return nil
}

// Have are the numbers of the days that are on the disk, by name. With each change of a day its number rises. What was counted by now is
// written down before.
func (c *Counter) Have() map[string]uint64 {
	all, now := map[string]uint64{}, time.Now()
	c.count(now)
	c.flush(now)
	c.mu.Lock()
	first := dateOf(now.AddDate(0, 0, 1-c.config.Days))
	c.mu.Unlock()
	for _, h := range c.folder.heads() {
		if h.Day >= first {
			all[h.name()] = h.Number
		}
	}
	return all
}

// Wants says whether a day of another POP that has that number is newer than what is here, and to be kept.
func (c *Counter) Wants(name string, number uint64, have map[string]uint64) bool {
	h, ok := nameOf(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if !ok || h.Day < dateOf(now.AddDate(0, 0, 1-c.config.Days)) || h.Day > dateOf(now.Add(24*time.Hour)) {
		return false
	}
	if name == c.own() {
		return c.today != nil && !c.mended && number > c.today.Number
	}
	return number > have[name]
}

// File is a day as it is on the disk.
func (c *Counter) File(name string) ([]byte, error) {
	if _, ok := nameOf(name); !ok {
		return nil, fmt.Errorf("%.80q is no file of statistics", name)
	}
	return c.folder.read(name)
}

// Take keeps a day that another POP has sent. What it has of this POP's today was counted before the disk here was lost, and is added.
func (c *Counter) Take(name string, text []byte) error {
	h, d, err := parse(text)
	if err == nil && h.name() != name {
		err = fmt.Errorf("is of %s", h.name())
	}
	if err != nil {
		return fmt.Errorf("the statistics %.80q of another POP: %w", name, err)
	}
	if !c.Wants(name, h.Number, c.Have()) {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if name == c.own() {
		c.today.merge(d)
		c.mended = true
		return nil
	}
	err = c.folder.write(name, text, 0o640)
	c.tell(err)
	return err
}
