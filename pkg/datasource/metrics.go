package datasource

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
)

// Metrics of the plugin itself. Grafana shows them, with those of the Go
// runtime, at /api/plugins/accord-sla-datasource/metrics.
var (
	queriesTotal     = counter("accord_queries_total", "Queries answered, by their type.", "type")
	errorsTotal      = counter("accord_errors_total", "Queries, and objectives within queries, that failed, by the kind of error.", "kind")
	requestsTotal    = counter("accord_requests_total", "Requests for slots sent to Prometheus.").WithLabelValues()
	samplesTotal     = counter("accord_samples_total", "Samples that Prometheus says it read for the slots asked for.").WithLabelValues()
	slotsTotal       = counter("accord_slots_total", "Slots used by answers: read from Prometheus, or cached.", "from")
	documentsRead    = gauge("accord_documents", "Documents without errors in the folder of a data source.", "datasource")
	documentProblems = gauge("accord_document_problems", "Errors and warnings in the documents of a data source.", "datasource", "severity")
	folderReadable   = gauge("accord_documents_readable", "1 when the folder of a data source could be read when last tried.", "datasource")
	querySeconds     = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "accord_query_duration_seconds", Help: "Time a query took, by its type.",
		Buckets: []float64{0.005, 0.02, 0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 60},
	}, []string{"type"})
)

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return promauto.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return promauto.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
}

// countQuery counts an answer by its type; an empty one is unknown, so that no misspelling makes a series.
func countQuery(kind QueryType, took time.Duration, err error) {
	label := cmp.Or(string(kind), "unknown")
	queriesTotal.WithLabelValues(label).Inc()
	querySeconds.WithLabelValues(label).Observe(took.Seconds())
	if err != nil {
		errorsTotal.WithLabelValues(kindOf(err)).Inc()
	}
}

func countCost(measurements []counting.Measurement, failures []measure.Result) {
	for _, m := range measurements {
		requestsTotal.Add(float64(m.Cost.Requests))
		samplesTotal.Add(float64(m.Cost.Samples))
		slotsTotal.WithLabelValues("prometheus").Add(float64(m.Cost.SlotsRead))
		slotsTotal.WithLabelValues("cache").Add(float64(m.Cost.SlotsCached))
	}
	for _, f := range failures {
		errorsTotal.WithLabelValues(kindOf(measuringErrorf("%w", f.Err))).Inc()
		if fault, ok := errors.AsType[*parallel.PanicError](f.Err); ok { // users are not shown the stack
			backend.Logger.Error("A fault while measuring", "agreement", f.Agreement.Name, "objective", f.Objective.Name,
				"panic", fault.Value, "stack", string(fault.Stack))
		}
	}
}

// tellDocuments counts and logs a catalog that was read, or the error of reading it.
func tellDocuments(uid string, c *catalog.Catalog, err error) {
	if err != nil {
		backend.Logger.Warn("The folder of documents cannot be read", "datasource", uid, "error", err)
		folderReadable.WithLabelValues(uid).Set(0)
		return
	}
	failed, warnings := problem.Count(c.Problems)
	backend.Logger.Info("The documents were taken up", "datasource", uid, "documents", c.Documents, "errors", failed, "warnings", warnings)
	folderReadable.WithLabelValues(uid).Set(1)
	documentsRead.WithLabelValues(uid).Set(float64(c.Documents))
	documentProblems.WithLabelValues(uid, string(problem.Error)).Set(float64(failed))
	documentProblems.WithLabelValues(uid, string(problem.Warning)).Set(float64(warnings))
}

// Log is a [slog.Handler] that writes to Grafana's log, with the attributes of the call in the context.
type Log struct{ with []any }

// Enabled leaves the choice to Grafana.
func (Log) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes the record.
func (l Log) Handle(ctx context.Context, r slog.Record) error {
	about := slices.Clone(l.with)
	r.Attrs(func(a slog.Attr) bool {
		about = append(about, a.Key, a.Value.Resolve().Any())
		return true
	})
	to := backend.Logger.FromContext(ctx)
	write := to.Debug
	switch {
	case r.Level >= slog.LevelError:
		write = to.Error
	case r.Level >= slog.LevelWarn:
		write = to.Warn
	case r.Level >= slog.LevelInfo:
		write = to.Info
	}
	write(r.Message, about...)
	return nil
}

// WithAttrs returns a handler that writes the attributes with each record.
func (l Log) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		l.with = append(slices.Clip(l.with), a.Key, a.Value.Resolve().Any())
	}
	return l
}

// WithGroup returns the handler itself: groups are not supported.
func (l Log) WithGroup(string) slog.Handler { return l }
