// Package httpapi is the one http.Handler of the resources: the catalog and the
// status as JSON, for the pages in Grafana and for whoever reads Accord without
// it. Its OpenAPI document is served at openapi.json.
//
// Figures come from package measure, what is served from package wire, and
// documents are changed by package editing; here is decided only who may. Texts
// of documents are handed out as they are, for the reader to show as text and
// never as HTML.
package httpapi

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// Options are what the handlers are made of; each takes its part.
type Options struct {
	// Catalog is the one in force; an error when there never was one.
	Catalog func(context.Context) (*catalog.Catalog, error)
	// Stale is why the catalog in force is not what the folder is now, nil
	// when it is.
	Stale  func() error
	Engine *measure.Service
	Client *prometheus.Client
	// Folder is where documents are read again and changed.
	Folder *editing.Folder
	// Changed is called after each change of a document, and returns when the
	// catalog in force has it.
	Changed func(context.Context)
	// User is who asks; nil, or one without a login: nobody who may write.
	User func(context.Context) User
	Now  func() time.Time
	// ProbeTimeout bounds how long is waited to learn which engine answers.
	ProbeTimeout time.Duration
}

//go:embed openapi.json
var openAPI []byte

// New makes the handler. Its paths are those of the OpenAPI document, below /.
func New(o Options) http.Handler {
	figures := figures{o.Engine, o.Now, o.ProbeTimeout, newMemo[[]measure.AgreementResult]()}
	editors := users(o.User)
	documents := documents{o.Folder, o.Changed, editors}
	proposals := proposals{documents, figures}
	statements := statements{&statement.Archive{Documents: o.Folder}, o.Engine, editors, o.Now, newMemo[map[string]measure.AgreementResult]()}
	mux := http.NewServeMux()
	handle := func(pattern string, answer func(*http.Request) (any, error)) {
		mux.Handle(pattern, reply(answer))
	}
	// withCatalog hands the catalog in force to the answer.
	withCatalog := func(answer func(*http.Request, *catalog.Catalog) (any, error)) func(*http.Request) (any, error) {
		return func(r *http.Request) (any, error) {
			c, err := o.Catalog(r.Context())
			if err != nil {
				return nil, failure{http.StatusServiceUnavailable, err}
			}
			return answer(r, c)
		}
	}
	handle("GET /catalog", withCatalog(func(_ *http.Request, c *catalog.Catalog) (any, error) { return wire.NewCatalog(c), nil }))
	handle("GET /agreements", withCatalog(func(_ *http.Request, c *catalog.Catalog) (any, error) {
		return map[string]any{"agreements": wire.Each(c.Agreements, wire.NewAgreement)}, nil
	}))
	handle("GET /agreements/{name...}", withCatalog(readAgreement))
	handle("GET /status", withCatalog(figures.status))
	handle("GET /pages/agreements", withCatalog(agreementRows{figures}.list))
	handle("GET /pages/agreements/choices", withCatalog(agreementRows{figures}.choices))
	handle("GET /pages/agreements/trends", withCatalog(agreementRows{figures}.trends))
	handle("GET /pages/teams", withCatalog(teamPages{agreementRows{figures}}.list))
	handle("GET /pages/teams/{name}", withCatalog(teamPages{agreementRows{figures}}.team))
	handle("GET /pages/matrix", withCatalog(teamPages{agreementRows{figures}}.matrix))
	exclusions := exclusionPages{documents, figures}
	handle("GET /pages/exclusions", withCatalog(exclusions.list))
	handle("GET /pages/exclusions/{name...}", withCatalog(exclusions.read))
	handle("GET /pages/timeline", withCatalog(exclusions.timeline))
	handle("POST /pages/exclusions/draft", withCatalog(exclusions.draft))
	tabs := agreementTabs{figures, statements.archive}
	handle("GET /pages/agreement/status/{name...}", withCatalog(tabs.status))
	handle("GET /pages/agreement/history/{name...}", withCatalog(tabs.history))
	handle("GET /pages/agreement/contract/{name...}", withCatalog(tabs.contract))
	handle("GET /teams", withCatalog(func(_ *http.Request, c *catalog.Catalog) (any, error) {
		return map[string]any{"teams": wire.NewTeams(c)}, nil
	}))
	handle("GET /health", func(r *http.Request) (any, error) { return Examine(r.Context(), o), nil })
	handle("GET /pages/findings", finder{o, figures, &lastLook{}}.list)
	handle("GET /documents", withCatalog(documents.list))
	handle("POST /documents", documents.create)
	handle("GET /editor/{kind}", documents.start)
	handle("GET /editor/{kind}/{name...}", withCatalog(documents.edit))
	handle("GET /documents/{kind}/{name...}", withCatalog(documents.read))
	handle("PUT /documents/{kind}/{name...}", documents.put)
	handle("DELETE /documents/{kind}/{name...}", documents.delete)
	handle("POST /change/{kind}/{name...}", withCatalog(documents.change))
	handle("POST /validate", proposals.validate)
	handle("POST /preview", proposals.preview)
	handle("POST /backtest", withCatalog(proposals.backtest))
	handle("POST /draft", withCatalog(proposals.draft))
	handle("GET /offers", withCatalog(offering{o.Client, editors, figures}.offers))
	handle("GET /alertcheck", withCatalog(figures.alertCheck))
	handle("GET /promises", withCatalog(figures.promises))
	handle("GET /gate", withCatalog(figures.gate))
	handle("POST /cache/drop", cache{o.Engine, editors, o.Now}.drop)
	handle("GET /pages/statements", withCatalog(statements.period))
	handle("GET /statements", withCatalog(statements.list))
	handle("POST /statements", withCatalog(statements.freeze))
	handle("GET /statements/{period}/{agreement}", statements.print)
	handle("GET /statements/{period}/{agreement}/verify", withCatalog(statements.verify))
	handle("GET /schema", func(*http.Request) (any, error) { return json.RawMessage(catalog.Schema), nil })
	handle("GET /openapi.json", func(*http.Request) (any, error) { return json.RawMessage(openAPI), nil })
	return explainUnrouted(mux)
}

