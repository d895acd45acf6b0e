package promserver_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	promapi "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestAnswersTheAPI(t *testing.T) {
	server := start(t, promserver.Options{Dir: t.TempDir()})
	record(t, server, labels.FromStrings("__name__", "requests_total", "job", "api"), 0, 10, 20, 30, 40, 55)
	client := clientOf(t, server)
	ctx := t.Context()

	value, warnings, _, err := client.Query(ctx, `sum(requests_total)`, noon.Add(5*time.Minute))
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, 55.0, float64(value.(model.Vector)[0].Value))

	value, _, _, err = client.QueryRange(ctx, `requests_total`, promapi.Range{Start: noon, End: noon.Add(5 * time.Minute), Step: time.Minute})
	require.NoError(t, err)
	require.Len(t, value.(model.Matrix)[0].Values, 6)

	series, _, _, err := client.Series(ctx, []string{`{job="api"}`}, noon, noon.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, []model.LabelSet{{"__name__": "requests_total", "job": "api"}}, series)

	jobs, _, _, err := client.LabelValues(ctx, "job", nil, noon, noon.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, model.LabelValues{"api"}, jobs)

	info, err := client.Buildinfo(ctx)
	require.NoError(t, err)
	require.Equal(t, promserver.Version, info.Version)
}

// Parts that are switched off answer like a Prometheus without configuration,
// because Grafana and others ask for them without being told to.
func TestAnswersForWhatIsNotThere(t *testing.T) {
	server := start(t, promserver.Options{Dir: t.TempDir()})
	for _, path := range []string{
		"rules", "alerts", "targets", "alertmanagers", "scrape_pools", "metadata", "features",
		"status/flags", "status/config", "status/tsdb/blocks", "query_exemplars?query=up&start=0&end=1",
	} {
		code, body := get(t, server.URL()+"/api/v1/"+path)
		require.Equal(t, http.StatusOK, code, "%s: %s", path, body)
		require.Contains(t, body, `"success"`, path)
	}
	for path, says := range map[string]string{"/-/ready": "Ready", "/-/healthy": "Healthy", "/": "embedded in Accord"} {
		code, body := get(t, server.URL()+path)
		require.Equal(t, http.StatusOK, code, path)
		require.Contains(t, body, says)
	}
}

func TestCannotBeWrittenOverHTTP(t *testing.T) {
	server := start(t, promserver.Options{Dir: t.TempDir()})
	for _, path := range []string{"write", "otlp/v1/metrics", "admin/tsdb/delete_series?match[]=up", "admin/tsdb/snapshot"} {
		response, err := http.Post(server.URL()+"/api/v1/"+path, "", nil)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.GreaterOrEqual(t, response.StatusCode, 400, path)
	}
}

func TestNoOtherOriginReads(t *testing.T) {
	server := start(t, promserver.Options{Dir: t.TempDir()})
	request, err := http.NewRequest(http.MethodGet, server.URL()+"/api/v1/query?query=1", nil)
	require.NoError(t, err)
	request.Header.Set("Origin", "https://elsewhere.example")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Empty(t, response.Header.Get("Access-Control-Allow-Origin"))
}

func TestAnchored(t *testing.T) {
	const query = `increase(requests_total[5m] anchored)`
	at := noon.Add(5 * time.Minute)

	t.Run("counts to the event", func(t *testing.T) {
		server := start(t, promserver.Options{Dir: t.TempDir()})
		record(t, server, labels.FromStrings("__name__", "requests_total"), 5, 10, 20, 30, 40, 55)
		value, _, _, err := clientOf(t, server).Query(t.Context(), query, at)
		require.NoError(t, err)
		require.Equal(t, 50.0, float64(value.(model.Vector)[0].Value))
	})
	t.Run("is refused without", func(t *testing.T) {
		server := start(t, promserver.Options{Dir: t.TempDir(), WithoutAnchored: true})
		for _, modifier := range []string{"anchored", "smoothed"} {
			_, _, _, err := clientOf(t, server).Query(t.Context(), strings.Replace(query, "anchored", modifier, 1), at)
			require.ErrorContains(t, err, modifier+" modifier is experimental and not enabled")
		}
	})
}

