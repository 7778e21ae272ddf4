package testkit

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// WriteMMDB writes a database in MaxMind's layout. Each line of text is a network and what is known of it, in any order:
//
//	81.2.69.0/24  GB GB-ENG 51.51,-0.13 AS64500 London
//
// It is put in place whole, as rsync does.
func WriteMMDB(path, text string) error {
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test-City", IncludeReservedNetworks: true})
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		_, network, err := net.ParseCIDR(words[0])
		if err != nil {
			return err
		}
		if err := tree.Insert(network, mmdbRecord(words[1:])); err != nil {
			return fmt.Errorf("%s: %w", words[0], err)
		}
	}
	return ReplaceFile(path, func(w io.Writer) error {
		_, err := tree.WriteTo(w)
		return err
	})
}

var (
	countryWord = regexp.MustCompile(`^[A-Z]{2}$`)
	regionWord  = regexp.MustCompile(`^[A-Z]{2}-([A-Z0-9]{1,3})$`)
	asnWord     = regexp.MustCompile(`^AS(\d+)$`)
	pointWord   = regexp.MustCompile(`^(-?[\d.]+),(-?[\d.]+)$`)
)

func mmdbRecord(words []string) mmdbtype.Map {
	record := mmdbtype.Map{}
	for _, word := range words {
		if countryWord.MatchString(word) {
			record["country"] = mmdbtype.Map{"iso_code": mmdbtype.String(word)}
		} else if m := regionWord.FindStringSubmatch(word); m != nil {
			record["subdivisions"] = mmdbtype.Slice{mmdbtype.Map{"iso_code": mmdbtype.String(m[1])}}
		} else if m := asnWord.FindStringSubmatch(word); m != nil {
			asn, _ := strconv.Atoi(m[1])
			record["autonomous_system_number"] = mmdbtype.Uint32(asn)
		} else if m := pointWord.FindStringSubmatch(word); m != nil {
			lat, _ := strconv.ParseFloat(m[1], 64)
			lon, _ := strconv.ParseFloat(m[2], 64)
			record["location"] = mmdbtype.Map{"latitude": mmdbtype.Float64(lat), "longitude": mmdbtype.Float64(lon)}
		} else {
			record["city"] = mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(word)}}
		}
	}
	return record
}

// ReplaceFile puts a file in place as editors and rsync do: written beside it, then renamed.
func ReplaceFile(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // in vain once it is renamed
	err = write(file)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(file.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}
