package datasource_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/datasource"
)

func TestAPanicIsAnErrorOfItsQuery(t *testing.T) {
	r := scenario(t, "states")
	var broken atomic.Bool
	clocks.Store(r.settings.UID, datasource.Factory{Root: &r.folder, Now: func() time.Time {
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
