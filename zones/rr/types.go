package rr

// Types that answers or the rules between records depend on (IANA, DNS Resource Record Types).
const (
	TypeA          = 1
	TypeNS         = 2
	TypeMD         = 3
	TypeMF         = 4
	TypeCNAME      = 5
	TypeSOA        = 6
	TypeMB         = 7
	TypeMG         = 8
	TypeMR         = 9
	TypePTR        = 12
	TypeHINFO      = 13
	TypeMINFO      = 14
	TypeMX         = 15
	TypeTXT        = 16
	TypeRP         = 17
	TypeAFSDB      = 18
	TypeRT         = 21
	TypeNSAPPTR    = 23
	TypeKEY        = 25
	TypePX         = 26
	TypeAAAA       = 28
	TypeLOC        = 29
	TypeSRV        = 33
	TypeNAPTR      = 35
	TypeKX         = 36
	TypeDNAME      = 39
	TypeAPL        = 42
	TypeDS         = 43
	TypeRRSIG      = 46
	TypeNSEC       = 47
	TypeDNSKEY     = 48
	TypeNSEC3      = 50
	TypeNSEC3PARAM = 51
	TypeCDS        = 59
	TypeCDNSKEY    = 60
	TypeTALINK     = 58
	TypeSVCB       = 64
	TypeHTTPS      = 65
	TypeSPF        = 99
	TypeLP         = 107
	TypeANY        = 255
)
