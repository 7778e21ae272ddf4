package health

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// failed is a look that has come to nothing, in words that are the same at each POP: without addresses, and what it was doing before.
func failed(doing string, err error, timeout time.Duration) Result {
	return Result{Why: cut(printable(doing+reason(err, timeout)), maxWhy)}
}

func reason(err error, timeout time.Duration) string {
	var network net.Error
	var number syscall.Errno
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fmt.Sprintf("no answer within %v", timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	case errors.As(err, &number):
		return number.Error()
	}
	if text := certificateReason(err); text != "" {
		return text
	}
	var record tls.RecordHeaderError
	if errors.As(err, &record) {
		return "what answers there does not speak TLS"
	}
	text := err.Error()
	for _, prefix := range []string{"tls: ", "remote error: ", "net/http: ", "http: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

// certificateReason is what is wrong with a certificate; "": it is something else.
func certificateReason(err error) string {
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &host):
		return "the certificate is not for " + host.Host
	case errors.As(err, &authority):
		return "the certificate is of an authority that nobody knows"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		return "the certificate is not valid yet: are the clocks right?"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired"
	case errors.As(err, &invalid):
		return "the certificate is not valid"
	}
	return ""
}
