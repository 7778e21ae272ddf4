package pop

import (
	"encoding/json"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/system"
)

// An authority may ask while a POP restarts: what others have to prove is shown by the stand-in and by the successor.
func TestWhatOthersHaveToProveIsShownThroughARestart(t *testing.T) {
	t.Parallel()
	before, after := nameserverOf(t), nameserverOf(t)
	const www = "_acme-challenge.www.example.org"
	list := []cluster.Proof{{Owner: www, Value: proofOf("x")}, {Owner: "proof.example.org", Value: proofOf("y")}}
	if err := before.show("nyc", 7, list); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(handed{before.told(), true})
	if err != nil {
		t.Fatal(err)
	}
	p := &POP{ordering: ordering{proofs: after}, restarts: restarts{by: &system.Handover{Role: system.StandInRole, Shown: text}}}
	p.takeOverProofs()
	if after.shown(t, www) != proofOf("x") || after.shown(t, "proof.example.org") != proofOf("y") {
		t.Errorf("it shows %q and %q", after.shown(t, www), after.shown(t, "proof.example.org"))
	}
	if !time.Now().Before(p.ordering.handedOver) {
		t.Error("it does not ask the others for tokens")
	}
	if err := after.show("nyc", 7, list); err != nil || after.shown(t, www) != proofOf("x") {
		t.Errorf("it is told once more, as one that was started anew: %v, %q", err, after.shown(t, www))
	}
	if err := after.show("nyc", 8, nil); err != nil || after.shown(t, www) != "" {
		t.Errorf("it is over, and shows %q (%v)", after.shown(t, www), err)
	}
	for _, text := range []string{"", "nonsense", "{}", "null", `{"proofs":{"nyc":{"number":1,"list":[{"owner":"a..b","value":"x"}]}}}`} {
		p := &POP{ordering: ordering{proofs: nameserverOf(t)}, restarts: restarts{by: &system.Handover{Shown: []byte(text)}}}
		p.takeOverProofs()
		if len(p.ordering.proofs.laid) > 0 || !p.ordering.handedOver.IsZero() {
			t.Errorf("%q: something is shown: %v", text, p.ordering.proofs.laid)
		}
		for _, other := range p.ordering.proofs.of {
			other.end.Stop()
		}
	}
	for _, other := range append([]*others{before.of["nyc"]}, after.of["nyc"]) {
		other.end.Stop()
	}
}
