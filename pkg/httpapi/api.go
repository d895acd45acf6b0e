// Package httpapi is the one http.Handler of the resources: the catalog and the
// status as JSON, for the pages in Grafana and for whoever reads Accord without
// it. Its OpenAPI document is served at openapi.json.
//
// Figures come from package measure, and documents are changed by package
// editing; here is decided only who may. Texts of documents are handed out as
// they are, for the reader to show as text and never as HTML.
package httpapi

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/statement"
)

// Options are what the handler answers from.
type Options struct {
	// Catalog is the one in force; an error when there never was one.
	Catalog func(context.Context) (*catalog.Catalog, error)
	// Stale is why the catalog in force is not what the folder is now, nil
	// when it is.
	Stale  func() error
	Engine *measure.Service
	Client *prometheus.Client
	// Folder is where documents are read anew and changed.
	Folder *editing.Folder
	// Changed is called after each change of a document, and returns when the
	// catalog in force has it.
	Changed func(context.Context)
	// User is who asks; nil, or one without a login: nobody who may write.
	User func(context.Context) User
	Now  func() time.Time
	// Patience is how long is waited to learn which engine answers.
	Patience time.Duration
	// archive is the statements beside the documents of Folder.
	archive *statement.Archive
}

//go:embed openapi.json
var openAPI []byte

// New makes the handler. Its paths are those of the OpenAPI document, below /.
func New(o Options) http.Handler {
	o.archive = &statement.Archive{Documents: o.Folder}
	mux := http.NewServeMux()
	handle := func(pattern string, answer func(*http.Request) (any, error)) {
		mux.Handle(pattern, reply(answer))
	}
	handle("GET /catalog", o.catalog)
	handle("GET /agreements", o.agreements)
	handle("GET /agreements/{name...}", o.agreement)
	handle("GET /status", o.status)
	handle("GET /teams", o.teams)
	handle("GET /calendar", o.calendar)
	handle("GET /health", func(r *http.Request) (any, error) { return Examine(r.Context(), o), nil })
	handle("GET /documents", o.documents)
	handle("GET /documents/{kind}/{name...}", o.document)
	handle("PUT /documents/{kind}/{name...}", o.putDocument)
	handle("DELETE /documents/{kind}/{name...}", o.deleteDocument)
	handle("POST /change/{kind}/{name...}", o.change)
	handle("POST /validate", o.validate)
	handle("POST /preview", o.preview)
	handle("POST /backtest", o.backtest)
	handle("GET /alertcheck", o.alertCheck)
	handle("GET /promises", o.promises)
	handle("GET /gate", o.gate)
	handle("POST /cache/drop", o.dropCache)
	handle("GET /statements", o.statements)
	handle("POST /statements", o.freeze)
	handle("GET /statements/{period}/{agreement}", o.statement)
	handle("GET /statements/{period}/{agreement}/verify", o.verifyStatement)
	handle("GET /schema", func(*http.Request) (any, error) { return json.RawMessage(catalog.Schema), nil })
	handle("GET /openapi.json", func(*http.Request) (any, error) { return json.RawMessage(openAPI), nil })
	return told(mux)
}

// failure is an answer other than 200.
type failure struct {
	status int
	error
}

func (f failure) Unwrap() error { return f.error }

// responder is an answer that is not just JSON with the status 200.
type responder interface{ respond(http.ResponseWriter) }

// reply writes the answer as JSON, or the error as {"error": …}.
func reply(answer func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value, err := answer(r)
		switch own, ok := value.(responder); {
		case err != nil && writeRefusal(w, err):
		case err != nil:
			writeError(w, statusOf(err), err.Error())
		case ok:
			own.respond(w)
		default:
			write(w, http.StatusOK, value)
		}
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
