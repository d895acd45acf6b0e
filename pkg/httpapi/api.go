// Package httpapi implements the HTTP API that openapi.json describes: JSON for the pages in Grafana
// and for other clients.
//
// Figures come from package measure, JSON types shared with the command line from package wire, and
// changes are made by package editing; this package decides which role may request what. Text from
// documents is served as text, never as HTML.
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
	"net/url"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// Options configures the handlers.
type Options struct {
	// Catalog returns the catalog in force, or an error if there never was one.
	Catalog func(context.Context) (*catalog.Catalog, error)
	// Stale returns why the catalog in force may differ from the folder; nil if it is current.
	Stale  func() error
	Engine *measure.Service
	Client *prometheus.Client
	// Folder reads and changes documents in their files.
	Folder *editing.Folder
	// Changed is called after a change. It returns once the catalog in force includes it.
	Changed func(context.Context)
	// User returns the user of a request. Without it, or with an empty login, writing is forbidden.
	User func(context.Context) User
	Now  func() time.Time
}

// Present returns the instant as of which present figures are measured, see [measure.Floor].
func (o Options) Present() time.Time { return measure.Floor(o.Now()) }

type handlers struct {
	Options
	archive  *statement.Archive
	status   *memo[[]measure.AgreementResult]
	periods  *memo[map[string]measure.AgreementResult]
	verified *memo[*statement.Verification]
	looks    lastLook
}

func newHandlers(o Options) *handlers {
	return &handlers{Options: o, archive: &statement.Archive{Documents: o.Folder}, status: newMemo[[]measure.AgreementResult](),
		periods: newMemo[map[string]measure.AgreementResult](), verified: newMemo[*statement.Verification]()}
}

//go:embed openapi.json
var openAPI []byte

// New returns the handler of the API. Its paths are those of openapi.json, below /.
func New(o Options) http.Handler {
	h := newHandlers(o)
	mux := http.NewServeMux()
	handle := func(pattern string, to answer) { mux.Handle(pattern, Reply(to)) }
	handle("GET /catalog", h.withCatalog(func(_ *http.Request, c *catalog.Catalog) (any, error) { return wire.NewCatalog(c), nil }))
	handle("GET /agreements", h.withCatalog(func(_ *http.Request, c *catalog.Catalog) (any, error) {
		return map[string]any{"agreements": wire.Each(c.Agreements, wire.NewAgreement)}, nil
	}))
	handle("GET /agreements/{name...}", h.withCatalog(readAgreement))
	handle("GET /teams", h.withCatalog(func(_ *http.Request, c *catalog.Catalog) (any, error) {
		return map[string]any{"teams": wire.NewTeams(c)}, nil
	}))
	handle("GET /status", h.withCatalog(h.report))
	handle("GET /alertcheck", h.withCatalog(h.alertCheck))
	handle("GET /promises", h.withCatalog(h.promises))
	handle("GET /gate", h.withCatalog(h.gate))
	handle("GET /health", func(r *http.Request) (any, error) { return o.Examine(r.Context()), nil })
	handle("POST /cache/drop", h.dropCache)
	handle("GET /pages/agreements", h.withStandings(h.listAgreements))
	handle("GET /pages/agreements/choices", h.withStandings(standings.choices))
	handle("GET /pages/agreements/trends", h.withStandings(h.trends))
	handle("GET /pages/agreement/status/{name...}", h.withAgreement(h.statusTab))
	handle("GET /pages/agreement/history/{name...}", h.withAgreement(h.historyTab))
	handle("GET /pages/agreement/contract/{name...}", h.withAgreement(h.contractTab))
	handle("GET /pages/teams", h.withStandings(standings.teams))
	handle("GET /pages/teams/{name}", h.withStandings(standings.teamPage))
	handle("GET /pages/matrix", h.withStandings(standings.matrix))
	handle("GET /pages/exclusions", h.withCatalog(h.listExclusions))
	handle("GET /pages/exclusions/{name...}", h.withCatalog(h.exclusion))
	handle("POST /pages/exclusions/draft", h.withCatalog(h.draftExclusion))
	handle("GET /pages/timeline", h.withCatalog(h.timeline))
	handle("GET /pages/findings", h.listFindings)
	handle("GET /documents", h.withCatalog(h.listDocuments))
	handle("POST /documents", h.byEditor(h.createDocuments))
	handle("GET /documents/{kind}/{name...}", h.withCatalog(h.readDocument))
	handle("PUT /documents/{kind}/{name...}", h.byEditor(h.putDocument))
	handle("DELETE /documents/{kind}/{name...}", h.byEditor(h.deleteDocument))
	handle("GET /editor/{kind}", h.startDocument)
	handle("GET /editor/{kind}/{name...}", h.withCatalog(h.editDocument))
	handle("POST /change/{kind}/{name...}", h.withCatalog(h.changeDocument))
	handle("POST /validate", h.validate)
	handle("POST /preview", h.byEditor(h.preview))
	handle("POST /backtest", h.withCatalog(h.backtest))
	handle("POST /draft", h.withCatalog(h.draft))
	handle("GET /offers", h.withCatalog(h.offers))
	handle("GET /pages/statements", h.withCatalog(h.listPeriod))
	handle("GET /statements", h.listStatements)
	handle("POST /statements", h.byEditor(h.freeze))
	handle("GET /statements/{period}/{agreement}", h.printStatement)
	handle("GET /statements/{period}/{agreement}/verify", h.withCatalog(h.verify))
	handle("GET /schema", func(*http.Request) (any, error) { return json.RawMessage(catalog.Schema), nil })
	handle("GET /openapi.json", func(*http.Request) (any, error) { return json.RawMessage(openAPI), nil })
	return explainUnrouted(mux)
}

