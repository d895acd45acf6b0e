package site_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/site"
)

const grouped = `apiVersion: openslo/v1
kind: Service
metadata: {name: payments-api}
spec: {description: x}
---
apiVersion: accord/v1
kind: Team
metadata: {name: payments}
spec: {}
---
apiVersion: accord/v1
kind: Team
metadata: {name: checkout}
spec: {}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: payments-for-checkout}
spec:
  service: payments-api
  provider: payments
  consumers: [checkout]
  objectives:
    - name: availability
      target: 0.995
      window: {rolling: 1d}
      groupBy: [region]
      indicator:
        ratioMetric:
          counter: true
          bad: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(errors_total[5m]))'}}}
          total: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(requests_total[5m]))'}}}
`

// Groups that are no UTF-8 have samples of their own each, and take no others
// away.
func TestMetricsSurviveLabelsThatAreNoUTF8(t *testing.T) {
	assert.Equal(t, 3, strings.Count(metricsOf(t, grouped, nil), "\naccord_objective_measured{"), "one sample a group")
}

// One mistake in one document takes no figures of others away.
func TestMetricsOfAnAgreementThatNamesAnObjectiveTwice(t *testing.T) {
	again := grouped[strings.Index(grouped, "    - name: availability"):]
	assert.Contains(t, metricsOf(t, grouped+again, nil), `accord_objective_state{agreement="payments-for-checkout",group="",objective="availability",provider="payments",service="payments-api",state="no_data"} 1`)
}

// So that an alert on the state of breached is of what was promised.
func TestMetricsOfWhatIsNotPromisedAreInactive(t *testing.T) {
	metrics := metricsOf(t, strings.Replace(grouped, "spec:\n  service:", "spec:\n  stage: proposed\n  service:", 1), nil)
	assert.Regexp(t, `accord_objective_state\{.*group="region=eu".*state="inactive"\} 1`, metrics)
	assert.NotContains(t, metrics, "accord_objective_measured{")
	assert.Contains(t, metrics, "accord_objective_compliance_ratio{", "for information")
}

// So that an alert tells of a folder whose changes are no longer seen.
func TestMetricsTellOfAFolderThatCannotBeRead(t *testing.T) {
	assert.Contains(t, metricsOf(t, grouped, nil), "\naccord_documents_readable 1\n")
	assert.Contains(t, metricsOf(t, grouped, errors.New("is gone")), "\naccord_documents_readable 0\n")
}

func metricsOf(t *testing.T, documents string, stale error) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/query_range") {
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
			return
		}
		var series []string
		for _, region := range []string{"x\xffy", "x\xfey", "eu"} {
			series = append(series, fmt.Sprintf(`{"metric":{"region":"%s"},"values":[[%s,"5"]]}`, region, r.FormValue("start")))
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[%s]}}`, strings.Join(series, ","))
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slas.yaml"), []byte(documents), 0o600))
	client, err := prometheus.New(server.URL, nil, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	now := func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }
	handler := site.New(httpapi.Options{
		Client: client, Engine: measure.New(client, counting.Options{Now: now}), Now: now,
		Folder: &editing.Folder{Root: dir, Dir: dir, Now: now}, Stale: func() error { return stale },
		Catalog: func(ctx context.Context) (*catalog.Catalog, error) { return catalog.Load(ctx, dir, catalog.Options{}) },
	})
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, answer.Code, answer.Body.String())
	return answer.Body.String()
}
