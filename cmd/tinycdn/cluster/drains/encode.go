package drains

import (
	"encoding/json"
	"time"
)

// written is a Drain in few octets, since those of thirty POPs have to have room in a row.
type written struct {
	POP     string `json:"pop"`
	Number  uint64 `json:"n"`
	Drained bool   `json:"on,omitempty"`
	For     int64  `json:"for,omitempty"`  // seconds
	Left    int64  `json:"left,omitempty"` // seconds: one at least until it has run out
	By      string `json:"by"`
}

// MarshalJSON writes it for other POPs.
func (d Drain) MarshalJSON() ([]byte, error) {
	return json.Marshal(written{d.POP, d.Number, d.Drained, int64(d.For / time.Second), int64((d.Left + time.Second - 1) / time.Second), d.By})
}

// UnmarshalJSON reads what MarshalJSON wrote. What is longer than anybody may say becomes longer than that.
func (d *Drain) UnmarshalJSON(text []byte) error {
	var w written
	if err := json.Unmarshal(text, &w); err != nil {
		return err
	}
	span := func(seconds int64) time.Duration {
		const most = int64(2 * Longest / time.Second)
		return time.Duration(min(max(seconds, -1), most)) * time.Second
	}
	*d = Drain{w.POP, w.Number, w.Drained, span(w.For), span(w.Left), w.By}
	return nil
}
