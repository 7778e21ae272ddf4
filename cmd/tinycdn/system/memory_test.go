package system

import (
	"testing"
	"testing/fstest"
)

func TestMemoryIsThatOfTheMachineOrOfAControlGroup(t *testing.T) {
	t.Parallel()
	const gib = 1 << 30
	for _, test := range []struct {
		about string
		files map[string]string
		want  int64
	}{
		{"nothing is known", nil, 0},
		{"a machine", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, 8 * gib},
		{"a container", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1073741824\n"}, gib},
		{"a unit", map[string]string{
			"proc/self/cgroup": "0::/system.slice/tinycdn.service\n", "sys/fs/cgroup/system.slice/memory.max": "max\n",
			"sys/fs/cgroup/system.slice/tinycdn.service/memory.max": "2147483648\n",
		}, 2 * gib},
		{"a slice around it", map[string]string{
			"proc/self/cgroup": "0::/a.slice/b.service\n", "sys/fs/cgroup/a.slice/memory.high": "1073741824\n",
			"sys/fs/cgroup/a.slice/b.service/memory.max": "max\n",
		}, gib},
		{"version 1", map[string]string{
			"proc/self/cgroup": "12:pids:/x\n5:memory:/x/y\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "1073741824\n",
			"sys/fs/cgroup/memory/x/y/memory.limit_in_bytes": "9223372036854771712\n",
		}, gib},
		{"version 1, in a container", map[string]string{
			"proc/self/cgroup": "5:memory:/docker/0123\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
		}, gib},
	} {
		root := fstest.MapFS{}
		if test.files != nil {
			root["proc/meminfo"] = &fstest.MapFile{Data: []byte("MemTotal:        8388608 kB\nMemFree: 1 kB\n")}
		}
		for name, text := range test.files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := machineMemory(root); got != test.want {
			t.Errorf("%s: got %d, want %d", test.about, got, test.want)
		}
	}
}
