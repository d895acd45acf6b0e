package httpapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

func TestTheStatusIsMeasuredOnceInTenSeconds(t *testing.T) {
	now := time.Date(2026, 4, 26, 20, 5, 3, 0, time.UTC)
	clock := func() time.Time { return now }
	at := func(handler http.HandlerFunc) *measure.Service {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		client, err := prometheus.New(server.URL, nil, prometheus.Options{Probes: counting.Probes()})
		require.NoError(t, err)
		return measure.New(client, counting.Options{Now: clock})
	}
	empty := at(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[]}}`))
	})
	f := newHandlers(Options{Engine: empty, Now: clock})
	one := &catalog.Catalog{Agreements: []*agreement.Agreement{{Name: "a", Provider: "p"}}}
	ask := func(c *catalog.Catalog) *measure.AgreementResult {
		results, _, _ := f.everything(context.Background(), c)
		require.Len(t, results, 1)
		return &results[0]
	}
	first := ask(one)
	now = now.Add(6 * time.Second)
	assert.Same(t, first, ask(one))
	changed := *one
	second := ask(&changed)
	assert.NotSame(t, first, second, "documents changed")
	now = now.Add(time.Second)
	assert.NotSame(t, second, ask(&changed), "ten seconds are over")

	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	now = now.Add(10 * time.Second)
	_, _, _ = f.everything(canceled, &changed)
	assert.NotEqual(t, [2]any{&changed, f.Present()}, f.status.of, "what was given up is not kept")

	f.Engine = at(http.NotFound)
	assert.NotSame(t, ask(&changed), ask(&changed), "nor is what an unreachable server left out")
}
