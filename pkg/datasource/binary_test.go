package datasource_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/internal/program"
)

const maxBinary = 40 << 20

// The program, built as it is shipped and started as Grafana starts it,
// answers every query type, Save & test, a resource and its metrics.
func TestBuiltProgramAsGrafanaStartsIt(t *testing.T) {
	// Of last year, because the program's clock is the real one.
	years := 2026 - time.Now().Year() + 1
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), "consumers-and-groups.yaml"))
	require.NoError(t, err)
	s, err = s.MovedBack(years)
	require.NoError(t, err)
	stored, folder := t.TempDir(), t.TempDir()
	require.NoError(t, s.WriteBlocks(stored))
	write(t, folder, "scenario.yaml", s.Documents)
	started := program.Start(t, built(t), folder)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()

	data, diagnostics := started.Data, started.Diagnostics
	r := &rig{t: t, settings: backend.DataSourceInstanceSettings{ID: 1, UID: "built", Name: "Accord",
		URL: conformance.StartEmbedded(t, stored), JSONData: []byte(`{}`), Updated: s.End}}

	kinds := []string{"status", "compliance", "budget", "burnRate", "alert", "sli", "events", "history", "incidents", "agreements"}
	var queries []string
	for _, kind := range kinds {
		queries = append(queries, query(kind))
	}
	response, err := data.QueryData(ctx, backend.ToProto().QueryDataRequest(r.request(instant(t, "2026-08-04T09:05:00Z").AddDate(-years, 0, 0), queries...)))
	require.NoError(t, err)
	answers, err := backend.FromProto().QueryDataResponse(response)
	require.NoError(t, err)
	for i, kind := range kinds {
		answer := answers.Responses[string(rune('A'+i))]
		require.NoError(t, answer.Error, kind)
		require.NotEmpty(t, answer.Frames, kind)
		assert.Positive(t, answer.Frames[0].Rows(), kind)
		assert.Empty(t, answer.Frames[0].Meta.Notices, kind)
	}
	status := answers.Responses["A"].Frames[0]
	assert.Equal(t, 96552.0, cell(t, status, "total", 0))
	assert.Equal(t, 1296.0, cell(t, status, "bad", 0))

	health, err := diagnostics.CheckHealth(ctx, &pluginv2.CheckHealthRequest{PluginContext: backend.ToProto().PluginContext(r.plugin())})
	require.NoError(t, err)
	assert.Contains(t, health.Message, "2 agreements, 0 SLOs without one")
	metrics, err := diagnostics.CollectMetrics(ctx, &pluginv2.CollectMetricsRequest{})
	require.NoError(t, err)
	for _, want := range []string{
		`accord_queries_total{type="alert"} 1`, "accord_samples_total ", `accord_slots_total{from="cache"}`,
		`accord_document_problems{datasource="built",severity="error"} 0`, `accord_documents{datasource="built"}`,
	} {
		assert.Contains(t, string(metrics.Metrics.Prometheus), want)
	}
	stream, err := started.Resource.CallResource(ctx, backend.ToProto().CallResourceRequest(&backend.CallResourceRequest{
		PluginContext: r.plugin(), Method: http.MethodGet, Path: "catalog", URL: "catalog"}))
	require.NoError(t, err)
	first, err := stream.Recv()
	require.NoError(t, err)
	assert.EqualValues(t, http.StatusOK, first.Code)
}

// built is the path of the program, which must stay small.
func built(t *testing.T) string {
	t.Helper()
	path := program.Build(t)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(maxBinary), "the program is %d bytes", info.Size())
	return path
}

// The program speaks to a Prometheus; it does not bring one.
func TestProgramCarriesNoPrometheus(t *testing.T) {
	output, err := exec.Command("go", "list", "-deps", "github.com/accord-sla/accord/pkg/cmd/datasource").Output()
	require.NoError(t, err)
	for _, dependency := range strings.Fields(string(output)) {
		for _, refused := range []string{
			"github.com/prometheus/prometheus/tsdb", "github.com/prometheus/prometheus/web", "github.com/prometheus/prometheus/promql",
			"github.com/accord-sla/accord/pkg/demo/promserver", "github.com/accord-sla/accord/pkg/demo", "github.com/accord-sla/accord/pkg/cli",
		} {
			assert.False(t, dependency == refused || strings.HasPrefix(dependency, refused+"/") &&
				!typesOnly[strings.TrimPrefix(dependency, "github.com/prometheus/prometheus/")], dependency)
		}
	}
}

// typesOnly are the packages that the parser of PromQL takes its types from.
var typesOnly = map[string]bool{
	"promql/parser": true, "promql/parser/posrange": true, "tsdb/chunkenc": true, "tsdb/chunks": true, "tsdb/fileutil": true,
}
