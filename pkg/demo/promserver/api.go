package promserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/prometheus/prometheus/util/stats"
)

// api implements the reading part of Prometheus' HTTP API v1; a test compares its answers with those of
// Prometheus. Prometheus' own package is not used because it depends on all of service discovery, scraping
// and the cloud SDKs, more than a quarter of the executable.
type api struct {
	*Server
	parser parser.Parser
}

// handler answers one path with data, annotations or an error.
type handler func(*http.Request) (any, annotations.Annotations, error)

// empty are the answers of a Prometheus without scraping, rules and alerting. Grafana requests them by itself.
var empty = map[string]string{
	"rules": `{"groups":[]}`, "alerts": `{"alerts":[]}`, "metadata": `{}`, "query_exemplars": `[]`, "scrape_pools": `{"scrapePools":[]}`,
	"targets":       `{"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":{}}`,
	"alertmanagers": `{"activeAlertmanagers":[],"droppedAlertmanagers":[]}`,
	"features":      `{}`,
	"status/flags":  `{}`,
	"status/config": `{"yaml":""}`,
}

func newAPI(s *Server, p parser.Parser, o Options) http.Handler {
	const samples, concurrency, frame = maxSamples, 10, 1 << 20
	a := api{s, p}
	mux := http.NewServeMux()
	for path, answer := range map[string]handler{
		"query": a.query, "query_range": a.queryRange, "series": a.series, "labels": a.labelNames, "label/{name}/values": a.labelValues,
		"status/buildinfo": a.buildInfo, "status/tsdb/blocks": a.blocks,
	} {
		mux.HandleFunc("GET /"+path, a.respond(answer))
		mux.HandleFunc("POST /"+path, a.respond(answer))
	}
	for path, data := range empty {
		mux.HandleFunc("GET /"+path, a.respond(func(*http.Request) (any, annotations.Annotations, error) {
			return json.RawMessage(data), nil, nil
		}))
	}
	if !o.WithoutRead {
		mux.Handle("POST /read", remote.NewReadHandler(discard, nil, s.DB,
			func() config.Config { return config.DefaultConfig }, samples, concurrency, frame))
	}
	return mux
}

func (api) buildInfo(*http.Request) (any, annotations.Annotations, error) {
	return map[string]string{"version": Version, "revision": "", "branch": "embedded", "buildUser": "", "buildDate": "", "goVersion": runtime.Version()}, nil, nil
}

func (a api) blocks(*http.Request) (any, annotations.Annotations, error) {
	return map[string]any{"blocks": a.DB.BlockMetas()}, nil, nil
}

type badRequest struct{ error }

func (e badRequest) Unwrap() error { return e.error }

func invalid(parameter string, err error) error {
	return badRequest{fmt.Errorf("invalid parameter %q: %w", parameter, err)}
}

// kindOf returns the error's type in the answer, and Prometheus' status code for it.
func kindOf(err error) (kind string, status int) {
	switch {
	case errors.As(err, new(badRequest)):
		return "bad_data", http.StatusBadRequest
	case errors.As(err, new(promql.ErrQueryCanceled)), errors.Is(err, context.Canceled):
		return "canceled", 499
	case errors.As(err, new(promql.ErrQueryTimeout)):
		return "timeout", http.StatusServiceUnavailable
	case errors.As(err, new(promql.ErrStorage)):
		return "internal", http.StatusInternalServerError
	}
	return "execution", http.StatusUnprocessableEntity
}

type answer struct {
	Status    string   `json:"status"`
	Data      any      `json:"data,omitempty"`
	ErrorType string   `json:"errorType,omitempty"`
	Error     string   `json:"error,omitempty"`
	Warnings  []string `json:"warnings,omitempty"`
	Infos     []string `json:"infos,omitempty"`
}

func (a api) respond(get handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		data, notes, err := get(r)
		reply, status := answer{Status: "success", Data: data}, http.StatusOK
		if err != nil {
			reply = answer{Status: "error", Error: err.Error()}
			reply.ErrorType, status = kindOf(err)
		}
		reply.Warnings, reply.Infos = notes.AsStrings(r.FormValue("query"), 10, 10)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(reply)
	}
}

func (a api) query(r *http.Request) (any, annotations.Annotations, error) {
	at, err := timeOf(r, "time", time.Now())
	if err != nil {
		return nil, nil, err
	}
	return a.evaluate(r, func(ctx context.Context, options promql.QueryOpts) (promql.Query, error) {
		return a.Engine.NewInstantQuery(ctx, a.DB, options, r.FormValue("query"), at)
	})
}

func (a api) queryRange(r *http.Request) (any, annotations.Annotations, error) {
	const maxPoints = 11_000
	start, startErr := timeOf(r, "start")
	end, endErr := timeOf(r, "end")
	step, stepErr := durationOf(r, "step", "")
	switch err := cmp.Or(startErr, endErr, stepErr); {
	case err != nil:
		return nil, nil, err
	case end.Before(start):
		return nil, nil, invalid("end", errors.New("end timestamp must not be before start time"))
	case step <= 0:
		return nil, nil, invalid("step", errors.New("zero or negative query resolution step widths are not accepted. Try a positive integer"))
	case end.Sub(start)/step > maxPoints:
		return nil, nil, badRequest{errors.New("exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)")}
	}
	return a.evaluate(r, func(ctx context.Context, options promql.QueryOpts) (promql.Query, error) {
		return a.Engine.NewRangeQuery(ctx, a.DB, options, r.FormValue("query"), start, end, step)
	})
}

