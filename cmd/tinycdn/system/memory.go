package system

import (
	"bytes"
	"io/fs"
	"math"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
)

// TuneForLoading keeps the peak low while files are read: what is left over of one is collected before the next comes. As long as that is
// little, it is collected less often: a start from nothing to 16 MB had thirty collections, which took a tenth of its time.
func TuneForLoading() {
	setCollector(100, true)
	watchHeap()
}

// loading says that nothing is served yet. The lock is held while the collector is set, too.
var loading struct {
	sync.Mutex
	now bool
}

func setCollector(percent int, isLoading bool) {
	loading.Lock()
	defer loading.Unlock()
	debug.SetGCPercent(percent)
	loading.now = isLoading
}

// smallHeap is what may as well be there twice.
const smallHeap = 24 << 20

// watchHeap has the collector work harder once what is live is no longer little. It looks when a collection has ended.
func watchHeap() {
	runtime.SetFinalizer(&struct{ _ [16]byte }{}, func(any) { // of an object that nobody holds
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		loading.Lock()
		defer loading.Unlock()
		switch {
		case !loading.now:
		case live[0].Value.Uint64() < smallHeap:
			watchHeap()
		default:
			debug.SetGCPercent(25)
		}
	})
}

// TuneForComparing is for a command that reads all there is, says what it found, and ends: what is left over may lie about as long as there is
// memory, which takes a fifth off its time.
func TuneForComparing() {
	LimitMemory()
	debug.SetGCPercent(400)
}

// TuneForServing sets how the runtime uses the machine from now on.
//
// Answering DNS allocates nothing, so collecting early costs only loading a little. One processor more than there are
// cores lets TCP clients in while a UDP loop is under full load and never gives its own back.
//
// Pages are another matter: a request leaves some 3 KB behind, and collecting at 25 % would take a quarter of the time
// that a page costs. And the processor too many makes the threads change places for each request, which costs a fifth.
// Without it, a page on a machine with one core may wait 10 ms, until the runtime takes the processor from the UDP loop.
func TuneForServing(pages bool) {
	processors := runtime.GOMAXPROCS(0)
	if pages {
		setCollector(100, false)
	} else {
		setCollector(25, false)
		runtime.GOMAXPROCS(processors + 1)
	}
	FreeMemory()
}

// FreeMemory gives the machine back what only the start needed: of the heap, and of the program.
func FreeMemory() {
	debug.FreeOSMemory()
	releaseProgram()
}

// TuneForPages is for the first pages of a process that was tuned for serving without any.
func TuneForPages() {
	debug.SetGCPercent(100)
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) - 1)
}

// LimitMemory makes the collector work harder where memory is short, before the machine kills us. How large a zone may be
// follows from it, too, and how many files a site may have.
func LimitMemory() {
	if limit := Memory(); limit > 0 {
		debug.SetMemoryLimit(limit)
	}
}

// Memory is how many bytes this process should keep to: what GOMEMLIMIT says, or six tenths of the machine's; 0: unknown.
func Memory() int64 {
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return limit
	}
	return machineMemory(os.DirFS("/")) / 10 * 6
}

// machineMemory is how many bytes of memory this machine has, or the control group of this process, or one around it; 0:
// unknown. The root is that of the file system.
func machineMemory(root fs.FS) int64 {
	limit := int64(math.MaxInt64)
	lower := func(file string, read func([]byte) int64) {
		text, err := fs.ReadFile(root, file)
		if n := read(text); err == nil && n > 0 {
			limit = min(limit, n)
		}
	}
	lower("proc/meminfo", totalOf)
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines("0::/\n1:memory:/\n" + string(groups)) { // at least those that a container sees as its root
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 || !path.IsAbs(parts[2]) {
			continue
		}
		for group := path.Clean(parts[2]); ; group = path.Dir(group) {
			switch parts[1] {
			case "": // version 2
				lower(path.Join("sys/fs/cgroup", group, "memory.max"), number)
				lower(path.Join("sys/fs/cgroup", group, "memory.high"), number)
			case "memory":
				lower(path.Join("sys/fs/cgroup/memory", group, "memory.limit_in_bytes"), number)
			}
			if group == "/" {
				break
			}
		}
	}
	if limit == math.MaxInt64 {
		return 0
	}
	return limit
}

// totalOf reads "MemTotal:  1010556 kB", the first line of meminfo.
func totalOf(text []byte) int64 {
	fields := bytes.Fields(text)
	if len(fields) < 2 || string(fields[0]) != "MemTotal:" {
		return 0
	}
	return number(fields[1]) << 10
}

// number is 0 for "max", which is no limit.
func number(text []byte) int64 {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
