package zones

// Types that answers or the rules between records depend on (IANA, DNS Resource Record Types).
const (
	typeA          = 1
	typeNS         = 2
	typeCNAME      = 5
	typeSOA        = 6
	typePTR        = 12
	typeMX         = 15
	typeKEY        = 25
	typeAAAA       = 28
	typeSRV        = 33
	typeDNAME      = 39
	typeDS         = 43
	typeRRSIG      = 46
	typeNSEC       = 47
	typeDNSKEY     = 48
	typeNSEC3      = 50
	typeNSEC3PARAM = 51
	typeANY        = 255
)
