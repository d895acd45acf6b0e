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

// Embedded is this program's own Prometheus, which gives out its samples.
func Embedded() Engine { return embedded("embedded", samplesMethod, promserver.Options{}) }

// EmbeddedByAnchored is the same behind a proxy that lets only queries pass.
func EmbeddedByAnchored() Engine {
	return embedded("embedded by anchored", anchoredMethod, promserver.Options{WithoutRead: true})
}

// EmbeddedByOffset is the same again, as Prometheus is up to 3.15 without feature
// flags.
func EmbeddedByOffset() Engine {
	return embedded("embedded by offset", offsetMethod, promserver.Options{WithoutRead: true, WithoutAnchored: true})
}

func embedded(name, method string, o promserver.Options) Engine {
	return Engine{Name: name, Method: method, start: func(t testing.TB, s *Scenario) string {
		served := o
		served.Dir = stored(t, s)
		return startEmbedded(t, served)
	}}
}

// DebianPrometheus is the prometheus of the machine, 2.42 on Debian 12.
func DebianPrometheus() Engine {
	return Engine{Name: "prometheus", Method: samplesMethod, start: func(t testing.TB, s *Scenario) string {
		return StartDebianPrometheus(t, stored(t, s))
	}}
}

// VictoriaMetrics is the victoria-metrics of the machine.
func VictoriaMetrics() Engine {
	return Engine{Name: "victoria-metrics", Method: metricsqlMethod, inThePast: true, start: StartVictoriaMetrics}
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
