package steer

// Audience is how many come from each country: what databases and statistics both know of those who come. Within its country, each counts as
// likely to be at one address as at another.
type Audience struct {
	What      string             // "visitors", "views" or "queries"
	Countries map[string]float64 // how many, by the country's code
}

// MovedAudience is what moves of an audience, as far as it is from countries of which a database knows addresses.
type MovedAudience struct {
	What      string  `json:"what"`
	Share     float64 `json:"share"`
	Flows     []Flow  `json:"flows"`
	Countries []Part  `json:"countries"`
}

// nation is what has been counted of a country.
type nation struct {
	sum
	flows map[pair]float64
}

// nation is that of a country.
func (d *differ) nation(code string) *nation {
	n := d.countries[code]
	if n == nil {
		n = &nation{flows: map[pair]float64{}}
		d.countries[code] = n
	}
	return n
}

// audience weighs what moves of each country by how many come from there; nil if nobody does.
func (d *differ) audience(a Audience) *MovedAudience {
	whole, flows, countries := sum{}, map[pair]float64{}, map[string]*sum{}
	for code, n := range d.countries {
		if a.Countries[code] <= 0 || n.all <= 0 {
			continue
		}
		each := a.Countries[code] / n.all
		countries[code] = &sum{each * n.moved, each * n.all}
		whole.moved, whole.all = whole.moved+each*n.moved, whole.all+each*n.all
		for way, weight := range n.flows {
			flows[way] += each * weight
		}
	}
	if whole.all == 0 {
		return nil
	}
	return &MovedAudience{
		What: a.What, Share: of(whole.moved, whole.all), Flows: flowsOf(flows, whole.all), Countries: partsOf(countries, whole.all, func(code string) string { return code }),
	}
}
