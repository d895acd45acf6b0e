package conformance

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// Engine is a query engine that scenarios are measured on.
type Engine struct {
	Name string
	// Method is the way of counting that is the best on this engine, by the
	// name that a report gives it.
	Method string
	// inThePast: it takes no samples of the future, so the scenario is moved.
	inThePast bool
	start     func(t testing.TB, s *Scenario) (url string)
}

// Embedded is this program's own Prometheus, with anchored selectors.
func Embedded() Engine {
	return Engine{Name: "embedded", Method: "anchored", start: func(t testing.TB, s *Scenario) string {
		return StartEmbedded(t, stored(t, s))
	}}
}

// EmbeddedWithoutAnchored is the same as Prometheus is up to 3.15 without
// feature flags.
func EmbeddedWithoutAnchored() Engine {
	return Engine{Name: "embedded without anchored", Method: offsetMethod, start: func(t testing.TB, s *Scenario) string {
		return startEmbedded(t, promserver.Options{Dir: stored(t, s), WithoutAnchored: true})
	}}
}

// DebianPrometheus is the prometheus of the machine, 2.42 on Debian 12.
func DebianPrometheus() Engine {
	return Engine{Name: "prometheus", Method: offsetMethod, start: func(t testing.TB, s *Scenario) string {
		return StartDebianPrometheus(t, stored(t, s))
	}}
}

// VictoriaMetrics is the victoria-metrics of the machine.
func VictoriaMetrics() Engine {
	return Engine{Name: "victoria-metrics", Method: "metricsql", inThePast: true, start: StartVictoriaMetrics}
}

// stored is a TSDB folder of this test with the scenario's series: an engine
// writes into its folder.
func stored(t testing.TB, s *Scenario) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if s.written == nil {
		require.NoError(t, s.WriteBlocks(dir))
		return dir
	}
	written, err := s.written()
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(dir, os.DirFS(written)))
	return dir
}

// StartEmbedded serves the TSDB folder until the test ends and returns the
// server's URL.
func StartEmbedded(t testing.TB, dir string) (url string) {
	t.Helper()
	return startEmbedded(t, promserver.Options{Dir: dir})
}

func startEmbedded(t testing.TB, o promserver.Options) (url string) {
	t.Helper()
	server, err := promserver.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server.URL()
}
