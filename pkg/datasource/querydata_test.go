package datasource_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/proxy"
	"github.com/accord-sla/accord/pkg/datasource"
)

func TestAPanicIsAnErrorOfItsQuery(t *testing.T) {
	r := scenario(t, "states")
	var broken atomic.Bool
	clocks.Store(r.settings.UID, datasource.Factory{Root: r.folder, Now: func() time.Time {
		if broken.Load() {
			panic("the clock has stopped")
		}
		return r.now
	}})
	at := instant(t, "2026-04-20T12:05:00Z")
	require.NoError(t, r.ask(at, query("status")).Error)
	broken.Store(true)
	response := r.ask(at, query("status"))
	require.ErrorContains(t, response.Error, "a fault in Accord itself, please report it with the log: the clock has stopped")
	assert.Equal(t, backend.StatusInternal, response.Status)
	assert.Equal(t, backend.ErrorSourcePlugin, response.ErrorSource)
	broken.Store(false)
	require.NoError(t, r.ask(at, query("status")).Error)
}

// What one user may see would be counted for all, and for alert rules, which have no user.
func TestNoCredentialsOfUsersReachPrometheus(t *testing.T) {
	whole := scenario(t, "states")
	var sent atomic.Int64
	server := proxy.New(t, whole.settings.URL, func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		sent.Add(1)
		assert.Empty(t, r.Header.Get("Authorization")+r.Header.Get("X-Id-Token")+r.Header.Get("Cookie"))
		return false
	})
	r := serve(t, server.URL, whole.folder, whole.now).with(func(s *backend.DataSourceInstanceSettings) {
		s.JSONData = []byte(`{"oauthPassThru": true, "keepCookies": ["session"]}`)
	})
	req := r.request(instant(t, "2026-04-20T12:05:00Z"), query("status"))
	req.Headers = map[string]string{"Authorization": "Bearer anna", "X-ID-Token": "anna", "Cookie": "session=anna"}
	require.NoError(t, r.send(req)["A"].Error)
	assert.Positive(t, sent.Load())
}
