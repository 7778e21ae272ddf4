package content

import (
	"errors"
	"net/http"

	"tinycdn/webserver/content/theme"
	"tinycdn/webserver/files"
	"tinycdn/webserver/page"
)

// statuses are those that a visitor may come to see.
var statuses = []int{400, 403, 404, 405, 410, 414, 416, 421, 429, 431, 500, 502, 503, 504}

// errors makes the pages that say that something is wrong: of the template 404.html for what is not there, of 500.html
// for all else, unless static has such a page. A template that fails is told, and costs no more than the looks of that page.
func (p *planner) errors(static *files.Site) map[int]*page.Page {
	pages := map[int]*page.Page{}
	var reported error
	stopped := map[string]error{} // templates that do not end: once is enough
	for _, status := range statuses {
		if finished := static.Error(status); finished != nil {
			pages[status] = finished
			continue
		}
		name := "500.html"
		if status == http.StatusNotFound || status == http.StatusGone {
			name = "404.html"
		}
		body, err := []byte(nil), stopped[name]
		if err == nil {
			body, err = p.theme.Show(name, &View{
				Site: p.info, Kind: "error", Title: http.StatusText(status), Status: status, StatusText: http.StatusText(status),
			})
		}
		if endless := theme.Endless(""); errors.As(err, &endless) {
			stopped[name] = err
		}
		if err != nil {
			if reported == nil || reported.Error() != err.Error() {
				reported = err
				p.problems = append(p.problems, p.theme.Problem(err))
			}
			pages[status] = page.Plain(status)
			continue
		}
		pages[status] = page.New(page.Response{
			Status: status,
			Header: []page.Field{{Name: "Content-Type", Value: htmlType}, {Name: "Cache-Control", Value: page.ErrorCacheControl(status)}},
			Body:   body,
		})
	}
	return pages
}
