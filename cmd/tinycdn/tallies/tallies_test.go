package tallies

import (
	"fmt"
	"strings"
	"testing"
)

const told = `{"day":"2026-11-27","site":"www.example.org","by":"all","name":"","views":10,"visitors":4}
{"day":"2026-11-27","site":"www.example.org","by":"page","name":"/","views":8,"visitors":4}
{"day":"2026-11-27","site":"www.example.org","by":"page","name":"/\u001b[2J","views":1,"visitors":1}
{"day":"2026-11-27","site":"www.example.org","by":"page","name":"=1+1","views":1,"visitors":1}
{"day":"2026-11-28","site":"www.example.org","by":"all","name":"","views":5,"visitors":2}
{"day":"2026-11-28","site":"www.example.org","by":"page","name":"/","views":5,"visitors":2}
{"day":"2026-11-28","site":"www.example.org","by":"country","name":"DE","views":5,"visitors":2}
{"day":"2026-11-28","site":"www.example.org","by":"private","name":"","views":3,"visitors":0}
{"day":"2026-11-28","site":"b.example","by":"all","name":"","views":1,"visitors":1}
{"day":"2026-11-28","site":"","by":"dropped","name":"fra","views":7,"visitors":0}
{"day":"2026-11-27","site":"","by":"zone","name":"example.org","views":40,"visitors":0}
{"day":"2026-11-28","site":"","by":"zone","name":"example.org","views":2,"visitors":0}
{"day":"2026-11-28","site":"","by":"zone","name":"(no zone here)","views":3,"visitors":0}
{"day":"2026-11-28","site":"","by":"query country","name":"DE","views":32,"visitors":0}
{"day":"2026-11-27","site":"","by":"query name","name":"www.example.org","views":16,"visitors":0}
{"day":"2026-11-28","site":"","by":"query name","name":"www.example.org","views":16,"visitors":0}
{"day":"2026-11-28","site":"","by":"query name","name":"a\u001b[2J.example.org","views":16,"visitors":0}
{"day":"","site":"","by":"source","name":"by DB-IP","views":0,"visitors":0}
`

func TestTablesAreOfAllDays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		how  How
		want string
	}{
		{How{Top: 2}, `
b.example        views   visitors
  2026-11-28     1       1

www.example.org                      views   visitors
  2026-11-27                         10      4
  2026-11-28                         5       2
  together                           15      6
 by page                                     
  /                                  13      6
  / [2J                              1       1
  and 1 more                         1       
 by country                                  
  DE                                 5       2
  of visitors who want no tracking   3       

DNS                     queries
 by zone
  example.org           42
  (no zone here)        3
 by country, by one in 16
  DE                    32
 by name, by one in 16
  www.example.org       32
  a [2J.example.org     16

warning: fra could not count 7 views: there were too many at a time
countries: by DB-IP
`},
		{How{CSV: true, Site: "www.example.org"}, `
day,site,by,name,views,visitors
2026-11-27,www.example.org,all,,10,4
2026-11-27,www.example.org,page,/,8,4
2026-11-27,www.example.org,page,/ [2J,1,1
2026-11-27,www.example.org,page,'=1+1,1,1
2026-11-28,www.example.org,all,,5,2
2026-11-28,www.example.org,page,/,5,2
2026-11-28,www.example.org,country,DE,5,2
2026-11-28,www.example.org,private,,3,0
`},
		{How{JSON: true}, "\n" + told},
	} {
		var got strings.Builder
		if err := test.how.Write(strings.NewReader(told), &got); err != nil {
			t.Error(err)
		}
		want := strings.TrimPrefix(test.want, "\n")
		if fields := strings.Fields; strings.Join(fields(got.String()), " ") != strings.Join(fields(want), " ") {
			t.Errorf("%+v: got\n%s\nwant\n%s", test.how, &got, want)
		}
	}
}

func TestAnswersThatMakeNoSenseAreToldOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"hello\n":                  "makes no sense",
		"{}\n":                     "makes no sense",
		strings.Repeat("x", 1<<20): "only a part",
	} {
		if err := (How{}).Write(strings.NewReader(text), new(strings.Builder)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v", text, err)
		}
	}
	var got strings.Builder
	if err := (How{}).Write(strings.NewReader(""), &got); err != nil || got.String() != "nothing was counted\n" {
		t.Errorf("of nothing: %q, %v", &got, err)
	}
}

func TestWhoCameIsCountedByWhatIsKnownBest(t *testing.T) {
	t.Parallel()
	const queries = `{"day":"2026-11-28","by":"query country","name":"DE","views":32}` + "\n" + `{"day":"2026-11-28","by":"query country","name":"?","views":16}` + "\n"
	const views = `{"day":"2026-11-27","site":"a","by":"country","name":"FR","views":5}` + "\n"
	const visitors = `{"day":"2026-11-26","site":"b","by":"country","name":"FR","views":3,"visitors":2}` + "\n" +
		`{"day":"2026-11-26","site":"b","by":"country","name":"(other)","views":3,"visitors":1}` + "\n"
	for rows, want := range map[string]string{
		queries:                    "{queries 1 48 map[DE:32]} <nil>",
		queries + views:            "{views 2 5 map[FR:5]} <nil>",
		queries + views + visitors: "{visitors 3 3 map[FR:2]} <nil>",
		told:                       "{visitors 1 2 map[DE:2]} <nil>",
		"":                         "{ 0 0 map[]} nobody came that was counted",
		views + "day,site\n":       "{ 0 0 map[]} line 2: want what tinycdn stats --json prints, an object a line",
	} {
		a, err := ReadAudience(strings.NewReader(rows))
		if got := fmt.Sprint(a, err); got != want {
			t.Errorf("of %s got %s, want %s", rows, got, want)
		}
	}
}
