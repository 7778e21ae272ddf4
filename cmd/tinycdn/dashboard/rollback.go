package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"time"
)

// GenerationsPath is where a POP is asked which generations there were.
const GenerationsPath = Prefix + "generations"

// rollBackPath is where a gate is told to bring one back. No POP answers there: none has a publisher's key.
const rollBackPath = Prefix + "rollback"

// Past is a generation that was published, as a POP remembers it.
type Past struct {
	Number  uint64    `json:"number"`
	At      time.Time `json:"at"` // by its publisher's clock
	By      string    `json:"by"`
	Note    string    `json:"note"`
	Files   int       `json:"files"`
	Changed []string  `json:"changed"` // the first of the files that it changed: "~ tinycdn.toml"; null: that is not known any more
	More    int       `json:"more"`    // how many others it changed
	Live    bool      `json:"live"`    // it is to be served where no canary is
	LiveAt  []string  `json:"live_at"`
	Canary  []string  `json:"canary"` // the POPs at which alone it is to be live
}

// TellGenerations tells of the last generations, the newest first.
func (d *Dashboard) TellGenerations(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(line(append([]Past{}, d.host.Generations()...)))
}

// Order is what somebody wants who looks at generations.
type Order struct {
	To   uint64 `json:"to"`   // whose files shall be served again; what is live: the canary shall be taken back
	Live uint64 `json:"live"` // what is live as it was shown: if another is, it must be looked at again
	Dry  bool   `json:"dry"`  // only say what would change
	Yes  bool   `json:"yes"`  // also if much would be gone
}

// RollBack does what is ordered, until ctx ends, and says in lines how it goes; last the status that tinycdn rollback would end with.
type RollBack func(ctx context.Context, o Order, w io.Writer) (status int, err error)

// mostOrder is more than an order takes.
const mostOrder = 1 << 10

// takeOrder reads an order, does it, and tells of it in lines of JSON. It is done by the command, and not by the request: whoever closes
// the page ends nothing that has begun.
func (g *Gate) takeOrder(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST changes anything", http.StatusMethodNotAllowed)
		return
	case kind != "application/json": // a form of a page from elsewhere could not say that
		http.Error(w, "want application/json", http.StatusUnsupportedMediaType)
		return
	}
	var o Order
	text := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostOrder))
	text.DisallowUnknownFields()
	if err := text.Decode(&o); err != nil || o.To == 0 || o.Live == 0 {
		http.Error(w, "want the number of a generation, and of the one that is live", http.StatusBadRequest)
		return
	}
	if !g.rolling.TryLock() {
		http.Error(w, "another rollback is under way, or the terminal asks for a passphrase", http.StatusConflict)
		return
	}
	defer g.rolling.Unlock()
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	told := &teller{w: w}
	status, err := g.RollBack(ctx, o, told)
	end := map[string]any{"status": status}
	if err != nil {
		end["error"] = err.Error()
	}
	told.tell(end)
}

// teller tells a page line by line what is written. That nobody listens any more is no error.
type teller struct {
	w    http.ResponseWriter
	rest []byte
}

func (t *teller) Write(text []byte) (int, error) {
	t.rest = append(t.rest, text...)
	for {
		one, rest, whole := bytes.Cut(t.rest, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		t.rest = rest
		t.tell(map[string]any{"say": string(one)})
	}
}

func (t *teller) tell(what map[string]any) {
	t.w.Write(line(what))
	http.NewResponseController(t.w).Flush()
}
