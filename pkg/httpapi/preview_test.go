package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/internal/proxy"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// measured is the handler of an Editor in front of the traffic of its
// scenario. old counts the range queries that ask for closed slots.
func measured(t *testing.T) (handler http.Handler, old *atomic.Int64) {
	t.Helper()
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), "exclusions.yaml"))
	require.NoError(t, err)
	stored := t.TempDir()
	require.NoError(t, s.WriteBlocks(stored))
	old = &atomic.Int64{}
	counter := proxy.New(t, conformance.StartEmbedded(t, stored), func(_ http.ResponseWriter, r *http.Request, body []byte) bool {
		values, _ := url.ParseQuery(string(body) + "&" + r.URL.RawQuery)
		start, err := strconv.ParseFloat(values.Get("start"), 64)
		if err == nil && s.End.Sub(time.Unix(int64(start), 0)) > time.Hour {
			old.Add(1)
		}
		return false
	})
	_, o := writer(t, "Editor")
	client, err := prometheus.New(counter.URL, nil, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	o.Client, o.Engine = client, measure.New(client, counting.Options{Now: o.Now})
	return httpapi.New(*o), old
}

const excluded = `apiVersion: accord/v1
kind: Exclusion
metadata: {name: proposed}
spec:
  reason: Upgrade
  agreements: [none]
  from: 2026-11-07T02:00:00Z
  to: 2026-11-07T02:45:00Z
  requestedBy: payments
  approvedBy: checkout
`

func previewed(t *testing.T, handler http.Handler, text string) map[string]any {
	t.Helper()
	answer := send(handler, "POST", "/preview", text, "Content-Type", "application/yaml")
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	return decoded(t, answer)
}

// dig walks maps by name and lists by number.
func dig(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(map[string]any)[step]
		case int:
			value = value.([]any)[step]
		}
	}
	return value
}

func TestPreviewOfAnExclusion(t *testing.T) {
	handler, _ := measured(t)
	const at = "at=2026-11-07T02:30:00Z"
	was := decoded(t, send(handler, "GET", "/status?"+at+"&agreement=none&agreement=approved", ""))
	answer := send(handler, "POST", "/preview?"+at, excluded, "Content-Type", "application/yaml")
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	p := decoded(t, answer)
	require.Equal(t, true, p["valid"])
	require.Len(t, p["agreements"], 1, "only the agreement that it names is concerned")
	effect := dig(p, "agreements", 0)
	assert.Equal(t, "none", dig(effect, "name"))
	assert.Equal(t, "at_risk", dig(effect, "before", "current", "state"))
	assert.Equal(t, "met", dig(effect, "after", "current", "state"))
	assert.Equal(t, dig(was, "agreements", 0), dig(effect, "before", "current"), "before is what the status says")
	// The agreement «approved» has the same traffic, and that time excluded.
	for _, figure := range []string{"state", "compliance", "total", "bad", "allowed", "consumed", "remaining", "burn"} {
		assert.Equal(t, dig(was, "agreements", 1, "objectives", 0, figure), dig(effect, "after", "current", "objectives", 0, figure), figure)
	}
	before, after := dig(effect, "before", "last90Days", "objectives", 0), dig(effect, "after", "last90Days", "objectives", 0)
	assert.Equal(t, "90d", dig(after, "window"))
	assert.Greater(t, dig(before, "bad"), dig(after, "bad"))
	months := dig(effect, "after", "months").([]any)
	require.Len(t, months, 4)
	assert.Equal(t, "2026-11", dig(months, 3, "period"))
	assert.Equal(t, dig(after, "bad"), dig(months, 3, "bad"), "all traffic is of this month")
	assert.Equal(t, "no_data", dig(months, 0, "state"))

	document := decoded(t, send(handler, "GET", "/openapi.json", ""))
	check(t, "Preview", document, map[string]any{"$ref": "#/components/schemas/Preview"}, p)

	// Once written by a member of the team that approves, the status is what
	// was previewed.
	join(t, handler, "checkout", "anna")
	require.Equal(t, http.StatusCreated, send(handler, "PUT", "/documents/Exclusion/proposed", excluded, "If-None-Match", "*").Code)
	now := decoded(t, send(handler, "GET", "/status?"+at+"&agreement=none", ""))
	assert.Equal(t, dig(effect, "after", "current"), dig(now, "agreements", 0))
}

