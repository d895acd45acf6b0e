package httpapi_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const mistypedSLO = `apiVersion: openslo/v1
kind: SLO
metadata: {name: mistyped}
spec:
  service: payments-api
  budgetingMethod: Occurrences
  timeWindow: [{duration: 1d, isRolling: true}]
  objectives: [{target: 0.99}]
  indicator:
    metadata: {name: mistyped}
    spec:
      ratioMetric:
        bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="api",code="50"}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="api"}'}}}
`

func TestHealthListsWhatOnlyTheDataCanTell(t *testing.T) {
	handler, _ := measured(t)
	put := send(handler, "PUT", "/documents/SLO/mistyped", mistypedSLO, "If-None-Match", "*", "Content-Type", "application/yaml")
	require.Contains(t, []int{200, 201}, put.Code, put.Body)
	var found []any
	for _, problem := range dig(decoded(t, send(handler, "GET", "/health", "")), "documents", "problems").([]any) {
		if dig(problem, "name") == "mistyped" {
			found = append(found, dig(problem, "message"), dig(problem, "severity"), dig(problem, "column"))
		}
	}
	require.Len(t, found, 3)
	assert.Contains(t, found[0], `http_requests_total has no code="50", only "200", "500" (did you mean 500?)`)
	assert.Equal(t, []any{"warning", 62.0}, found[1:], "at the query in the document")
}