// explainUnrouted answers as JSON, too, what the mux does not know, or not with
// this method.
func explainUnrouted(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		plain := headerOnly{}
		mux.ServeHTTP(plain, r)
		if allowed := plain.Header().Get("Allow"); allowed != "" {
			w.Header().Set("Allow", allowed)
			errorResponse(refuse(http.StatusMethodNotAllowed, "%s is not for %s, which takes %s", r.Method, r.URL.Path, allowed)).write(w)
			return
		}
		errorResponse(refuse(http.StatusNotFound, "there is nothing at %s; see openapi.json", r.URL.Path)).write(w)
	})
}

// headerOnly takes the headers of an answer and drops the rest.
type headerOnly http.Header

func (h headerOnly) Header() http.Header       { return http.Header(h) }
func (headerOnly) Write(b []byte) (int, error) { return len(b), nil }
func (headerOnly) WriteHeader(int)             {}

// response is an answer that is not just JSON with the status 200.
type response struct {
	status int // 0: 200
	header map[string]string
	// value is written as JSON, else text as it is.
	value any
	text  []byte
}

// reply writes the answer, or the error as {"error": …}.
func reply(answer func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil { // Grafana hands on none where none was sent
			r.Body = http.NoBody
		}
		value, err := guarded(answer, r)
		own, ok := value.(response)
		switch {
		case err != nil:
			own = errorResponse(err)
			logRefusal(r, own.status, err)
		case !ok:
			own = response{value: value}
		}
		own.write(w)
	}
}

// logRefusal tells the operator, without the text: it may quote a document.
func logRefusal(r *http.Request, status int, err error) {
	level, about := slog.LevelInfo, []any{"method", r.Method, "path", r.URL.Path, "status", status}
	if fault, ok := errors.AsType[*parallel.PanicError](err); ok {
		level, about = slog.LevelError, append(about, "panic", fault.Value, "stack", string(fault.Stack))
	}
	slog.Log(r.Context(), level, "A request got an error for an answer", about...)
}

// guarded makes a panic the error of the answer.
func guarded(answer func(*http.Request) (any, error), r *http.Request) (value any, err error) {
	defer parallel.Recover(&err)
	return answer(r)
}

func (a response) write(w http.ResponseWriter) {
	header := w.Header()
	if a.value != nil {
		text, err := json.Marshal(a.value)
		if err != nil {
			errorResponse(fmt.Errorf("the answer cannot be written: %w", err)).write(w)
			return
		}
		a.text = append(text, '\n')
		header.Set("Content-Type", "application/json")
	}
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	for name, value := range a.header {
		header.Set(name, value)
	}
	w.WriteHeader(cmp.Or(a.status, http.StatusOK))
	_, _ = w.Write(a.text) // whoever asked may have gone
}

// failure is an error with its status.
type failure struct {
	status int
	error
}

func (f failure) Unwrap() error { return f.error }

func refuse(status int, format string, args ...any) error {
	return failure{status, fmt.Errorf(format, args...)}
}

func badRequest(format string, args ...any) error {
	return refuse(http.StatusBadRequest, format, args...)
}

// refused is the body of an answer to a change that was not made.
type refused struct {
	Error    string            `json:"error"`
	Problems []problem.Problem `json:"problems,omitempty"`
	// Hash is the document's as it is now.
	Hash string `json:"hash,omitempty"`
}

func errorResponse(err error) response {
	r, ok := errors.AsType[*editing.Refusal](err)
	if !ok {
		return response{status: statusOf(err), value: refused{Error: err.Error()}}
	}
	answer := response{status: refusals[r.Reason], value: refused{r.Message, r.Problems, r.Hash}}
	if r.Hash != "" {
		answer.header = etag(r.Hash)
	}
	return answer
}

func etag(hash string) map[string]string { return map[string]string{"ETag": `"` + hash + `"`} }

var refusals = map[editing.Reason]int{
	editing.Absent:        http.StatusNotFound,
	editing.Unreadable:    http.StatusConflict,
	editing.Changed:       http.StatusPreconditionFailed,
	editing.Unconditional: http.StatusPreconditionRequired,
	editing.ReadOnly:      http.StatusConflict,
	editing.Invalid:       http.StatusUnprocessableEntity,
	editing.Forbidden:     http.StatusForbidden,
}

var statementRefusals = map[statement.Reason]int{
	statement.Absent:          http.StatusNotFound,
	statement.AlreadyFrozen:   http.StatusConflict,
	statement.Unchanged:       http.StatusConflict,
	statement.NotClosed:       http.StatusUnprocessableEntity,
	statement.NothingPromised: http.StatusUnprocessableEntity,
}

func statusOf(err error) int {
	var f failure
	var s *statement.Refusal
	var limit measure.LimitError
	switch {
	case errors.As(err, &f):
		return f.status
	case errors.As(err, &limit):
		return http.StatusBadRequest
	case errors.As(err, &s):
		return statementRefusals[s.Reason]
	case errors.Is(err, context.DeadlineExceeded), prometheus.KindOf(err) == prometheus.Timeout:
		return http.StatusGatewayTimeout
	case prometheus.KindOf(err) != "":
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}
