package geoip

import (
	"fmt"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"

	"tinycdn/geoip/mapped"
)

// Identity is what the databases of c say of themselves, without a look at what they know. With the looks of their files it tells whether
// they are still those that tables were made of.
func (c Config) Identity() (text string, err error) {
	if len(c.Databases) == 0 {
		return "built-in", nil // which is part of the program
	}
	var all strings.Builder
	for _, path := range c.Databases {
		if err := identify(&all, path); err != nil {
			return "", err
		}
	}
	return all.String(), nil
}

func identify(to *strings.Builder, path string) (err error) {
	file, err := mapped.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	defer mapped.PanicOnFault()()
	defer func() {
		if recovered := recover(); recovered != nil {
			if !file.Faulted(recovered) {
				panic(recovered)
			}
			err = mapped.ErrChanged
		}
	}()
	reader, err := maxminddb.OpenBytes(file.Data)
	if err == nil {
		fmt.Fprintf(to, "%+v\n", reader.Metadata)
	}
	return err
}
