package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/statement"
)

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
	var r *editing.Refusal
	if !errors.As(err, &r) {
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
