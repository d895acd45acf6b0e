package datasource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/tracing"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/concurrent"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/tables/frames"
)

const (
	// queriesAtOnce of one request; the SDK does not allow more than ten.
	queriesAtOnce = 10
	// defaultPoints of a series are used if the panel does not say how many it can
	// show; maxPoints is the limit of Prometheus.
	defaultPoints = 100
	maxPoints     = 11_000
)

// QueryData answers the queries concurrently and independently.
func (i *Instance) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	rule := req.GetHTTPHeader(fromAlert) == "true" || req.Headers[fromAlert] == "true"
	if rule {
		ctx = prometheus.WithoutRetry(ctx) // the rule is evaluated again by its own schedule
	}
	return concurrent.QueryData(ctx, req, func(ctx context.Context, q concurrent.Query) backend.DataResponse {
		return i.answer(ctx, q.DataQuery, rule)
	}, queriesAtOnce)
}

// fromAlert is the header that evaluations of alert rules carry.
const fromAlert = "FromAlert"

func (i *Instance) answer(ctx context.Context, q backend.DataQuery, rule bool) backend.DataResponse {
	start := time.Now()
	beside := QueryType(q.QueryType)
	if rule && beside == "" {
		beside = AlertQuery // Grafana's form of a new rule shows the default of the editor, and sends nothing
	}
	question, err := parseQuery(q.JSON, beside)
	if err == nil && rule {
		question.rule, err = true, question.checkRule()
	}
	var known QueryType
	if err == nil {
		known = question.QueryType
	}
	ctx, span := tracing.DefaultTracer().Start(ctx, "accord query")
	defer span.End()
	span.SetAttributes(attribute.String("accord.query_type", string(known)), attribute.String("accord.ref_id", q.RefID))
	var answer data.Frames
	if err == nil {
		answer, err = i.frames(ctx, question, q)
	}
	if countQuery(known, time.Since(start), err); err == nil {
		return backend.DataResponse{Frames: answer, Status: backend.StatusOK}
	}
	span.SetStatus(codes.Error, err.Error())
	response := failed(err)
	response.Frames = answer // what there is, beside the error
	return response
}

// task is a question with all that is needed to answer it.
type task struct {
	question
	from, at   time.Time
	now        time.Time // of an alert query, when it was measured
	step       time.Duration
	catalog    *catalog.Catalog
	agreements []*agreement.Agreement
	unknown    []error // names of an alert query that do not exist
	definition string
}

// windowText returns the window that overrides those of the objectives, empty if none does.
func (t task) windowText() string {
	if t.window == nil {
		return ""
	}
	return t.window.String()
}

func (i *Instance) frames(ctx context.Context, asked question, q backend.DataQuery) (answer data.Frames, err error) {
	defer parallel.Recover(&err)
	t := task{question: asked}
	if t.catalog, err = i.documents.Now(ctx); err != nil {
		return nil, err
	}
	if t.agreements, t.unknown, err = asked.choose(t.catalog, i.alerts.knows); err != nil {
		return nil, err
	}
	t.definition = i.definition(t.catalog, t.agreements...)
	t.from, t.at = i.instants(q.TimeRange)
	t.step = stepOf(q, t.at.Sub(t.from))
	switch asked.QueryType { // answered from the documents, not measured
	case AgreementsQuery:
		return t.described(frames.Agreements(t.agreements), frames.Origin{Definition: t.definition}, nil), nil
	case ExclusionsQuery:
		return t.exclusions(ctx, q.TimeRange)
	case OutsideHoursQuery:
		return t.outsideHours(q.TimeRange), nil
	}
	if err := i.service.Check(t.window, t.at); err != nil {
		return nil, err
	}
	if _, err := i.service.Server(ctx); err != nil {
		return nil, measuringErrorf("%w", err)
	}
	switch asked.QueryType {
	case StatusQuery:
		return i.status(ctx, t)
	case AlertQuery:
		return i.alert(ctx, t)
	case HistoryQuery:
		return i.history(ctx, t)
	case IncidentsQuery:
		return i.incidents(ctx, t)
	}
	return i.series(ctx, t)
}

