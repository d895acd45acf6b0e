package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNoListOfIncidentsIsSilentAboutWhatWasNotMeasured(t *testing.T) {
	c := startCompany(t)
	reason := "accord: payments-for-search/availability: select {consumer=\"search\"} matches no series"
	got := c.asked(t, "incidents", "--agreement", "payments-for-search", "--allow-problems")
	assert.Zero(t, got.code)
	assert.Contains(t, got.out, "availability of payments-for-search: nothing was measured")
	assert.NotContains(t, strings.ToLower(got.out), "no incidents")
	assert.Contains(t, got.err, reason)
	assert.Contains(t, c.asked(t, "incidents", "--agreement", "payments-for-search", "-o", "json").out, `"coverage": 0,`)
	for _, format := range []string{"table", "json", "csv"} {
		assert.Contains(t, c.asked(t, "series", "budget", "--agreement", "payments-for-search", "-o", format).err, reason)
	}
}

func TestADocumentThatIsLeftOutIsNotSaidToBeNotMeasured(t *testing.T) {
	c := startCompany(t)
	for _, args := range [][]string{{"incidents"}, {"report", "-o", "json"}, {"history", "-o", "csv"}} {
		got := c.asked(t, append(args, "--agreement", "half-written")...)
		assert.Contains(t, got.err, "accord: half-written/availability: not read: company.yaml", args)
		assert.NotContains(t, got.err, "not measured", args)
	}
}

const oneOfMany = `
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: number-%[1]d}
spec:
  service: s
  provider: a
  consumers: [b]
  objectives:
    - name: availability
      target: 0.01
      window: {rolling: 7d}
      indicator:
        ratioMetric:
          counter: true
          bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="api",%[2]s}'}}}
          total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="api"}'}}}
`

func TestHistoriesAndIncidentsOfManyObjectivesAreCountedTogether(t *testing.T) {
	const parties = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n---\n" + aTeam + "---\napiVersion: accord/v1\nkind: Team\nmetadata: {name: b}\nspec: {}\n"
	var requests atomic.Int64
	c := startCompany(t).behind(t, func(string) bool { requests.Add(1); return false })
	for _, command := range [][]string{{"history", "--periods", "2"}, {"incidents"}} {
		asked := func(agreements int) int64 {
			text := parties
			for i, bad := range []string{`code="500"`, `code="200",region="eu"`, `code="200",region!="eu"`}[:agreements] {
				text += fmt.Sprintf(oneOfMany, i, bad)
			}
			require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "company.yaml"), []byte(text), 0o600))
			before := requests.Load()
			got := c.asked(t, command...)
			require.Zero(t, got.code, got.err)
			return requests.Load() - before
		}
		assert.LessOrEqual(t, asked(3), asked(2)+2, "%s: one more asks no more than which series there are", command)
	}
}