// evaluate makes the query with the options of the request and runs it.
func (a api) evaluate(r *http.Request, query func(context.Context, promql.QueryOpts) (promql.Query, error)) (any, annotations.Annotations, error) {
	back, backErr := durationOf(r, "lookback_delta", "0s")
	timeout, timeoutErr := durationOf(r, "timeout", queryTimeout.String())
	if err := cmp.Or(backErr, timeoutErr); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	q, err := query(ctx, promql.NewPrometheusQueryOpts(false, back, nil))
	if err != nil {
		return nil, nil, invalid("query", err)
	}
	defer q.Close()
	result := q.Exec(ctx)
	if result.Err != nil {
		return nil, result.Warnings, result.Err
	}
	data := struct {
		ResultType parser.ValueType `json:"resultType"`
		Result     json.RawMessage  `json:"result"`
		Stats      stats.QueryStats `json:"stats,omitempty"`
	}{ResultType: result.Value.Type()}
	if r.FormValue("stats") != "" {
		data.Stats = stats.NewQueryStats(q.Stats())
	}
	if matrix, is := result.Value.(promql.Matrix); is && matrix == nil {
		result.Value = promql.Matrix{} // encoded as [], not as null
	}
	data.Result, err = json.Marshal(result.Value) // the query's memory is reused once it is closed
	return data, result.Warnings, err
}

func (a api) series(r *http.Request) (any, annotations.Annotations, error) {
	if r.FormValue("match[]") == "" {
		return nil, nil, badRequest{errors.New("no match[] parameter provided")}
	}
	return lookUp(a, r, labels.Compare, func(q storage.Querier, matchers []*labels.Matcher) (found []labels.Labels, _ annotations.Annotations, _ error) {
		set := q.Select(r.Context(), false, nil, matchers...)
		for set.Next() {
			found = append(found, set.At().Labels())
		}
		return found, set.Warnings(), set.Err()
	})
}

func (a api) labelNames(r *http.Request) (any, annotations.Annotations, error) {
	return lookUp(a, r, strings.Compare, func(q storage.Querier, matchers []*labels.Matcher) ([]string, annotations.Annotations, error) {
		return q.LabelNames(r.Context(), nil, matchers...)
	})
}

func (a api) labelValues(r *http.Request) (any, annotations.Annotations, error) {
	name := model.UnescapeName(r.PathValue("name"), model.ValueEncodingEscaping)
	if !model.UTF8Validation.IsValidLabelName(name) {
		return nil, nil, badRequest{fmt.Errorf("invalid label name: %q", name)}
	}
	return lookUp(a, r, strings.Compare, func(q storage.Querier, matchers []*labels.Matcher) ([]string, annotations.Annotations, error) {
		return q.LabelValues(r.Context(), name, nil, matchers...)
	})
}

// lookUp returns what the selectors of the request find in its time range, sorted and without duplicates.
func lookUp[T any](a api, r *http.Request, compare func(a, b T) int,
	read func(storage.Querier, []*labels.Matcher) ([]T, annotations.Annotations, error),
) (any, annotations.Annotations, error) {
	start, startErr := timeOf(r, "start", time.Time{})
	end, endErr := timeOf(r, "end", time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC))
	limit, limitErr := strconv.ParseUint(cmp.Or(r.FormValue("limit"), "0"), 10, 31)
	if limitErr != nil {
		limitErr = invalid("limit", errors.New("limit must be non-negative"))
	}
	selectors, selectorErr := a.selectors(r.Form["match[]"])
	if err := cmp.Or(startErr, endErr, limitErr, selectorErr); err != nil {
		return nil, nil, err
	}
	q, err := a.DB.Querier(start.UnixMilli(), end.UnixMilli())
	if err != nil {
		return nil, nil, err
	}
	defer q.Close()
	all, notes := []T{}, annotations.Annotations(nil)
	for _, matchers := range selectors {
		found, more, err := read(q, matchers)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, found...)
		notes.Merge(more)
	}
	slices.SortFunc(all, compare)
	all = slices.CompactFunc(all, func(a, b T) bool { return compare(a, b) == 0 })
	if limit > 0 && len(all) > int(limit) {
		return all[:limit], notes.Add(errors.New("results truncated due to limit")), nil
	}
	return all, notes, nil
}

// selectors returns the matchers of each selector; without any selector, those of all series.
func (a api) selectors(texts []string) ([][]*labels.Matcher, error) {
	selectors, err := a.parser.ParseMetricSelectors(texts)
	switch {
	case err != nil:
		return nil, invalid("match[]", err)
	case len(selectors) == 0:
		return [][]*labels.Matcher{nil}, nil
	}
	for _, matchers := range selectors {
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches("") }) {
			return nil, invalid("match[]", errors.New("match[] must contain at least one non-empty matcher"))
		}
	}
	return selectors, nil
}

// timeOf reads the parameter as Unix seconds or RFC 3339; a missing one is otherwise, if that is given.
func timeOf(r *http.Request, parameter string, otherwise ...time.Time) (time.Time, error) {
	text := r.FormValue(parameter)
	if text == "" && len(otherwise) > 0 {
		return otherwise[0], nil
	}
	if unix, err := strconv.ParseFloat(text, 64); err == nil {
		return time.UnixMilli(int64(math.Round(unix * 1000))).UTC(), nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		err = invalid(parameter, fmt.Errorf("cannot parse %q to a valid timestamp", text))
	}
	return at, err
}

// durationOf reads the parameter, or otherwise if it is missing, in seconds or as a Prometheus duration.
func durationOf(r *http.Request, parameter, otherwise string) (time.Duration, error) {
	text := cmp.Or(r.FormValue(parameter), otherwise)
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(seconds) < math.MaxInt64/1e9 {
		return time.Duration(seconds * 1e9), nil
	}
	d, err := model.ParseDuration(text)
	if err != nil {
		err = invalid(parameter, fmt.Errorf("cannot parse %q to a valid duration", text))
	}
	return time.Duration(d), err
}