// answer handles a request. It returns a value to write as JSON, or a [response].
type answer = func(*http.Request) (any, error)

// byEditor requires the role Editor or Admin, also for previews: typed documents may contain any query.
func (h *handlers) byEditor(to func(*http.Request, User) (any, error)) answer {
	return func(r *http.Request) (any, error) {
		user, err := h.editor(r.Context())
		if err != nil {
			return nil, err
		}
		return to(r, user)
	}
}

func (h *handlers) withCatalog(to func(*http.Request, *catalog.Catalog) (any, error)) answer {
	return func(r *http.Request) (any, error) {
		c, err := h.Catalog(r.Context())
		if err != nil {
			return nil, failure{http.StatusServiceUnavailable, err}
		}
		return to(r, c)
	}
}

// withAgreement passes the agreement or SLO that the path names, also if it is left out.
func (h *handlers) withAgreement(to func(*http.Request, *catalog.Catalog, *agreement.Agreement) (any, error)) answer {
	return h.withCatalog(func(r *http.Request, c *catalog.Catalog) (any, error) {
		a, err := Find(c, r.URL.Query().Get("kind"), r.PathValue("name"))
		if err != nil {
			return nil, err
		}
		return to(r, c, a)
	})
}

// withStandings passes the status of all agreements and SLOs to the handler.
func (h *handlers) withStandings(to func(standings, *http.Request) (any, error)) answer {
	return h.withCatalog(func(r *http.Request, c *catalog.Catalog) (any, error) { return to(h.standings(r, c), r) })
}

// explainUnrouted answers requests for unknown paths or methods with an error in JSON.
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
			errorResponse(Refuse(http.StatusMethodNotAllowed, "%s is not for %s, which takes %s", r.Method, r.URL.Path, allowed)).write(w)
			return
		}
		errorResponse(Refuse(http.StatusNotFound, "there is nothing at %s; see openapi.json", r.URL.Path)).write(w)
	})
}

type headerOnly http.Header

func (h headerOnly) Header() http.Header       { return http.Header(h) }
func (headerOnly) Write(b []byte) (int, error) { return len(b), nil }
func (headerOnly) WriteHeader(int)             {}

// response is an answer other than JSON with status 200.
type response struct {
	status int // 0 means 200
	header map[string]string
	// value is written as JSON; if it is nil, text is written instead.
	value any
	text  []byte
}

// Reply writes the answer, or an error as {"error": …} with its HTTP status.
func Reply(to func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil { // as from Grafana, for a request without a body
			r.Body = http.NoBody
		}
		value, err := guarded(to, r)
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

// logRefusal logs a failed request without the text of the error, which may quote a document.
func logRefusal(r *http.Request, status int, err error) {
	level, about := slog.LevelInfo, []any{"method", r.Method, "path", r.URL.Path, "status", status}
	if fault, ok := errors.AsType[*parallel.PanicError](err); ok {
		level, about = slog.LevelError, append(about, "panic", fault.Value, "stack", string(fault.Stack))
	}
	slog.Log(r.Context(), level, "A request got an error for an answer", about...)
}

// guarded recovers panics, and drops the result of a canceled request, which may be incomplete.
func guarded(to answer, r *http.Request) (value any, err error) {
	defer parallel.Recover(&err)
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil { // r.URL.Query would drop invalid parameters
		return nil, badRequest("the parameters cannot be read (%% is written %%25): %w", err)
	}
	value, err = to(r)
	return value, cmp.Or(err, r.Context().Err())
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
	_, _ = w.Write(a.text) // the client may have disconnected
}

type failure struct {
	status int
	error
}

func (f failure) Unwrap() error { return f.error }

// HTTPStatus returns the status for [StatusOf].
func (f failure) HTTPStatus() int { return f.status }

// Refuse returns an error with an HTTP status.
func Refuse(status int, format string, args ...any) error {
	return failure{status, fmt.Errorf(format, args...)}
}

func badRequest(format string, args ...any) error {
	return Refuse(http.StatusBadRequest, format, args...)
}

// refused is the body of an error response.
type refused struct {
	Error    string            `json:"error"`
	Problems []problem.Problem `json:"problems,omitempty"`
	// Hash is the current hash of a document that has changed.
	Hash string `json:"hash,omitempty"`
}

func errorResponse(err error) response {
	r, ok := errors.AsType[*editing.Refusal](err)
	if !ok {
		return response{status: StatusOf(err), value: refused{Error: err.Error()}}
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
	editing.Exists:        http.StatusConflict,

	statement.AlreadyFrozen:   http.StatusConflict,
	statement.Unchanged:       http.StatusConflict,
	statement.NotClosed:       http.StatusUnprocessableEntity,
	statement.NothingPromised: http.StatusUnprocessableEntity,
	statement.BadOrder:        http.StatusBadRequest,
	statement.NotRead:         http.StatusConflict,
}

// StatusOf returns the HTTP status of an error: its own if it has one.
func StatusOf(err error) int {
	own, known := errors.AsType[interface {
		error
		HTTPStatus() int
	}](err)
	var limit measure.LimitError
	var folder catalog.FolderError
	switch {
	case known:
		return own.HTTPStatus()
	case errors.As(err, &limit):
		return http.StatusBadRequest
	case errors.As(err, &folder):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded), prometheus.KindOf(err) == prometheus.Timeout:
		return http.StatusGatewayTimeout
	case prometheus.KindOf(err) != "":
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}
