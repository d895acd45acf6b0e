package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/accord-sla/accord/internal/program"
	"github.com/accord-sla/accord/pkg/datasource"
)

const uid = "accord"

type process struct {
	part[program.Started]
	prometheus string
}

func (p *process) context(user *backend.User) backend.PluginContext {
	return backend.PluginContext{Namespace: "default", PluginID: datasource.ID, User: user,
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{ID: 1, UID: uid, Name: "Accord", URL: p.prometheus,
			JSONData: []byte(`{"resolution":"5m","timeout":60}`), Updated: time.Unix(1, 0)}}
}

func (p *process) resource(r *http.Request, user *backend.User, path string) (*backend.CallResourceResponse, error) {
	services, err := p.present()
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	address := path
	if r.URL.RawQuery != "" {
		address += "?" + r.URL.RawQuery
	}
	stream, err := services.Resource.CallResource(r.Context(), backend.ToProto().CallResourceRequest(&backend.CallResourceRequest{
		PluginContext: p.context(user), Method: r.Method, Path: path, URL: address, Headers: r.Header, Body: body}))
	if err != nil {
		return nil, err
	}
	var whole *backend.CallResourceResponse
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) && whole != nil {
			return whole, nil
		}
		if err != nil {
			return nil, err
		}
		response := backend.FromProto().CallResourceResponse(part)
		if whole == nil {
			whole = response
		} else {
			whole.Body = append(whole.Body, response.Body...)
		}
	}
}

func (p *process) query(r *http.Request, user *backend.User) (*backend.QueryDataResponse, error) {
	services, err := p.present()
	if err != nil {
		return nil, err
	}
	var asked struct {
		From, To int64 `json:",string"` // milliseconds
		Queries  []json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		return nil, err
	}
	request := &backend.QueryDataRequest{PluginContext: p.context(user), Headers: map[string]string{}}
	for _, text := range asked.Queries {
		query := struct {
			RefID, QueryType string
			MaxDataPoints    int64
			IntervalMs       int64
		}{MaxDataPoints: 100, IntervalMs: 1000}
		if err := json.Unmarshal(text, &query); err != nil {
			return nil, err
		}
		request.Queries = append(request.Queries, backend.DataQuery{
			RefID: query.RefID, QueryType: query.QueryType, JSON: text, MaxDataPoints: query.MaxDataPoints,
			Interval:  time.Duration(query.IntervalMs) * time.Millisecond,
			TimeRange: backend.TimeRange{From: time.UnixMilli(asked.From), To: time.UnixMilli(asked.To)},
		})
	}
	response, err := services.Data.QueryData(r.Context(), backend.ToProto().QueryDataRequest(request))
	if err != nil {
		return nil, err
	}
	return backend.FromProto().QueryDataResponse(response)
}
