package dashboard

import (
	"errors"
	"net/http"
	"strconv"
)

// VisitsPath is where a POP is asked who came.
const VisitsPath = Prefix + "visits"

// Visits are the statistics of some days, of all sites and POPs together, and of the names that the nameserver was asked for.
type Visits struct {
	Off       string    `json:"off"` // why there are none; "": there are
	Days      []Counted `json:"days"`
	Pages     []Counted `json:"pages"` // the first ones
	Countries []Counted `json:"countries"`
	Referrers []Counted `json:"referrers"`
	Names     []Counted `json:"names"`   // that DNS was asked for, estimated; the views are questions
	Sources   []string  `json:"sources"` // of what is known of countries, which want to be named
}

// Counted is how often something was looked at, and by how many visitors, of which each counts once a day and site.
type Counted struct {
	Name     string `json:"name"`
	Views    uint64 `json:"views"`
	Visitors uint64 `json:"visitors"`
}

// mostDays are as many as a page shows: each is read from disk.
const mostDays = 31

// ErrNotCounted is that a POP counts nothing.
var ErrNotCounted = errors.New("nothing is counted: the configuration has no [stats]")

// TellVisits tells who came on the last days.
func (d *Dashboard) TellVisits(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(r.URL.Query().Get("days"))
	if err != nil || days < 1 || days > mostDays {
		http.Error(w, "want 1 to 31 days", http.StatusBadRequest)
		return
	}
	d.counting.Lock()
	v, err := d.host.Visits(days)
	d.counting.Unlock()
	switch {
	case errors.Is(err, ErrNotCounted):
		v = &Visits{Off: err.Error()}
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(line(v))
}
