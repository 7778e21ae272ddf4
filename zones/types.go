package zones

// Types that answers or the rules between records depend on (IANA, DNS Resource Record Types).
const (
	typeA          = 1
	typeNS         = 2
	typeMD         = 3
	typeMF         = 4
	typeCNAME      = 5
	typeSOA        = 6
	typeMB         = 7
	typeMG         = 8
	typeMR         = 9
	typePTR        = 12
	typeMINFO      = 14
	typeMX         = 15
	typeTXT        = 16
	typeRP         = 17
	typeAFSDB      = 18
	typeRT         = 21
	typeNSAPPTR    = 23
	typeKEY        = 25
	typePX         = 26
	typeAAAA       = 28
	typeSRV        = 33
	typeNAPTR      = 35
	typeKX         = 36
	typeDNAME      = 39
	typeDS         = 43
	typeRRSIG      = 46
	typeNSEC       = 47
	typeDNSKEY     = 48
	typeNSEC3      = 50
	typeNSEC3PARAM = 51
	typeTALINK     = 58
	typeSVCB       = 64
	typeHTTPS      = 65
	typeLP         = 107
	typeANY        = 255
)
