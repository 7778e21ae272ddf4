package upload

import (
	"sync"
	"time"
)

const (
	// leastSpeed is how many octets a second an upload must bring.
	leastSpeed = 500
	// paceTime is over how long it must: somebody on a train may be away for as long.
	paceTime = 30 * time.Second
	// stretch is what each paceTime that we wait for a visitor has to bring.
	stretch = leastSpeed * int(paceTime/time.Second)
)

// pace holds a visitor to the least speed. Only the time that we wait for him counts: the application may take as long as it
// likes with what it has.
type pace struct {
	late func() // called once he is too slow

	mu      sync.Mutex
	waited  time.Duration // by mu: in this stretch
	octets  int           // by mu: that came in it
	since   time.Time     // by mu: when the wait began; zero: nobody waits
	timer   *time.Timer   // by mu; nil: nobody has waited yet
	armed   bool          // by mu: the timer will fire, and not too late
	stopped bool          // by mu
}

// begin tells that we wait from now on.
func (p *pace) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	p.since = time.Now()
	if !p.armed {
		p.arm(paceTime - p.waited)
	}
}

// end tells that so many octets came. The timer is left alone: most waits are short, and another follows.
func (p *pace) end(octets int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.since.IsZero() {
		return
	}
	p.waited += time.Since(p.since)
	p.octets += octets
	p.since = time.Time{}
	p.next()
}

// next begins another stretch if this one brought enough.
func (p *pace) next() {
	if p.waited >= paceTime && p.octets >= stretch {
		p.waited, p.octets = 0, 0
	}
}

func (p *pace) arm(d time.Duration) {
	p.armed = true
	if p.timer == nil {
		p.timer = time.AfterFunc(d, p.look)
	} else {
		p.timer.Reset(d)
	}
}

// look is called when the time of a stretch may be over.
func (p *pace) look() {
	if p.isOver() {
		p.late()
	}
}

func (p *pace) isOver() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = false
	if p.since.IsZero() || p.stopped {
		return false
	}
	now := time.Now()
	p.waited += now.Sub(p.since)
	p.since = now
	p.next()
	if p.waited >= paceTime {
		return true
	}
	p.arm(paceTime - p.waited)
	return false
}

func (p *pace) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped, p.since = true, time.Time{}
	if p.timer != nil {
		p.timer.Stop()
	}
}
