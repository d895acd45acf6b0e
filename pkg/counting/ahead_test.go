package counting

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
)

// What an answer began with before it broke off is no part of the next one.
func TestAnAnswerThatBreaksOffLeavesNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const series = `{"metric":{"service":"a","pod":"old"},"values":[[300,"7"]]}`
		switch {
		case !strings.HasSuffix(r.URL.Path, "/query_range"): // a probe
			_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[]}}`))
			return
		case strings.Contains(r.FormValue("query"), `a|b`):
			_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[` + series + `,{"metric":nonsense`))
			return
		}
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[]}}`))
	}))
	t.Cleanup(server.Close)
	client, err := prometheus.New(server.URL, nil, prometheus.Options{Probes: Probes()})
	require.NoError(t, err)
	s := New(client, Options{})
	var consumers []*consumer
	for _, service := range []string{"a", "b"} {
		total := agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: `requests_total{service="` + service + `"}`}, Bad: &agreement.Query{Expr: `errors_total{service="` + service + `"}`}}
		plan, err := sli.NewPlan(total, nil, []string{"pod"})
		require.NoError(t, err)
		task := &task{plan: plan, method: sli.Offset, resolution: DefaultResolution, objective: &agreement.Objective{SLI: total}}
		w := &want{task: task, piece: scope.Interval{From: 0, To: 600_000}, length: 300_000}
		consumers = append(consumers, w.newConsumers()[0])
		w.left = len(w.terms)
	}
	set := gather(consumers, func(*consumer) string { return "" })[0]
	require.Len(t, set.members, 2)
	s.askMerged(context.Background(), set, func(*want) {})
	for _, c := range consumers {
		assert.NoError(t, c.want.err)
		assert.Empty(t, c.columns.groups)
	}
}

// Who waits for a batch that a fault ends counts by itself.
func TestNobodyWaitsForABatchWithAFault(t *testing.T) {
	s := &Service{calls: calls[pieceCounts]{now: func() time.Time { panic("a fault") }}}
	w := &want{done: make(chan struct{})}
	assert.Error(t, recovered(func() { s.countBatch(t.Context(), &Ahead{}, &batch{wants: []*want{w}, keys: []string{"key"}}) }))
	select {
	case <-w.done:
	default:
		t.Fatal("it waits forever")
	}
}
