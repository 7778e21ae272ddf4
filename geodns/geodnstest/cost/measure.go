package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	sockets = 16
	// patience is how long answers may be under way when the last query has been sent.
	patience = 200 * time.Millisecond
	// warming is what is asked of a server before its turn counts: a share of it.
	warming = 8
)

// measure asks a server for a turn, at times that are Poisson's, as those of many resolvers are.
func measure(s server, queries [][]byte, rate float64, turn time.Duration, seed uint64) (sample, error) {
	var answers atomic.Int64
	var readers sync.WaitGroup
	conns := make([]net.Conn, sockets)
	for i := range conns {
		conn, err := net.Dial("udp", s.addr)
		if err != nil {
			return sample{}, err
		}
		conns[i] = conn
		readers.Go(func() {
			reply := make([]byte, 1<<16)
			for {
				if _, err := conn.Read(reply); err != nil {
					return
				}
				answers.Add(1)
			}
		})
	}
	defer readers.Wait()
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()

	random := rand.New(rand.NewPCG(seed, 0))
	if _, err := ask(conns, queries, random, rate, turn/warming); err != nil {
		return sample{}, err
	}
	time.Sleep(patience)
	answers.Store(0)
	before, err := spent(s.pid)
	if err != nil {
		return sample{}, err
	}
	asked, err := ask(conns, queries, random, rate, turn)
	if err != nil {
		return sample{}, err
	}
	time.Sleep(patience)
	after, err := spent(s.pid)
	got := answers.Load()
	if err != nil || got == 0 {
		return sample{}, fmt.Errorf("%s gave no answers (%v)", s.addr, err)
	}
	return sample{float64((after - before).Nanoseconds()) / 1000 / float64(got), 1 - float64(got)/float64(asked)}, nil
}

// ask sends queries for so long, and says how many.
func ask(conns []net.Conn, queries [][]byte, random *rand.Rand, rate float64, turn time.Duration) (asked int, err error) {
	began, due := time.Now(), time.Duration(0)
	for due < turn {
		for ; due <= time.Since(began) && due < turn; asked++ {
			query := queries[random.IntN(len(queries))]
			query[0], query[1] = byte(asked>>8), byte(asked)
			if _, err := conns[asked%len(conns)].Write(query); err != nil {
				return asked, err
			}
			due += time.Duration(random.ExpFloat64() / rate * float64(time.Second))
		}
		time.Sleep(due - time.Since(began))
	}
	return asked, nil
}

// spent is the CPU time of all threads of a process: the first number of each schedstat, which is exact, where the ticks of
// /proc/PID/stat would be one for hundreds of queries.
func spent(pid string) (sum time.Duration, err error) {
	files, err := filepath.Glob("/proc/" + pid + "/task/*/schedstat")
	if err != nil || files == nil {
		return 0, fmt.Errorf("no threads of process %s, or no schedstat (Linux alone has it)", pid)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue // a thread that has ended just now
		}
		if err != nil {
			return 0, err
		}
		nanoseconds, _, _ := bytes.Cut(text, []byte(" "))
		n, err := strconv.ParseInt(string(nanoseconds), 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n)
	}
	return sum, nil
}
