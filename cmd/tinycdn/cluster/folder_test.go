package cluster

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

func TestAFolderRemembersTheNewestLists(t *testing.T) {
	t.Parallel()
	f, key := FolderOf(filepath.Join(t.TempDir(), "tinycdn.toml")), roster.NewKey()
	var lists []*manifest.Signed
	files := []manifest.File{{Path: "tinycdn.toml", Mode: 0o644, Time: time.Unix(1, 0)}}
	for number := range uint64(6) {
		m := manifest.Manifest{Number: number + 1, Config: "tinycdn.toml", By: "owner", Time: time.Now(), Files: files}
		if number > 0 {
			m.Parent = lists[number-1].ID
		}
		list, err := m.Sign(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Remember(list); err != nil {
			t.Fatal(err)
		}
		lists = append(lists, list)
	}
	for i, list := range lists {
		got, err := f.Known(list.ID)
		if kept := i >= len(lists)-remembered; kept != (err == nil) || kept && got.ID != list.ID {
			t.Errorf("generation %d: %v", list.ID.Number, err)
		}
	}
	other := lists[5].ID
	other.Hash[0]++
	if _, err := f.Known(other); err == nil {
		t.Error("another generation of that number is known")
	}
	if err := os.WriteFile(f.Path("lists/6"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Known(lists[5].ID); err == nil {
		t.Error("half a list is known")
	}
}
