package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/publishing"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/cmd/tinycdn/worldmap"
	"tinycdn/zones/diag"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func mapCommand() *cobra.Command {
	var m mapping
	c := &cobra.Command{
		Use:   "map [NAME]",
		Short: "Draw who goes where: the world in the colours of the POPs",
		Long: "Draw the world by POP, as the map NAME, or the only or first one, sends visitors: each place that the databases know is a dot, as\n" +
			"large as there are addresses of IPv4, in the colour of its POP. With -o, it is a picture, SVG or PNG by the file's name; else\n" +
			"characters, as wide as the terminal.\n\n" +
			"With --diff, only what goes elsewhere than by OLD has a colour.\n\n" + versionsText,
		Example: "  tinycdn map\n  tinycdn map -o map.svg\n  tinycdn map site --diff ../before -o moves.png",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := untilSignal()
			defer stop()
			system.TuneForComparing()
			m.name = strings.Join(args, "")
			return m.draw(ctx, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &m.file)
	c.Flags().StringVarP(&m.out, "output", "o", "", "write a picture to `FILE.svg` or FILE.png")
	c.Flags().StringVar(&m.old, "diff", "", "show what moves since `OLD`")
	c.Flags().BoolVar(&m.ipv6, "ipv6", false, "count the /48s of IPv6, and not the addresses of IPv4")
	return c
}

// mapping is what is to be drawn.
type mapping struct {
	file, name, out, old string
	ipv6                 bool
}

func (m *mapping) draw(ctx context.Context, w io.Writer) error {
	kind := strings.ToLower(filepath.Ext(m.out))
	if m.out != "" && kind != ".svg" && kind != ".png" {
		return exit.With(exit.Usage, fmt.Errorf("--output %s: a picture is .svg or .png", m.out))
	}
	picture, err := m.picture(ctx)
	if err != nil {
		return err
	}
	var data bytes.Buffer
	switch kind {
	case "":
		columns, colour := terminalOf(w)
		_, err = io.WriteString(w, picture.Text(columns, colour))
		return err
	case ".svg":
		err = picture.WriteSVG(&data)
	case ".png":
		err = picture.WritePNG(&data)
	}
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(m.out, data.Bytes(), 0o644); err != nil {
		return fmt.Errorf("%s: %s", m.out, diag.Reason(err))
	}
	return nil
}

// terminalOf is how many columns what is written to has, and whether it shows colours (no-color.org).
func terminalOf(w io.Writer) (columns int, colour bool) {
	columns = 80
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		columns = n
	}
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return columns, false
	}
	if n, _, err := term.GetSize(int(file.Fd())); err == nil && n > 0 {
		columns = n
	}
	return columns, os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// picture compiles the map, and the older one if there is one, and makes a picture of them.
func (m *mapping) picture(ctx context.Context) (*worldmap.Picture, error) {
	how := publishing.Comparison{File: m.file, Join: func() (*session.Session, error) { return join(m.file) }}
	is, err := publishing.Steering(ctx, how, "")
	if err != nil {
		return nil, err
	}
	d := compare.Drawing{Map: m.name, Is: is, Since: m.old, IPv6: m.ipv6}
	if m.old != "" {
		if d.Was, err = publishing.Steering(ctx, how, m.old); err != nil {
			return nil, err
		}
	}
	picture, err := d.Picture()
	if errors.Is(err, compare.ErrNoMap) {
		err = exit.With(exit.Usage, err)
	}
	return picture, err
}
