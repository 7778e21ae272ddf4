package acme

import "testing"

func TestTheKeyOfACustomerMayBeInTheEnvironment(t *testing.T) {
	t.Parallel()
	for environment, want := range map[string]int{"": 1, "a key": 0} {
		c, told := Config{EAB: EAB{ID: "1"}}, 0
		c.checkEAB(func([]string, string, ...any) { told++ }, environment)
		if told != want {
			t.Errorf("%q: %d mistakes, want %d", environment, told, want)
		}
	}
}
