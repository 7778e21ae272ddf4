package protocol

import (
	"os"
	"testing"

	"tinycdn/tests/testkit"
)

// TestGoldenMap compares the map of the demo in characters, as wide as a terminal of old and as a screen of today.
func TestGoldenMap(t *testing.T) {
	t.Parallel()
	text := ""
	for _, columns := range []string{"80", "132"} {
		cmd := testkit.Command("map", "--config", testkit.InRepository("cmd/tinycdn/example/tinycdn.toml"))
		cmd.Env = append(os.Environ(), "COLUMNS="+columns)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		text += "=== " + columns + " columns\n" + string(out) + "\n"
	}
	wantGolden(t, "map.txt", text)
}
