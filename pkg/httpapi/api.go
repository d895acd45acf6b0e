// Package httpapi is the one http.Handler of the resources: the catalog and the
// status as JSON, for the pages in Grafana and for whoever reads Accord without
// it. Its OpenAPI document is served at openapi.json.
//
// Everything here reads; nothing is written to the folder, and no figure is
// computed. Texts of documents are handed out as they are, for the reader to
// show as text and never as HTML.
package httpapi

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// Options are what the handler answers from.
type Options struct {
	// Catalog is the one in force; an error when there never was one.
	Catalog func(context.Context) (*catalog.Catalog, error)
	// Stale is why the catalog in force is not what the folder is now, nil
	// when it is.
	Stale  func() error
	Engine *measure.Engine
	Client *prometheus.Client
	// Documents says how proposed documents are read.
	Documents catalog.Options
	Now       func() time.Time
	// Patience is how long is waited to learn which engine answers.
	Patience time.Duration
}

//go:embed openapi.json
var openAPI []byte

// New makes the handler. Its paths are those of the OpenAPI document, below /.
func New(o Options) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, answer func(*http.Request) (any, error)) {
		mux.Handle(pattern, reply(answer))
	}
	handle("GET /catalog", o.catalog)
	handle("GET /agreements", o.agreements)
	handle("GET /agreements/{name}", o.agreement)
	handle("GET /status", o.status)
	handle("GET /teams", o.teams)
	handle("GET /health", func(r *http.Request) (any, error) { return Examine(r.Context(), o), nil })
	handle("POST /validate", o.validate)
	handle("GET /openapi.json", func(*http.Request) (any, error) { return json.RawMessage(openAPI), nil })
	return told(mux)
}

// failure is an answer other than 200.
type failure struct {
	status int
	error
}

func (f failure) Unwrap() error { return f.error }

// reply writes the answer as JSON, or the error as {"error": …}.
func reply(answer func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value, err := answer(r)
		if err != nil {
			writeError(w, statusOf(err), err.Error())
			return
		}
		write(w, http.StatusOK, value)
	}
}

func statusOf(err error) int {
	var f failure
	switch {
	case errors.As(err, &f):
		return f.status
	case errors.Is(err, context.DeadlineExceeded), prometheus.KindOf(err) == prometheus.Timeout:
		return http.StatusGatewayTimeout
	case prometheus.KindOf(err) != "":
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

func write(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		writeError(w, http.StatusInternalServerError, "the answer cannot be written: "+err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // whoever asked may have gone
}

func writeError(w http.ResponseWriter, status int, text string) {
	write(w, status, map[string]string{"error": text})
}

// told answers what the mux does not know, or not with this method, as JSON
// too.
func told(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		plain := &statusOnly{header: http.Header{}}
		mux.ServeHTTP(plain, r)
		if allowed := plain.header.Get("Allow"); allowed != "" {
			w.Header().Set("Allow", allowed)
			writeError(w, http.StatusMethodNotAllowed, r.Method+" is not for "+r.URL.Path+", which takes "+allowed)
			return
		}
		writeError(w, http.StatusNotFound, "there is nothing at "+r.URL.Path+"; see openapi.json")
	})
}

// statusOnly takes the headers of an answer and drops the rest.
type statusOnly struct{ header http.Header }

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (s *statusOnly) WriteHeader(int)             {}