// instants returns the ends of the range, which ends at now if it reaches ahead.
func (i *Instance) instants(r backend.TimeRange) (from, at time.Time) {
	at = r.To
	if now := i.now(); at.After(now) {
		at = now
	}
	return r.From.UTC(), measure.Floor(at)
}

// stepOf returns the time between points: as many as the panel shows, up to maxPoints.
func stepOf(q backend.DataQuery, length time.Duration) time.Duration {
	points := q.MaxDataPoints
	if points <= 0 {
		points = defaultPoints
	}
	return max(q.Interval, length/time.Duration(min(points, maxPoints)), time.Second)
}

// withNotices adds to the frame notices on what is missing from it.
func (t task) withNotices(frame *data.Frame, failures []measure.Result) {
	notices := frames.Unmeasured(failures)
	if len(t.agreements) == 0 {
		notices = append(notices, data.Notice{Severity: data.NoticeSeverityWarning, Text: "no agreement or SLO matches the filters"})
	}
	for _, unknown := range t.unknown {
		notices = append(notices, data.Notice{Severity: data.NoticeSeverityWarning, Text: unknown.Error()})
	}
	if errors, _ := problem.Count(t.catalog.Problems); errors > 0 {
		notices = append(notices, data.Notice{Severity: data.NoticeSeverityWarning,
			Text: fmt.Sprintf("%s in the documents, which are left out here: Save & test lists them", tables.Plural(errors, "error"))})
	}
	frame.AppendNotices(notices...)
}

// kindError is an error with a kind, see [kindOf].
type kindError struct {
	kind string
	error
}

func (k kindError) Unwrap() error { return k.error }

// HTTPStatus returns the status of a resource that fails with the error.
func (k kindError) HTTPStatus() int { return int(statuses[k.kind]) }

// badQueryf returns the error of a query that cannot be answered, whatever Prometheus says.
func badQueryf(format string, args ...any) error {
	return kindError{"query", fmt.Errorf(format, args...)}
}

// measuringErrorf returns the error of a query that failed because of Prometheus or the documents.
func measuringErrorf(format string, args ...any) error {
	return kindError{"measuring", fmt.Errorf(format, args...)}
}

func failed(err error) backend.DataResponse {
	kind := kindOf(err)
	response := backend.DataResponse{Error: err, Status: cmp.Or(statuses[kind], backend.StatusBadGateway), ErrorSource: backend.ErrorSourceDownstream}
	if kind == "plugin" {
		response.ErrorSource = backend.ErrorSourcePlugin
	}
	return response
}

// kindOf returns the kind of an error: that of a request to Prometheus, or query,
// settings, documents, timeout, canceled, measuring, plugin.
func kindOf(err error) string {
	if kind := prometheus.KindOf(err); kind != "" {
		return string(kind)
	}
	if _, fault := errors.AsType[*parallel.PanicError](err); fault {
		return "plugin"
	}
	known, isKnown := errors.AsType[kindError](err)
	_, tooMuch := errors.AsType[measure.LimitError](err)
	_, noFolder := errors.AsType[catalog.FolderError](err)
	switch {
	case tooMuch:
		return "query"
	case isKnown && known.kind != "measuring":
		return known.kind
	case noFolder:
		return "documents"
	case errors.Is(err, context.DeadlineExceeded):
		return string(prometheus.Timeout)
	case errors.Is(err, context.Canceled):
		return string(prometheus.Canceled)
	case isKnown:
		return known.kind
	}
	return "plugin"
}

var statuses = map[string]backend.Status{
	"query": backend.StatusBadRequest, "settings": backend.StatusBadRequest, "plugin": backend.StatusInternal,
	"documents": http.StatusUnprocessableEntity, "measuring": http.StatusUnprocessableEntity, string(prometheus.BadQuery): http.StatusUnprocessableEntity,
	string(prometheus.Timeout):      backend.StatusTimeout,
	string(prometheus.Unauthorized): backend.StatusUnauthorized,
	string(prometheus.Forbidden):    backend.StatusForbidden,
	string(prometheus.Canceled):     499, // the client closed the connection, as in nginx
}