func TestLiveSamplesAreSeenAndKept(t *testing.T) {
	dir := t.TempDir()
	server, err := promserver.Start(promserver.Options{Dir: dir})
	require.NoError(t, err)
	record(t, server, labels.FromStrings("__name__", "requests_total"), 1, 2)
	query(t, server, `requests_total`, noon.Add(time.Minute), 2)
	require.NoError(t, server.Close())

	server = start(t, promserver.Options{Dir: dir})
	query(t, server, `requests_total`, noon.Add(time.Minute), 2)
	query(t, server, `requests_total`, noon, 1)
}

func TestEngineWithoutHTTP(t *testing.T) {
	server := start(t, promserver.Options{Dir: t.TempDir()})
	record(t, server, labels.FromStrings("__name__", "requests_total"), 7)
	q, err := server.Engine.NewInstantQuery(t.Context(), server.DB, nil, `requests_total * 2`, noon)
	require.NoError(t, err)
	defer q.Close()
	vector, err := q.Exec(t.Context()).Vector()
	require.NoError(t, err)
	require.Equal(t, 14.0, vector[0].F)
}

func TestRefusesToStart(t *testing.T) {
	dir := t.TempDir()
	server := start(t, promserver.Options{Dir: dir})

	t.Run("on a folder in use", func(t *testing.T) {
		_, err := promserver.Start(promserver.Options{Dir: dir})
		require.ErrorContains(t, err, "open the metrics history in "+dir)
	})
	t.Run("on a port in use", func(t *testing.T) {
		listen := strings.TrimPrefix(server.URL(), "http://")
		other := t.TempDir()
		_, err := promserver.Start(promserver.Options{Dir: other, Listen: listen})
		require.ErrorContains(t, err, "listen on "+listen)
		start(t, promserver.Options{Dir: other}) // the folder was let go
	})
}

func TestVersionIsThatOfTheModule(t *testing.T) {
	content, err := os.ReadFile("../../../go.mod")
	require.NoError(t, err)
	parts := strings.Split(promserver.Version, ".") // 3.15.0 is published to Go as v0.315.0
	require.Contains(t, string(content), "github.com/prometheus/prometheus v0."+parts[0]+parts[1]+"."+parts[2]+"\n")
}

func start(t *testing.T, o promserver.Options) *promserver.Server {
	t.Helper()
	server, err := promserver.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

// record appends one value a minute from noon on.
func record(t *testing.T, server *promserver.Server, series labels.Labels, values ...float64) {
	t.Helper()
	appender := server.DB.Appender(t.Context())
	for i, v := range values {
		_, err := appender.Append(0, series, noon.Add(time.Duration(i)*time.Minute).UnixMilli(), v)
		require.NoError(t, err)
	}
	require.NoError(t, appender.Commit())
}

// query wants exactly one series with this value.
func query(t *testing.T, server *promserver.Server, expr string, at time.Time, want float64) {
	t.Helper()
	value, _, _, err := clientOf(t, server).Query(context.WithoutCancel(t.Context()), expr, at)
	require.NoError(t, err)
	require.Len(t, value, 1, "%s at %s", expr, at)
	require.InDelta(t, want, float64(value.(model.Vector)[0].Value), 1e-9, "%s at %s", expr, at)
}

func clientOf(t *testing.T, server *promserver.Server) promapi.API {
	t.Helper()
	return clientAt(t, server.URL())
}

func clientAt(t *testing.T, url string) promapi.API {
	t.Helper()
	client, err := api.NewClient(api.Config{Address: url})
	require.NoError(t, err)
	return promapi.NewAPI(client)
}

func get(t *testing.T, url string) (code int, body string) {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	return read(t, response)
}

func read(t *testing.T, response *http.Response) (code int, body string) {
	t.Helper()
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(content)
}
