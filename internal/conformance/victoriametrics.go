package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/freeport"
)

// StartVictoriaMetrics serves the scenario's series with the machine's own
// victoria-metrics until the test ends, and returns its URL. It takes no
// samples of the future: see [Scenario.MovedTo2015]. Without the program the
// test is skipped, saying what to install.
func StartVictoriaMetrics(t testing.TB, s *Scenario) (url string) {
	t.Helper()
	return StartVictoriaMetricsWith(t, s.Series())
}

// StartVictoriaMetricsWith is as [StartVictoriaMetrics], with any series.
func StartVictoriaMetricsWith(t testing.TB, series []Series) (url string) {
	t.Helper()
	program := programOrSkip(t, "victoria-metrics", "victoria-metrics", "victoria-metrics-prod")
	address := freeport.Address(t)
	start(t, "http://"+address+"/health", program,
		"-storageDataPath="+t.TempDir(),
		"-retentionPeriod=100y",
		"-httpListenAddr="+address)
	url = "http://" + address
	for _, one := range series {
		if len(one.Samples) > 0 {
			post(t, url+"/api/v1/import", importLines(t, one))
		}
	}
	// What was taken in can be queried only after a flush.
	post(t, url+"/internal/force_flush", nil)
	return url
}

// samplesALine keeps a line under the length that VictoriaMetrics takes.
const samplesALine = 50_000

// importLines is the series in VictoriaMetrics' own format, a JSON object a
// line.
func importLines(t testing.TB, series Series) []byte {
	t.Helper()
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for part := range slices.Chunk(series.Samples, samplesALine) {
		line := struct {
			Metric     map[string]string `json:"metric"`
			Values     []float64         `json:"values"`
			Timestamps []int64           `json:"timestamps"`
		}{Metric: series.Labels.Map()}
		for _, sample := range part {
			line.Values = append(line.Values, sample.Value)
			line.Timestamps = append(line.Timestamps, sample.Time)
		}
		require.NoError(t, encoder.Encode(line))
	}
	return lines.Bytes()
}

func post(t testing.TB, url string, body []byte) {
	t.Helper()
	response, err := http.Post(url, "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Less(t, response.StatusCode, http.StatusMultipleChoices, "%s: %s", url, answer)
}
