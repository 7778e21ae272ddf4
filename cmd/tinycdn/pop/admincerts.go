package pop

import (
	"encoding/json"
	"net/http"

	"tinycdn/cmd/tinycdn/admin"
)

// certsHandler is asked by the admin socket about certificates; whatever else is asked there goes on to next.
func (p *POP) certsHandler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := p.orders()
		switch {
		case r.URL.Path != admin.CertsPath:
			next.ServeHTTP(w, r)
			return
		case m == nil || p.served.Load().Config.ACME == nil:
			http.NotFound(w, r)
			return
		case r.Method == http.MethodGet:
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(m.List())
			return
		}
		query := r.URL.Query()
		names := query["name"]
		var err error
		switch query.Get("do") {
		case "renew":
			err = m.Renew(names)
		case "rekey":
			err = m.Rekey(r.Context())
		case "revoke":
			for _, name := range names {
				if err == nil {
					err = m.Revoke(r.Context(), name, query.Get("reason"))
				}
			}
		default:
			http.Error(w, "this POP does not know how to do that", http.StatusBadRequest)
			return
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
		}
	})
}
