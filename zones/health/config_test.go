package health

import "testing"

func TestThePageIsOfTheFirstSiteUnlessItHasAHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		page, host string
		secure     bool
		want       *Page
	}{
		{OwnPage, "example.org", true, &Page{Host: "example.org", Path: OwnPage, Secure: true, Own: true, Status: 200}},
		{OwnPage, "example.org", false, &Page{Host: "example.org", Path: OwnPage, Own: true, Status: 200}},
		{OwnPage, "", false, nil},
		{"/up?x=1", "example.org", true, &Page{Host: "example.org", Path: "/up?x=1", Secure: true, Status: 200}},
		{"http://www.example.org:8080/up", "example.org", true, &Page{Host: "www.example.org", Port: 8080, Path: "/up", Status: 200}},
		{"https://www.example.org", "", false, &Page{Host: "www.example.org", Path: "/", Secure: true, Status: 200}},
		{"https://www.example.org" + OwnPage, "", false, &Page{Host: "www.example.org", Path: OwnPage, Secure: true, Own: true, Status: 200}},
	} {
		c := Default()
		c.Page = test.page
		got := c.PageOf(test.host, test.secure)
		if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
			t.Errorf("%s, %s: got %+v, want %+v", test.page, test.host, got, test.want)
		}
	}
}
