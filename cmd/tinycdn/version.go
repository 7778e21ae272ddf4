package main

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geoip"

	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Say which version this is, and whose data it carries",
		Example: "  tinycdn version",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return printVersion(c.OutOrStdout()) },
	}
}

// printVersion says what this binary is, and whose data it carries.
func printVersion(w io.Writer) error {
	dbs, err := geoip.BuiltIn()
	if err != nil {
		return err
	}
	defer dbs.Close()
	fmt.Fprintln(w, versionLine())
	for _, info := range dbs.Info() {
		fmt.Fprintf(w, "built-in table: %s of %s\n%s\n", info.Type, info.Built.Format(time.DateOnly), info.Attribution)
	}
	return nil
}

func versionLine() string {
	return fmt.Sprintf("tinycdn %s (%s, %s/%s)", system.Build(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
