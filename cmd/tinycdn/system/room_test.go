package system

import (
	"math"
	"testing"
	"testing/fstest"
)

func TestMemoryThatIsLeft(t *testing.T) {
	t.Parallel()
	meminfo := "MemTotal: 1010556 kB\nMemFree: 4 kB\nMemAvailable: 500000 kB\n"
	for _, test := range []struct {
		what  string
		files map[string]string
		want  int64
	}{
		{"nothing is known", nil, math.MaxInt64},
		{"the machine's", map[string]string{"proc/meminfo": meminfo}, 500000 << 10},
		{"the group's without a limit", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.current": "7\n",
		}, 500000 << 10},
		{"the group's, and what files there give back", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "1:memory:/x\n0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "1000\n",
			"sys/fs/cgroup/a/b/memory.current": "900\n", "sys/fs/cgroup/a/b/memory.stat": "anon 500\ninactive_file 300\n",
		}, 400},
		{"that of a group around it", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.max": "1000\n", "sys/fs/cgroup/a/memory.current": "1100\n",
		}, -100},
	} {
		root := fstest.MapFS{}
		for name, text := range test.files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := memoryLeft(root); got != test.want {
			t.Errorf("%s: got %d, want %d", test.what, got, test.want)
		}
	}
	status := fstest.MapFS{"proc/self/status": {Data: []byte("VmRSS:\t 9 kB\nRssAnon:\t     7 kB\n")}}
	if got := memoryTaken(status); got != 7<<10 {
		t.Errorf("this process takes %d", got)
	}
}
