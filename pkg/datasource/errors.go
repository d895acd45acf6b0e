package datasource

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// kindError is an error of a kind, see [kindOf].
type kindError struct {
	kind string
	error
}

func (k kindError) Unwrap() error { return k.error }

// badQueryf is a query that cannot be answered, whatever Prometheus says.
func badQueryf(format string, args ...any) error {
	return kindError{"query", fmt.Errorf(format, args...)}
}

// measuringErrorf is an objective that could not be measured: Prometheus did not
// answer, or the documents ask for what is not there.
func measuringErrorf(format string, args ...any) error {
	return kindError{"measuring", fmt.Errorf(format, args...)}
}

// failed is the answer to a query that failed, with whose fault it is.
func failed(err error) backend.DataResponse {
	response := backend.DataResponse{Error: err, Status: statusOf(err), ErrorSource: backend.ErrorSourcePlugin}
	if kindOf(err) != "plugin" {
		response.ErrorSource = backend.ErrorSourceDownstream
	}
	return response
}

// kindOf is the sort of an error: that of a request to Prometheus, or query,
// settings, documents, timeout, canceled, measuring, plugin.
func kindOf(err error) string {
	if kind := prometheus.KindOf(err); kind != "" {
		return string(kind)
	}
	var fault *parallel.PanicError
	if errors.As(err, &fault) {
		return "plugin"
	}
	var known kindError
	isKnown := errors.As(err, &known)
	var folder catalog.FolderError
	var limit measure.LimitError
	switch {
	case errors.As(err, &limit):
		return "query"
	case isKnown && known.kind != "measuring":
		return known.kind
	case errors.As(err, &folder):
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

func statusOf(err error) backend.Status {
	switch kindOf(err) {
	case "query", "settings":
		return backend.StatusBadRequest
	case "documents", "measuring", string(prometheus.BadQuery):
		return backend.Status(http.StatusUnprocessableEntity)
	case string(prometheus.Timeout):
		return backend.StatusTimeout
	case string(prometheus.Unauthorized):
		return backend.StatusUnauthorized
	case string(prometheus.Forbidden):
		return backend.StatusForbidden
	case "plugin":
		return backend.StatusInternal
	case string(prometheus.Canceled):
		return backend.Status(499) // the client has gone, as nginx has it
	}
	return backend.StatusBadGateway
}
