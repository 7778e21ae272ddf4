package admin

import "net/http"

// Routes is who answers what admins ask, by pattern as of http.ServeMux: "GET /.well-known/tinycdn/metrics". A pattern for GET must
// change nothing.
type Routes struct {
	mux   http.ServeMux
	purge http.Handler
}

// Handle has a room answer what fits a pattern.
func (r *Routes) Handle(pattern string, answer http.HandlerFunc) { r.mux.HandleFunc(pattern, answer) }

// HandlePurge has a room answer PURGE: for any host and path, which stay as they are written.
func (r *Routes) HandlePurge(answer http.HandlerFunc) { r.purge = answer }

// ServeHTTP answers a request.
func (r *Routes) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.Method == "PURGE" && r.purge != nil {
		r.purge.ServeHTTP(w, request)
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	r.mux.ServeHTTP(w, request)
}
