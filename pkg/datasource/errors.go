package datasource

import (
	"context"
	"errors"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// settingsError is a data source that cannot work as it is set up.
type settingsError struct{ error }

func (s settingsError) Unwrap() error { return s.error }

// measureError is an objective that could not be measured: Prometheus did not
// answer, or the documents ask for what is not there.
type measureError struct{ error }

func (m measureError) Unwrap() error { return m.error }

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
	var query badQuery
	var settings settingsError
	var folder catalog.FolderError
	var measuring measureError
	switch {
	case errors.As(err, &query):
		return "query"
	case errors.As(err, &settings):
		return "settings"
	case errors.As(err, &folder):
		return "documents"
	case errors.Is(err, context.DeadlineExceeded):
		return string(prometheus.Timeout)
	case errors.Is(err, context.Canceled):
		return string(prometheus.Canceled)
	case errors.As(err, &measuring):
		return "measuring"
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
