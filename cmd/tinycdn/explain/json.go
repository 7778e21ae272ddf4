package explain

import (
	"encoding/json"
	"io"
	"net/netip"
	"time"

	"tinycdn/cmd/tinycdn/explain/told"
	"tinycdn/geoip"
	"tinycdn/zones"
)

// deadEnd is what --json prints of a name that leads to no map.
type deadEnd struct {
	Name  string       `json:"name"`
	Steps []zones.Step `json:"steps"`
	Error string       `json:"error"`
}

// printDeadEnd tells the steps to where a name leads to no map, and gives why.
func printDeadEnd(w io.Writer, list []zones.Explanation, asJSON bool, why error) error {
	for _, e := range list {
		if !asJSON {
			told.Steps(w, e.Steps)
		} else if err := encode(w, deadEnd{e.Name, e.Steps, why.Error()}); err != nil {
			return err
		}
	}
	return why
}

// explained is what --json prints.
type explained struct {
	Explanations []zones.Explanation `json:"explanations"`
	Network      netip.Prefix        `json:"network"` // the part of the address space of which the databases know the same
	Databases    []explainedDatabase `json:"databases"`
}

type explainedDatabase struct {
	Path  string    `json:"path"`
	Type  string    `json:"type"`
	Built time.Time `json:"built"`
}

func printJSON(w io.Writer, list []zones.Explanation, network netip.Prefix, infos []geoip.Info) error {
	out := explained{Explanations: list, Network: network}
	for i := range infos {
		out.Databases = append(out.Databases, explainedDatabase{infos[i].Path, infos[i].Type, infos[i].Built})
	}
	return encode(w, out)
}

func encode(w io.Writer, what any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(what)
}
