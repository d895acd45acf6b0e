package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// StartVictoriaMetrics serves the scenario's series with the machine's own
// victoria-metrics until the test ends, and returns its URL. It takes no
// samples of the future: see [Scenario.MovedTo2015]. Without the program the
// test is skipped, saying what to install.
func StartVictoriaMetrics(t testing.TB, s *Scenario) (url string) {
	t.Helper()
	program := programOrSkip(t, "victoria-metrics", "victoria-metrics", "victoria-metrics-prod")
	address := freeAddress(t)
	start(t, "http://"+address+"/health", program,
		"-storageDataPath="+t.TempDir(),
		"-retentionPeriod=100y",
		"-httpListenAddr="+address)
	url = "http://" + address
	post(t, url+"/api/v1/import", importLines(t, s))
	// What was taken in can be queried only after a flush.
	post(t, url+"/internal/force_flush", nil)
	return url
}

// importLines are the series in VictoriaMetrics' own format, a JSON object a
// line.
func importLines(t testing.TB, s *Scenario) []byte {
	t.Helper()
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, series := range s.Series() {
		line := struct {
			Metric     map[string]string `json:"metric"`
			Values     []float64         `json:"values"`
			Timestamps []int64           `json:"timestamps"`
		}{Metric: series.Labels.Map()}
		for _, sample := range series.Samples {
			line.Values = append(line.Values, sample.Value)
			line.Timestamps = append(line.Timestamps, sample.Time)
		}
		if len(line.Values) > 0 {
			require.NoError(t, encoder.Encode(line))
		}
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
