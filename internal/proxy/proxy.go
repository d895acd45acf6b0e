// Package proxy stands between a client and a server, for tests that count
// requests, change them or answer in the server's place.
package proxy

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// New starts a proxy to the server at the address, until the test ends. before gets
// each request first, with its body, which it may read from there too, or replace by
// another; what it has not answered is sent on.
//
// A request is read whole before it is sent on: a ReverseProxy whose target answers at
// once may still look for the end of a body that net/http has closed, and then breaks
// off the answer.
func New(t testing.TB, address string, before func(w http.ResponseWriter, r *http.Request, body []byte) (answered bool)) *httptest.Server {
	t.Helper()
	target, err := url.Parse(address)
	require.NoError(t, err)
	forward := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		whole := io.NopCloser(bytes.NewReader(body))
		r.Body = whole
		if before(w, r, body) {
			return
		}
		if r.Body == whole { // and not another, though it may have been read
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}
