package cluster

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// appPort is where the application of a POP listens.
const appPort = "9000"

// answerWith is an application that answers with the status that stands in a file, until there is no more input.
func answerWith(file string) {
	l, err := net.Listen("tcp", "127.0.0.1:"+appPort)
	if err != nil {
		fmt.Println(err)
		return
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := os.ReadFile(file)
		status, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			status = http.StatusTeapot
		}
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
	}))
	fmt.Println("listening")
	io.Copy(io.Discard, os.Stdin)
}

// beSilent has connections be made where a POP listens, and never says anything, until there is no more input.
func beSilent() {
	for _, port := range []string{":53", ":80", ":443"} {
		if _, err := net.Listen("tcp", port); err != nil { // the kernel shakes hands, and nobody accepts
			fmt.Println(err)
			return
		}
	}
	if _, err := net.ListenPacket("udp", ":53"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("listening")
	io.Copy(io.Discard, os.Stdin)
}
