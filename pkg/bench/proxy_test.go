//go:build bench

package bench

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// count notes a request: how many of the points of a range query lie at or
// before the instant until which slots are closed.
func (p *proxy) count(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body) + "&" + r.URL.RawQuery)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if !strings.HasSuffix(r.URL.Path, "/query_range") {
		return
	}
	number := func(name string) float64 {
		value, _ := strconv.ParseFloat(form.Get(name), 64)
		return value
	}
	for at := number("start"); at <= number("end"); at += number("step") {
		if at <= float64(p.closedUntil.Unix()) {
			p.closed++
		}
	}
}
