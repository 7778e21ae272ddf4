package system

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// gcPercent is what the collector is set to.
func gcPercent() int {
	is := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(is)
	return int(is[0].Value.Uint64())
}

// TestALargeHeapIsCollectedEarlyWhileItIsLoaded: a small one is not.
func TestALargeHeapIsCollectedEarlyWhileItIsLoaded(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	TuneForLoading()
	for range 3 {
		runtime.GC()
	}
	if got := gcPercent(); got != 100 {
		t.Errorf("with little to hold: %d, want 100", got)
	}
	large := make([]byte, 2*smallHeap)
	for gcPercent() != 25 {
		runtime.GC() // and then finalizers run, some time
	}
	runtime.KeepAlive(large)

	TuneForLoading()
	TuneForServing(true)
	large = make([]byte, 2*smallHeap)
	for range 3 {
		runtime.GC()
	}
	if got := gcPercent(); got != 100 {
		t.Errorf("with pages: %d, want 100", got)
	}
	runtime.KeepAlive(large)
	if TuneForServing(false); gcPercent() != 25 {
		t.Errorf("without pages: %d, want 25", gcPercent())
	}
}
