package main

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"tinycdn/geoip"
)

// version is this release's.
const version = "0.1.0"

// printVersion says what this binary is, and whose data it carries.
func printVersion(w io.Writer) error {
	dbs, err := geoip.BuiltIn()
	if err != nil {
		return err
	}
	defer dbs.Close()
	fmt.Fprintf(w, "tinycdn %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, info := range dbs.Info() {
		fmt.Fprintf(w, "built-in table: %s of %s\n%s\n", info.Type, dateOf(&info), info.Attribution)
	}
	return nil
}

// dateOf is the day that a database's data is of.
func dateOf(info *geoip.Info) string { return info.Built.Format(time.DateOnly) }
