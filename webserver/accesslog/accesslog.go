// Package accesslog writes a line for every request, without keeping anybody waiting.
package accesslog

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
	"tinycdn/zones/diag"
	"tinycdn/zones/linefile"
)

// Config says what is logged where.
type Config struct {
	// where requests are logged; `"-"` is standard output. Left out: no log
	File string `toml:"file"`
	// `"combined"` or `"json"`. Left out: `"combined"`
	Format string `toml:"format"`
	// of visitors: `"truncated"` (to /24 and /48), `"full"` or `"none"`. Left out: `"truncated"`
	Addresses string `toml:"addresses"`
}

// Check reports what is wrong with c, at the keys below it.
func (c *Config) Check(report diag.Report) {
	oneOf := func(key, text string, allowed ...string) {
		if !slices.Contains(allowed, text) {
			report(diag.At(key), "%q is not one of %s%s", text, strings.Join(allowed, ", "), diag.DidYouMean(text, allowed))
		}
	}
	oneOf("format", c.Format, "combined", "json")
	oneOf("addresses", c.Addresses, "truncated", "full", "none")
}

// Log is a file of lines, each of a request.
type Log struct {
	config Config
	file   *linefile.File
	clock  clock // used while a line is added
}

// Open begins a log. The file is appended to.
func Open(c Config, log *slog.Logger) (*Log, error) {
	file, err := linefile.Open(c.File, "access log", log)
	if err != nil {
		return nil, err
	}
	return &Log{config: c, file: file}, nil
}

// Add logs a request. It allocates nothing as long as the disk keeps up.
func (l *Log) Add(q *page.Request, r *reply.Reply) {
	l.file.Add(func(lines []byte) []byte {
		if l.config.Format == "json" {
			return appendJSON(lines, q, r, l.config, &l.clock)
		}
		return appendCombined(lines, q, r, l.config, &l.clock)
	})
}

// Run writes what is added until ctx ends, and then the rest.
func (l *Log) Run(ctx context.Context) { l.file.Run(ctx) }
