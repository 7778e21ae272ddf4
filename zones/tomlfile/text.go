package tomlfile

import (
	"encoding"
	"net/netip"
	"reflect"
	"strconv"
	"time"
)

func (a *assigner) assignDuration(n *Node, v reflect.Value) {
	duration, err := time.ParseDuration(n.Text())
	if err != nil {
		a.wrong(n, `want a time like "30s" or "5m"`)
		return
	}
	v.SetInt(int64(duration))
}

// assignNetwork takes networks, and single addresses as well.
func (a *assigner) assignNetwork(n *Node, v reflect.Value) {
	network, err := netip.ParsePrefix(n.Text())
	if address, aerr := netip.ParseAddr(n.Text()); aerr == nil {
		network, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	if err != nil {
		a.wrong(n, `%q is neither an address nor a network, such as "10.0.0.0/8"`, n.Text())
		return
	}
	v.Set(reflect.ValueOf(network.Masked()))
}

func (a *assigner) assignText(n *Node, v encoding.TextUnmarshaler) {
	var text string
	switch value := n.Value.(type) {
	case string:
		text = value
	case int64:
		text = strconv.FormatInt(value, 10)
	default:
		a.wrong(n, "want a string, not %s", n.Kind())
		return
	}
	if err := v.UnmarshalText([]byte(text)); err != nil {
		a.wrong(n, "%v", err)
	}
}