// What was read once is not asked for again, whatever of target, window and
// exclusions is tried.
func TestPreviewAsksForNoSlotTwice(t *testing.T) {
	handler, old := measured(t)
	previewed(t, handler, excluded)
	require.Positive(t, old.Load())
	asked := old.Load()
	agreement := send(handler, "GET", "/documents/Agreement/none", "").Body.String()
	for _, target := range []string{"0.9", "0.999"} {
		p := previewed(t, handler, strings.Replace(agreement, "slo: api-availability}", "slo: api-availability, target: "+target+", window: {rolling: 60d}}", 1))
		require.Len(t, p["agreements"], 1)
		assert.Equal(t, target, fmt.Sprint(dig(p, "agreements", 0, "after", "current", "objectives", 0, "target")))
	}
	previewed(t, handler, strings.Replace(excluded, "T02", "T01", 1))
	assert.Equal(t, asked, old.Load())
}

func TestPreviewOfWhatIsNew(t *testing.T) {
	handler, _ := measured(t)
	agreement := send(handler, "GET", "/documents/Agreement/none", "").Body.String()
	// Not in force yet, so it has no current figures, and is tried on history.
	p := previewed(t, handler, strings.NewReplacer("name: none", "name: next", "2026-01-01", "2027-01-01").Replace(agreement))
	require.Len(t, p["agreements"], 1)
	effect := dig(p, "agreements", 0)
	assert.Nil(t, dig(effect, "before"))
	assert.Equal(t, "inactive", dig(effect, "after", "current", "objectives", 0, "state"))
	assert.Equal(t, "met", dig(effect, "after", "last90Days", "objectives", 0, "state"))
	assert.Greater(t, dig(effect, "after", "last90Days", "objectives", 0, "total"), 100_000.0)

	slo := send(handler, "GET", "/documents/SLO/api-availability", "").Body.String()
	p = previewed(t, handler, strings.Replace(slo, "name: api-availability}", "name: alone}", 1))
	require.Len(t, p["agreements"], 1)
	assert.Equal(t, "SLO", dig(p, "agreements", 0, "kind"))
	assert.Equal(t, "alone", dig(p, "agreements", 0, "name"))

	p = previewed(t, handler, strings.Replace(slo, "target: 0.98", "target: 0.9", 1))
	assert.Greater(t, len(p["agreements"].([]any)), 4, "every agreement that takes its target from it")
}

func TestPreviewOfABadDocumentTellsItsProblems(t *testing.T) {
	handler, old := measured(t)
	p := previewed(t, handler, strings.Replace(excluded, "[none]", "[nnone]", 1))
	assert.Equal(t, false, p["valid"])
	assert.Empty(t, p["agreements"])
	assert.Contains(t, dig(p, "problems", 0, "message"), `no Agreement is named "nnone"`)
	assert.Zero(t, old.Load())
	answer := send(handler, "POST", "/preview?agreement=good", excluded)
	assert.Equal(t, http.StatusNotFound, answer.Code)
	assert.Contains(t, decoded(t, answer)["error"], `do not concern an agreement "good"`)
}

func TestPreviewOfVeryManyAgreementsNamesTheRest(t *testing.T) {
	handler, o := writer(t, "Editor")
	agreement := send(handler, "GET", "/documents/Agreement/none", "").Body.String()
	for i := range 120 {
		text := strings.Replace(agreement, "name: none", fmt.Sprintf("name: many-%03d", i), 1)
		require.NoError(t, os.WriteFile(filepath.Join(o.Folder.Dir, fmt.Sprintf("%d.yaml", i)), []byte(text), 0o600))
	}
	text := strings.Replace(excluded, "agreements: [none]", "services: [payments-api]", 1)
	p := previewed(t, handler, text)
	require.Len(t, p["agreements"], 100)
	more := p["more"].([]any)
	require.NotEmpty(t, more)
	last := more[len(more)-1].(string)
	answer := send(handler, "POST", "/preview?agreement="+last, text)
	require.Equal(t, last, dig(decoded(t, answer), "agreements", 0, "name"))
	// Prometheus does not answer here: each side says so, none is a figure.
	assert.NotEmpty(t, dig(p, "agreements", 0, "after", "current", "objectives", 0, "error"))
	assert.Nil(t, dig(p, "agreements", 0, "after", "current", "objectives", 0, "compliance"))
}
