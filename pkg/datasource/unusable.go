package datasource

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// Unusable is a data source whose settings are wrong: it says so in every
// answer.
type Unusable struct{ because error }

// QueryData fails every query with the reason.
func (u *Unusable) QueryData(_ context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	for _, q := range req.Queries {
		response.Responses[q.RefID] = failed(u.because)
	}
	return response, nil
}

// CheckHealth tells the reason.
func (u *Unusable) CheckHealth(context.Context, *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: u.because.Error()}, nil
}

// CallResource tells the reason as the resources tell errors.
func (u *Unusable) CallResource(_ context.Context, _ *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	body, err := json.Marshal(map[string]string{"error": u.because.Error()})
	if err != nil {
		return err
	}
	return sender.Send(&backend.CallResourceResponse{Status: http.StatusBadRequest,
		Headers: map[string][]string{"Content-Type": {"application/json"}}, Body: body})
}
