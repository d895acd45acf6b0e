package promserver_test

import (
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// The blocks are those of every Prometheus, the old ones of distributions
// included.
func TestBlocksAreReadByAnotherPrometheus(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, march, april, counters, nil))
	client := clientAt(t, conformance.StartDebianPrometheus(t, dir))
	for expr, want := range map[string]float64{
		`sum(count_over_time(requests_total[31d1m]))`:                     2 * 31 * 24 * 60,
		`max_over_time(requests_total{job="a"}[31d])`:                     5 * (31*24*60 - 1),
		`sum(resets(requests_total[31d]))`:                                0,
		`count(count by (job) (requests_total offset 1m))`:                2,
		`requests_total{job="z"} offset 9d - (requests_total offset 10d)`: 3 * 24 * 60,
	} {
		value, warnings, _, err := client.Query(t.Context(), expr, april)
		require.NoError(t, err, expr)
		require.Empty(t, warnings, expr)
		require.Len(t, value, 1, expr)
		require.Equal(t, want, float64(value.(model.Vector)[0].Value), expr)
	}
}
