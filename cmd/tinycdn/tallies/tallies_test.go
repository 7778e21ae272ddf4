package tallies

import (
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
  /?[2J                              1       1
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

warning: fra could not count 7 views: there were too many at a time
countries: by DB-IP
`},
		{How{CSV: true, Site: "www.example.org"}, `
day,site,by,name,views,visitors
2026-11-27,www.example.org,all,,10,4
2026-11-27,www.example.org,page,/,8,4
2026-11-27,www.example.org,page,/` + "\x1b" + `[2J,1,1
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
