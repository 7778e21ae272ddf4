package testkit

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// App is an application that answers with the files of a folder: each holds a response as it goes over the wire, without
// lengths. The file for /list?page=2 is "list", that for / is "index".
//
// In it, $COUNT is how often the file was asked for, $METHOD and $HOST are the request's, and $(X-Some-Field) is a field
// of it. Who asks with the ETag of the response gets 304.
type App struct {
	Folder string
	mu     sync.Mutex
	counts map[string]int
}

func NewApp(folder string) *App { return &App{Folder: folder, counts: map[string]int{}} }

// StartApp runs an application at a port.
func StartApp(port int, handler http.Handler) (*http.Server, error) {
	return startApp("tcp", fmt.Sprintf("127.0.0.1:%d", port), handler)
}

// StartAppAt runs an application at a unix socket.
func StartAppAt(socket string, handler http.Handler) (*http.Server, error) {
	return startApp("unix", socket, handler)
}

func startApp(network, address string, handler http.Handler) (*http.Server, error) {
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: handler}
	go server.Serve(listener)
	return server, nil
}

var appWord = regexp.MustCompile(`\$(COUNT|METHOD|HOST|\([A-Za-z-]+\))`)

func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.Trim(r.URL.Path, "/")
	if name == "" {
		name = "index"
	}
	text, err := os.ReadFile(filepath.Join(a.Folder, filepath.FromSlash(name)))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	a.mu.Lock()
	a.counts[name]++
	count := a.counts[name]
	a.mu.Unlock()
	text = appWord.ReplaceAllFunc(text, func(word []byte) []byte {
		switch word := string(word[1:]); word {
		case "COUNT":
			return fmt.Append(nil, count)
		case "METHOD":
			return []byte(r.Method)
		case "HOST":
			return []byte(r.Host)
		default:
			return []byte(strings.Join(r.Header.Values(strings.Trim(word, "()")), " and "))
		}
	})
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), r)
	if err != nil {
		panic(fmt.Sprintf("%s is no response: %v", name, err))
	}
	defer response.Body.Close()
	maps.Copy(w.Header(), response.Header)
	if tag := response.Header.Get("ETag"); tag != "" && r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.WriteHeader(response.StatusCode)
	io.Copy(w, response.Body)
}
