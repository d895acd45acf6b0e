package datasource_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/datasourcetest"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/internal/freeport"
	"github.com/accord-sla/accord/pkg/datasource"
)

func TestMain(m *testing.M) {
	log.DefaultLogger = log.NewNullLogger() // the SDK tells of each call
	backend.Logger = log.DefaultLogger
	os.Exit(m.Run())
}

// rig is the data source as Grafana reaches it, over gRPC, in front of an
// embedded Prometheus with the traffic of a scenario.
type rig struct {
	t        *testing.T
	client   *datasourcetest.TestPluginClient
	settings backend.DataSourceInstanceSettings
	folder   string
	now      time.Time
	// namespace is that of the organization; empty: the first one's.
	namespace string
}

// scenario is a rig with the traffic and documents of a conformance scenario.
func scenario(t *testing.T, name string) *rig {
	t.Helper()
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), name+".yaml"))
	require.NoError(t, err)
	stored := t.TempDir()
	require.NoError(t, s.WriteBlocks(stored))
	folder := t.TempDir()
	write(t, folder, "scenario.yaml", s.Documents)
	return serve(t, conformance.StartEmbedded(t, stored), folder, s.End.Add(time.Hour))
}

// serve is a rig in front of any server and folder; now is its clock.
func serve(t *testing.T, url, folder string, now time.Time) *rig {
	t.Helper()
	client, uid := process(t), fmt.Sprintf("accord-%d", dataSources.Add(1))
	clocks.Store(uid, datasource.Factory{Root: folder, Now: func() time.Time { return now }})
	t.Cleanup(func() { dispose(uid) })
	return &rig{t: t, client: client, folder: folder, now: now, settings: backend.DataSourceInstanceSettings{
		ID: dataSources.Load(), UID: uid, Name: "Accord", URL: url, JSONData: []byte(`{}`), Updated: now}}
}

// One process serves all data sources, as in Grafana: the SDK's own metrics can
// be registered only once.
var (
	dataSources atomic.Int64
	clocks      sync.Map // UID -> datasource.Factory
	instances   sync.Map // instancemgmt.InstanceDisposer -> UID
	theProcess  struct {
		once   sync.Once
		plugin datasourcetest.TestPlugin
		err    error
	}
)

func process(t *testing.T) *datasourcetest.TestPluginClient {
	t.Helper()
	theProcess.once.Do(func() {
		theProcess.plugin, theProcess.err = datasourcetest.Manage(newInstance, datasourcetest.ManageOpts{Address: freeport.Address(t)})
	})
	require.NoError(t, theProcess.err)
	return theProcess.plugin.Client
}

func newInstance(ctx context.Context, s backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	factory, ok := clocks.Load(s.UID)
	if !ok {
		return nil, fmt.Errorf("no test has the data source %s", s.UID)
	}
	instance, err := factory.(datasource.Factory).New(ctx, s)
	if disposer, ok := instance.(instancemgmt.InstanceDisposer); ok {
		instances.Store(disposer, s.UID)
	}
	return instance, err
}

func dispose(uid string) {
	instances.Range(func(instance, of any) bool {
		if of == uid {
			instance.(instancemgmt.InstanceDisposer).Dispose()
		}
		return true
	})
}

func write(t *testing.T, folder, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
}

// with is the rig with other settings, which Grafana tells by a later date.
func (r *rig) with(change func(*backend.DataSourceInstanceSettings)) *rig {
	changed := *r
	change(&changed.settings)
	changed.settings.Updated = changed.settings.Updated.Add(time.Second)
	return &changed
}

func (r *rig) plugin() backend.PluginContext {
	settings := r.settings
	return backend.PluginContext{Namespace: cmp.Or(r.namespace, "default"), PluginID: datasource.ID, DataSourceInstanceSettings: &settings}
}

// request asks queries by their JSON, over the day before at; their refIDs are
// A, B, ….
func (r *rig) request(at time.Time, queries ...string) *backend.QueryDataRequest {
	req := &backend.QueryDataRequest{PluginContext: r.plugin(), Headers: map[string]string{}}
	for i, text := range queries {
		req.Queries = append(req.Queries, backend.DataQuery{
			RefID: string(rune('A' + i)), JSON: json.RawMessage(text), MaxDataPoints: 12, Interval: time.Hour,
			TimeRange: backend.TimeRange{From: at.Add(-24 * time.Hour), To: at},
		})
	}
	return req
}

func (r *rig) send(req *backend.QueryDataRequest) backend.Responses {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	response, err := r.client.QueryData(ctx, req)
	require.NoError(r.t, err)
	require.Len(r.t, response.Responses, len(req.Queries))
	return response.Responses
}

// ask is the answer to one query.
func (r *rig) ask(at time.Time, query string) backend.DataResponse {
	r.t.Helper()
	return r.send(r.request(at, query))["A"]
}

// frames are those of a query that must not fail.
func (r *rig) frames(at time.Time, query string) data.Frames {
	r.t.Helper()
	response := r.ask(at, query)
	require.NoError(r.t, response.Error)
	require.NotEmpty(r.t, response.Frames)
	return response.Frames
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

// cell is a value of a table; nil when it is null.
func cell(t *testing.T, frame *data.Frame, name string, row int) any {
	t.Helper()
	field, _ := frame.FieldByName(name)
	require.NotNil(t, field, "no field %s in %v", name, fieldNames(frame))
	value, ok := field.ConcreteAt(row)
	if !ok {
		return nil
	}
	if at, ok := value.(time.Time); ok {
		return at.UTC()
	}
	return value
}

func fieldNames(frame *data.Frame) []string {
	var names []string
	for _, field := range frame.Fields {
		names = append(names, field.Name)
	}
	return names
}

// custom is meta.custom after its way over gRPC.
func custom(t *testing.T, frame *data.Frame) map[string]any {
	t.Helper()
	values, ok := frame.Meta.Custom.(map[string]any)
	require.True(t, ok, "meta.custom is %T", frame.Meta.Custom)
	return values
}

func notices(frame *data.Frame) string {
	var texts []string
	for _, notice := range frame.Meta.Notices {
		texts = append(texts, notice.Text)
	}
	return strings.Join(texts, "\n")
}

// query is a query's JSON of a type with more fields.
func query(kind string, more ...string) string {
	return fmt.Sprintf(`{"schemaVersion": 1, %s}`, strings.Join(append([]string{fmt.Sprintf(`"queryType": %q`, kind)}, more...), ", "))
}
