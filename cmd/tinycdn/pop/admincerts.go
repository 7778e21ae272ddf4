package pop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/webserver/acme"
)

var errNoACME = errors.New("this POP orders no certificates (its configuration has no [acme])")

// certsManager orders certificates here, if the configuration wants any. Without a POP there is nobody.
func (p *POP) certsManager() (*acme.Manager, error) {
	if p == nil || p.served.Load() == nil || p.served.Load().Config.ACME == nil || p.orders() == nil {
		return nil, errNoACME
	}
	return p.orders(), nil
}

// certsList says how it stands with the certificates that are ordered, as JSON.
func (p *POP) certsList() ([]byte, error) {
	m, err := p.certsManager()
	if err != nil {
		return nil, err
	}
	return json.Marshal(m.List())
}

// doWithCerts does something about certificates that somebody asks for.
func (p *POP) doWithCerts(ctx context.Context, o cluster.CertsOrder, by string) error {
	m, err := p.certsManager()
	if err != nil {
		return err
	}
	switch o.Do {
	case "renew":
		err = m.Renew(o.Names)
	case "rekey":
		err = m.Rekey(ctx)
	case "revoke":
		for _, name := range o.Names {
			if err == nil {
				err = m.Revoke(ctx, name, o.Reason)
			}
		}
	default:
		return errUnknownDo
	}
	if err == nil {
		p.log.Info("certificates are ordered because somebody asks for it", "what", o.Do, "names", fmt.Sprint(o.Names), "by", by)
	}
	return err
}

var errUnknownDo = errors.New("this POP does not know how to do that")

// tellCerts tells admins how it stands with the certificates that are ordered.
func (p *POP) tellCerts(w http.ResponseWriter, r *http.Request) {
	text, err := p.certsList()
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(text, '\n'))
}

// orderCerts does for an admin what he wants with some of them.
func (p *POP) orderCerts(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	o := cluster.CertsOrder{Do: query.Get("do"), Names: query["name"], Reason: query.Get("reason")}
	switch err := p.doWithCerts(r.Context(), o, p.name); {
	case errors.Is(err, errNoACME):
		http.NotFound(w, r)
	case errors.Is(err, errUnknownDo):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case err != nil:
		http.Error(w, err.Error(), http.StatusConflict)
	}
}
