package pop

import (
	"encoding/json"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
)

// handed is what one process hands over to those after it in a restart of what other POPs have to prove: these tell nobody twice, and
// an authority may ask at any moment.
type handed struct {
	Proofs map[string]toldProofs `json:"proofs"` // by POP
	Others bool                  `json:"others"` // another POP orders just now
}

type toldProofs struct {
	Number uint64          `json:"number"`
	List   []cluster.Proof `json:"list"`
}

// mostHanded octets leave room for all else in the pipe, which holds 64 KB.
const mostHanded = 48 << 10

// handOverProofs is what the processes after this one must know of what others have to prove.
func (p *POP) handOverProofs() []byte {
	if p.member == nil {
		return nil
	}
	text, err := json.Marshal(handed{p.ordering.proofs.told(), p.othersOrder()})
	if err != nil || len(text) > mostHanded*3/4 { // it is in base64 there
		return nil
	}
	return text
}

// told is what other POPs have to prove by now.
func (p *proofs) told() map[string]toldProofs {
	p.lock.Lock()
	defer p.lock.Unlock()
	all := map[string]toldProofs{}
	for by, others := range p.of {
		all[by] = toldProofs{others.number, others.list}
	}
	return all
}

// takeOverProofs shows what the process before has shown for other POPs, once there are the zones for it.
func (p *POP) takeOverProofs() {
	var h handed
	if p.restarts.by == nil || json.Unmarshal(p.restarts.by.Shown, &h) != nil {
		return
	}
	for by, told := range h.Proofs {
		p.ordering.proofs.showFitting(by, told.Number, told.List) // as that one found; where a zone is gone it is nowhere
	}
	if h.Others {
		p.ordering.handedOver = time.Now().Add(proofTime)
	}
}
