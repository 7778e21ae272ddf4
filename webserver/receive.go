package webserver

import (
	"net/http"
	"sync"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// exchange is a request and the reply to it. What is handed to a site by address cannot lie on the stack.
type exchange struct {
	request page.Request
	reply   reply.Reply
}

// exchanges are those that are over, for the next ones.
var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// ServeHTTP answers a request that net/http or http3 has read.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.receive(w, r, r.TLS != nil) }

// overTLS serves connections that speak TLS, though net/http does not see that in those that were handed to it.
type overTLS struct{ *Server }

func (s overTLS) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.receive(w, r, true) }

func (s *Server) receive(w http.ResponseWriter, r *http.Request, secure bool) {
	x := exchanges.Get().(*exchange)
	defer func() {
		*x = exchange{} // else it would keep what may be large
		exchanges.Put(x)
	}()
	s.read(r, secure, &x.request)
	x.request.Early = w
	if r.TransferEncoding != nil && r.ProtoMajor == 1 {
		// RFC 9112, 6.1: a Content-Length may have stood beside it, and what follows might be smuggled in.
		w.Header()["Connection"] = []string{"close"}
	}
	if r.ProtoMajor >= 2 {
		if !s.streams.enter(x.request.Client) {
			s.reject(w, x)
			return
		}
		defer s.streams.leave(x.request.Client)
	}
	s.respond(&x.request, &x.reply)
	x.reply.Heads.SetIn(w.Header())
	if x.reply.Stream == nil {
		s.send(w, r, x)
	} else {
		s.pass(w, r, x)
	}
}

// send sends a page to the client.
func (s *Server) send(w http.ResponseWriter, r *http.Request, x *exchange) {
	if x.reply.Done != nil {
		defer x.reply.Done()
	}
	if r.ProtoMajor >= 2 {
		// The window of a stream may stay shut while its connection is well; over HTTP/1 conns sees that.
		http.NewResponseController(w).SetWriteDeadline(x.reply.Begin.Add(writeTime(x.reply.Length())))
		leaveUnread(r)
	} else if sends(r) {
		defer s.readNoMore(w)()
	}
	x.reply.Sent = sendTo(w, &x.reply)
	s.observe(&x.request, &x.reply)
}

// sendTo gives the number of bytes of the body that were taken. A client that has gone is no mistake of ours.
func sendTo(w http.ResponseWriter, r *reply.Reply) (sent int64) {
	w.WriteHeader(r.Status)
	if len(r.Body) > 0 {
		n, _ := w.Write(r.Body)
		sent = int64(n)
	}
	for _, part := range r.Parts {
		n, _ := w.Write(part)
		sent += int64(n)
	}
	return sent
}

// pass lets somebody else write the response.
func (s *Server) pass(w http.ResponseWriter, r *http.Request, x *exchange) {
	stream := newStream(w, r)
	defer func() {
		fault := recover()
		x.reply.Status, x.reply.Sent, x.reply.Type = stream.status, stream.sent, w.Header().Get("Content-Type")
		s.observe(&x.request, &x.reply)
		if fault != nil {
			if fault != http.ErrAbortHandler {
				s.logPanic(x.reply.Host, x.request.Path, fault)
			}
			panic(http.ErrAbortHandler) // so that the client sees that the response is cut off
		}
		stream.extendDeadline() // for what is still to be sent
	}()
	if !sends(r) {
		stream.control.SetReadDeadline(time.Time{}) // nothing more is read; it would end a long stream
		x.reply.Stream.ServeHTTP(stream, r)
		return
	}
	stream.upload = s.newUpload(stream, r, x)
	defer stream.upload.End()
	sendContinue(w, r)
	whole, err := s.takeIn(stream.upload, r)
	if err != nil {
		s.refuse(stream, r, x, err)
		return
	}
	x.reply.Stream.ServeHTTP(stream, whole)
}
