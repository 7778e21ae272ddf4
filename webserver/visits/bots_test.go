package visits

import "testing"

func TestWhoIsABot(t *testing.T) {
	t.Parallel()
	for agent, bot := range map[string]bool{
		firefox: false,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           false,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1": false,
		"Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36":                 false,
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36":     false,
		"Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18":                                                                        false,
		"Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.8.9":                                                                                     false,
		"w3m/0.5.3+git20230121": false,
		"":                      true,
		"curl/8.14.1":           true,
		"Go-http-client/2.0":    true,
		"python-requests/2.32":  true,
		"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)":                                                                                       true,
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)":                                                        true,
		"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36 (compatible; Google-InspectionTool/1.0)": true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36":                                                 true,
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; Reader-User/1.0; +Reader-User@example.com":                                                     true,
		"Mozilla/5.0 (compatible; Uptime-Kuma/1.23)":                                                                                                                    true,
		"facebookexternalhit/1.1": true,
		"WhatsApp/2.23.20.0":      true,
		"Feedly/1.0":              true,
		"Mozilla":                 true,
	} {
		if got := isBot([]byte(agent)); got != bot {
			t.Errorf("%s: got %v, want %v", agent, got, bot)
		}
	}
}
