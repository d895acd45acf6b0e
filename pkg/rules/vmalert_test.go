package rules_test

import (
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/sli"
)

// programOrSkip is the path of the program.
func programOrSkip(t *testing.T, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %s is not installed (`apt-get install %s`)", name, debianPackage)
	}
	return path
}

// vmalert's replay evaluates the rules over the past and writes what they
// record where the traffic is.
func TestWhatVmalertRecordsEqualsTheDirectFigures(t *testing.T) {
	vmalert := programOrSkip(t, "vmalert", "victoria-metrics")
	scenario, err := conformance.Read("testdata/traffic.yaml")
	require.NoError(t, err)
	moved, err := scenario.MovedTo2015() // victoria-metrics takes no samples of the future
	require.NoError(t, err)
	s := newTraffic(t, moved)
	address := conformance.StartVictoriaMetrics(t, moved)
	output, err := exec.CommandContext(t.Context(), vmalert,
		"-rule="+s.ruleFile(t, sli.MetricsQL), "-datasource.url="+address, "-remoteWrite.url="+address,
		"-replay.timeFrom="+s.Start.Format(time.RFC3339), "-replay.timeTo="+s.End.Add(s.Resolution).Format(time.RFC3339),
		"-datasource.queryStep=30s", // in replay, the step takes the place of the interval
		"-replay.rulesDelay=0s", "-remoteWrite.flushInterval=100ms", "-httpListenAddr=127.0.0.1:0",
	).CombinedOutput()
	require.NoError(t, err, "%s", output)
	response, err := http.Get(address + "/internal/force_flush")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	engine := s.engineAt(t, address)
	used, err := engine.Capabilities(t.Context())
	require.NoError(t, err)
	require.Equal(t, string(sli.MetricsQL), used.Dialect)
	for at := s.Start.Add(35 * time.Minute); !at.After(s.End); at = at.Add(95 * time.Minute) {
		s.sameFigures(t, engine, engine, at)
	}
	s.sameFigures(t, engine, engine, s.End)
}
