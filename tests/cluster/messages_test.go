package cluster

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// listenForMessages is what a webhook does, in a process of its own at home: print each message in a line until there is no more input.
func listenForMessages(address string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Println(err)
		return
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		from, _, _ := net.SplitHostPort(r.RemoteAddr)
		text, _ := json.Marshal(fmt.Sprint(from, " ", r.Header.Get("Title"), ": ", string(body)))
		fmt.Printf("%s\n", text)
	}))
	fmt.Println("listening")
	io.Copy(io.Discard, os.Stdin)
}
