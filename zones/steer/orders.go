package steer

// orders gives each distinct order of POPs a number.
type orders struct {
	list  [][]uint8
	known map[string]uint16
	heads map[string]uint16 // when there is no more room: for each beginning of a known order, the first that has it
}

// The most orders there are, but for one more for each POP: the table's values end at geoip.MaxValue.
const maxOrders = 65_000

func newOrders() *orders {
	return &orders{known: make(map[string]uint16)}
}

// id gives the number of an order. With hundreds of POPs there may be more orders than numbers. Then the
// known order that agrees the longest stands in for a new one: its first POP is right, and those after it near.
func (o *orders) id(order []uint8) uint16 {
	if id, ok := o.known[string(order)]; ok {
		return id
	}
	if len(o.list) < maxOrders {
		return o.add(order)
	}
	if o.heads == nil {
		o.heads = make(map[string]uint16)
		for id, known := range o.list {
			o.addHeads(known, uint16(id))
		}
	}
	for n := len(order) - 1; n > 0; n-- {
		if id, ok := o.heads[string(order[:n])]; ok {
			return id
		}
	}
	id := o.add(order)
	o.addHeads(order, id)
	return id
}

func (o *orders) add(order []uint8) uint16 {
	id := uint16(len(o.list))
	o.list = append(o.list, append([]uint8(nil), order...))
	o.known[string(order)] = id
	return id
}

func (o *orders) addHeads(order []uint8, id uint16) {
	for n := 1; n < len(order); n++ {
		if _, ok := o.heads[string(order[:n])]; !ok {
			o.heads[string(order[:n])] = id
		}
	}
}
