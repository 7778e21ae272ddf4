package pop

// sendAway has visitors sent to other POPs than those that are drained.
func (p *POP) sendAway() {}
