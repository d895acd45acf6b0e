package datasource

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/prometheus"
)

func TestSettings(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "slas"), 0o700))
	for _, of := range []struct {
		name, json string
		want       Settings
		said       string
	}{
		{name: "defaults", json: ``, want: Settings{Definitions: root, Resolution: 5 * time.Minute}},
		{name: "all", json: `{"definitions": "slas", "resolution": "1m", "timeout": 45, "parallelQueries": 8, "cacheSize": 64, "connection": "main"}`,
			want: Settings{Definitions: filepath.Join(root, "slas"), Resolution: time.Minute, Timeout: 45 * time.Second, ParallelQueries: 8, CacheBytes: 64 << 20, Connection: "main"}},
		{name: "absolute", json: `{"definitions": "` + root + `/slas/"}`, want: Settings{Definitions: filepath.Join(root, "slas"), Resolution: 5 * time.Minute}},
		{name: "time-out as text", json: `{"timeout": "30"}`, want: Settings{Definitions: root, Resolution: 5 * time.Minute, Timeout: 30 * time.Second}},
		{name: "settings of others", json: `{"httpMethod": "POST", "tlsAuth": true}`, want: Settings{Definitions: root, Resolution: 5 * time.Minute}},
		{name: "no JSON", json: `{`, said: "the settings cannot be read"},
		{name: "resolution", json: `{"resolution": "7m"}`, said: `resolution "7m": must be whole minutes that divide a day`},
		{name: "time-out", json: `{"timeout": "soon"}`, said: "timeout soon: must be a number of seconds"},
		{name: "long time-out", json: `{"timeout": 100000}`, said: "at most 600"},
		{name: "endless time-out", json: `{"timeout": 1e300}`, said: "timeout 1e300: must be a number of seconds, at most 600"},
		{name: "parallel", json: `{"parallelQueries": 1000}`, said: "parallelQueries: must be from 1 to 64"},
		{name: "cache", json: `{"cacheSize": 3}`, said: "cacheSize: must be from 16 to 65536 MiB, or 0 for the default of 256, got 3"},
		{name: "above the root", json: `{"definitions": "slas/../.."}`, said: "must lie under"},
	} {
		t.Run(of.name, func(t *testing.T) {
			of.want.URL = "http://prometheus:9090"
			if of.want.CacheBytes == 0 {
				of.want.CacheBytes = 256 << 20
			}
			settings, err := readSettings(backend.DataSourceInstanceSettings{URL: " http://prometheus:9090", JSONData: []byte(of.json)}, root)
			if of.said != "" {
				require.Error(t, err)
				assert.Contains(t, err.Error(), of.said)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, of.want, settings)
		})
	}
}

func TestCountsAreOfAServerAndWhoeverAsksIt(t *testing.T) {
	connection := func(o httpclient.Options) string { return openCache("https://prometheus", o).Connection }
	seen := map[string]bool{}
	for _, of := range []httpclient.Options{
		{},
		{BasicAuth: &httpclient.BasicAuthOptions{User: "anna"}},
		{Header: http.Header{"X-Scope-Orgid": {"payments"}}},
		{TLS: &httpclient.TLSOptions{ClientCertificate: "payments"}},
		{TLS: &httpclient.TLSOptions{ClientCertificate: "search"}},
	} {
		assert.False(t, seen[connection(of)], "%+v", of)
		seen[connection(of)] = true
	}
	assert.True(t, seen[connection(httpclient.Options{TLS: &httpclient.TLSOptions{InsecureSkipVerify: true}})])
}

func TestWithoutARootNothingIsRead(t *testing.T) {
	_, err := readSettings(backend.DataSourceInstanceSettings{URL: "http://prometheus:9090", JSONData: []byte(`{"definitions": "/etc"}`)}, "")
	require.Error(t, err)
	assert.Contains(t, err.Error(), "definitions_root")
	assert.Contains(t, err.Error(), "ACCORD_DEFINITIONS_ROOT")
}

// The folder may be made after the settings were checked.
func TestNothingIsReadOutsideOfTheOperatorsRoot(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	settings, err := readSettings(backend.DataSourceInstanceSettings{URL: "http://127.0.0.1:1", JSONData: []byte(`{"definitions": "slas"}`)}, root)
	require.NoError(t, err)
	require.NoError(t, os.Symlink(outside, filepath.Join(root, "slas")))
	client, err := prometheus.New(settings.URL, nil, prometheus.Options{})
	require.NoError(t, err)
	i := Factory{Root: root, Now: func() time.Time { return time.Unix(0, 0) }}.start(t.Context(), t.Name(), settings, client, counting.Cache{})
	defer i.Dispose()
	_, err = i.documents.Now(t.Context())
	require.ErrorContains(t, err, "leads out of the folder that the operator has set aside")
}

func TestRootIsReadFromTheEnvironment(t *testing.T) {
	t.Setenv("GF_PLUGIN_DEFINITIONS_ROOT", "")
	t.Setenv("ACCORD_DEFINITIONS_ROOT", "/srv/slas")
	assert.Equal(t, "/srv/slas", Root())
	t.Setenv("GF_PLUGIN_DEFINITIONS_ROOT", "/etc/accord")
	assert.Equal(t, "/etc/accord", Root())
}
