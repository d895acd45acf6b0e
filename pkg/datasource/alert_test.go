package datasource_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/internal/proxy"
)

// alerts are the numbers of an alert query by «objective group severity»,
// having kept what Grafana asks of them.
func alerts(t *testing.T, found data.Frames) map[string]*float64 {
	t.Helper()
	numbers := map[string]*float64{}
	labels := map[data.Fingerprint]bool{}
	for _, frame := range found {
		assert.Equal(t, data.FrameTypeNumericMulti, frame.Meta.Type)
		assert.Equal(t, data.FrameTypeVersion{0, 1}, frame.Meta.TypeVersion)
		require.Len(t, frame.Fields, 1, "one number, no time")
		require.Equal(t, 1, frame.Rows())
		field := frame.Fields[0]
		require.Equal(t, data.FieldTypeNullableFloat64, field.Type())
		require.False(t, labels[field.Labels.Fingerprint()], "labels twice: %s", field.Labels)
		labels[field.Labels.Fingerprint()] = true
		name := strings.TrimSpace(field.Labels["objective"]+" "+field.Labels["region"]) + " " + field.Labels["severity"]
		numbers[name], _ = field.At(0).(*float64)
	}
	return numbers
}

func fires(value *float64) bool { return value != nil && *value > 1 }

func TestAlertInEveryState(t *testing.T) {
	r := scenario(t, "states")
	for _, of := range []struct {
		name, at      string
		page, ticket  any // nil: null; true: fires; false: does not
		neverFailPage any
	}{
		{"inactive", "2026-04-02T12:00:00Z", false, false, false},
		{"no events, though measured", "2026-04-03T12:00:00Z", false, false, false},
		{"met", "2026-04-06T00:00:00Z", false, false, false},
		{"at risk", "2026-04-20T12:05:00Z", true, true, true},
		{"breached", "2026-04-26T20:10:00Z", true, true, true},
		{"not measured for an hour", "2026-05-10T01:00:00Z", nil, nil, nil},
	} {
		t.Run(of.name, func(t *testing.T) {
			numbers := alerts(t, r.frames(instant(t, of.at), query("alert")))
			require.Len(t, numbers, 4, "two objectives, two severities")
			for name, want := range map[string]any{
				"availability page": of.page, "availability ticket": of.ticket, "never-fails page": of.neverFailPage,
			} {
				if want == nil {
					assert.Nil(t, numbers[name], name)
				} else if assert.NotNil(t, numbers[name], name) {
					assert.Equal(t, want, fires(numbers[name]), "%s: %v", name, *numbers[name])
				}
			}
		})
	}
}

func TestAlertOfATargetOf1IsInfinite(t *testing.T) {
	r := scenario(t, "states")
	numbers := alerts(t, r.frames(instant(t, "2026-04-26T20:10:00Z"), query("alert", `"objectives": ["never-fails"]`, `"severity": "page"`)))
	require.Len(t, numbers, 1)
	assert.True(t, math.IsInf(*numbers["never-fails page"], 1))
}

func TestAlertSaysWhyItIsNull(t *testing.T) {
	r := scenario(t, "states")
	for _, frame := range r.frames(instant(t, "2026-05-10T01:00:00Z"), query("alert", `"severity": "page"`)) {
		assert.NotEmpty(t, custom(t, frame)["reason"])
	}
}

func TestAlertLabels(t *testing.T) {
	r := scenario(t, "consumers-and-groups")
	documents, err := os.ReadFile(filepath.Join(r.folder, "scenario.yaml"))
	require.NoError(t, err)
	text := strings.Replace(string(documents), "metadata: {name: payments-for-checkout}",
		`metadata: {name: payments-for-checkout, labels: {tier: "1", severity: high, region: world}}`, 1)
	folder := t.TempDir()
	write(t, folder, "scenario.yaml", text)
	r = serve(t, r.settings.URL, folder, r.now)
	found := r.frames(instant(t, "2026-08-04T09:05:00Z"), query("alert", `"objectives": ["by-region"]`, `"severity": "page"`))
	require.Len(t, alerts(t, found), 2)
	assert.Equal(t, data.Labels{
		"agreement": "payments-for-checkout", "objective": "by-region", "service": "payments-api", "provider": "payments",
		"consumers": "checkout", "team": "payments", "severity": "page", "tier": "1", "region": "eu",
		"label_severity": "high", "label_region": "world",
	}, found[0].Fields[0].Labels)
}

func TestOnlyActiveAgreementsAlert(t *testing.T) {
	r := scenario(t, "consumers-and-groups")
	documents, err := os.ReadFile(filepath.Join(r.folder, "scenario.yaml"))
	require.NoError(t, err)
	folder := t.TempDir()
	write(t, folder, "scenario.yaml", strings.ReplaceAll(string(documents), "stage: active", "stage: draft"))
	r = serve(t, r.settings.URL, folder, r.now)
	found := r.frames(instant(t, "2026-08-04T09:05:00Z"), query("alert"))
	require.Len(t, found, 1)
	assert.Equal(t, map[string]*float64{" ": new(0.0)}, alerts(t, found), "no data would say that nothing can be measured")

	write(t, folder, "scenario.yaml", "apiVersion: accord/v1\nkind: Team\nmetadata: {name: payments, displayName: [}\nspec: {}")
	require.Eventually(t, func() bool {
		return len(r.frames(instant(t, "2026-08-04T09:05:00Z"), query("alert"))[0].Fields) == 0
	}, time.Minute, 20*time.Millisecond, "the promises may stand in what cannot be read")
}

func TestFilterThatMatchesNothingIsNoData(t *testing.T) {
	r := scenario(t, "states")
	found := r.frames(instant(t, "2026-04-20T12:05:00Z"), query("alert", `"agreements": ["/^nobody$/"]`))
	require.Len(t, found, 1)
	assert.Equal(t, data.FrameTypeNumericMulti, found[0].Meta.Type)
	assert.Empty(t, found[0].Fields)
	assert.Contains(t, notices(found[0]), "no agreement or SLO matches")
}

func TestAQueryThatCanNeverAlertSaysSo(t *testing.T) {
	r := scenario(t, "states")
	found := r.frames(instant(t, "2026-04-20T12:05:00Z"), query("alert", `"window": {"rolling": "1h"}`, `"severity": "page"`))
	require.Len(t, found, 1)
	assert.Empty(t, found[0].Fields)
	assert.Contains(t, notices(found[0]), "this never fires")
}

func TestVariableLeftInIsAnError(t *testing.T) {
	r := scenario(t, "states")
	for _, text := range []string{
		query("alert", `"agreements": ["$agreement"]`), query("alert", `"services": ["${service:regex}"]`),
		query("alert", `"providers": ["/^(${team})$/"]`), query("alert", `"labels": ["tier=[[tier]]"]`),
	} {
		response := r.ask(instant(t, "2026-04-20T12:05:00Z"), text)
		require.Error(t, response.Error, text)
		assert.Contains(t, response.Error.Error(), "has no value here")
		assert.Empty(t, response.Frames)
		assert.Equal(t, backend.StatusBadRequest, response.Status)
	}
}

// faulty is a Prometheus some of whose answers can be made to fail.
type faulty struct {
	*httptest.Server
	fails atomic.Pointer[func(query string) bool]
}

func newFaulty(t *testing.T, target string) *faulty {
	t.Helper()
	f := &faulty{}
	f.Server = proxy.New(t, target, func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if strings.HasSuffix(r.URL.Path, "/read") {
			http.NotFound(w, r)
			return true
		}
		fails := f.fails.Load()
		if fails == nil || !(*fails)(r.FormValue("query")) {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"status":"error","errorType":"internal","error":"the disk is gone"}`))
		return true
	})
	return f
}

func (f *faulty) failWhen(fails func(query string) bool) { f.fails.Store(&fails) }

func brokenPrometheus(t *testing.T) (*rig, *faulty) {
	t.Helper()
	r := scenario(t, "consumers-and-groups")
	f := newFaulty(t, r.settings.URL)
	return serve(t, f.URL, r.folder, r.now), f
}

func TestAllFailedIsAnErrorOfTheDownstream(t *testing.T) {
	r, f := brokenPrometheus(t)
	f.failWhen(func(string) bool { return true })
	for _, kind := range []string{"alert", "status", "compliance", "history", "incidents"} {
		response := r.ask(instant(t, "2026-08-04T09:05:00Z"), query(kind))
		require.Error(t, response.Error, kind)
		assert.Contains(t, response.Error.Error(), "the disk is gone", kind)
		assert.Equal(t, backend.ErrorSourceDownstream, response.ErrorSource, kind)
	}
}

// What failed is a null beside the numbers of the others, for each group there
// was; so Grafana neither resolves it nor forgets the others.
func TestPartialFailureIsNull(t *testing.T) {
	r, f := brokenPrometheus(t)
	at := instant(t, "2026-08-04T09:05:03Z")
	before := alerts(t, r.frames(at, query("alert")))
	require.True(t, fires(before["by-region us page"]))
	f.failWhen(func(query string) bool { return strings.Contains(query, "by (region)") })
	at = at.Add(10 * time.Second) // a new head to be asked for
	found := r.frames(at, query("alert"))
	after := alerts(t, found)
	require.Len(t, after, len(before))
	for name := range before {
		value, there := after[name]
		assert.True(t, there, "%s is missing, which would resolve it", name)
		assert.Equal(t, strings.HasPrefix(name, "by-region"), value == nil, name)
	}
	said := 0
	for _, frame := range found {
		if strings.Contains(notices(frame), "the disk is gone") {
			assert.Contains(t, custom(t, frame)["reason"], "the disk is gone")
			said++
		}
	}
	assert.Equal(t, 4, said)
	f.failWhen(func(string) bool { return false })
	assert.Equal(t, before, alerts(t, r.frames(at.Add(-10*time.Second), query("alert"))))
}

// An objective that never could be measured has its labels, without a group.
func TestFailureFromTheStartIsNull(t *testing.T) {
	r, f := brokenPrometheus(t)
	f.failWhen(func(query string) bool { return strings.Contains(query, "by (region)") })
	numbers := alerts(t, r.frames(instant(t, "2026-08-04T09:05:00Z"), query("alert")))
	value, there := numbers["by-region page"]
	assert.True(t, there)
	assert.Nil(t, value)
	assert.NotNil(t, numbers["own page"])
}

// An agreement whose document comes to be wrong keeps its alerts, as nulls; one
// that is taken out loses them.
func TestDocumentThatBreaksKeepsItsAlerts(t *testing.T) {
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), "consumers-and-groups.yaml"))
	require.NoError(t, err)
	parts := strings.Split(s.Documents, "\n---\n")
	last := len(parts) - 1
	folder := t.TempDir()
	write(t, folder, "rest.yaml", strings.Join(parts[:last], "\n---\n"))
	write(t, folder, "search.yaml", parts[last])
	whole := scenario(t, "consumers-and-groups")
	r := serve(t, whole.settings.URL, folder, whole.now)
	at := instant(t, "2026-08-04T09:05:00Z")
	before := alerts(t, r.frames(at, query("alert")))
	require.NotNil(t, before["everyone page"])

	write(t, folder, "search.yaml", strings.Replace(parts[last], "stage: active", "stage: lively", 1))
	var broken data.Frames
	require.Eventually(t, func() bool {
		broken = r.frames(at, query("alert"))
		return alerts(t, broken)["everyone page"] == nil
	}, time.Minute, 20*time.Millisecond)
	after := alerts(t, broken)
	require.Len(t, after, len(before))
	assert.NotNil(t, after["by-region us page"])

	require.NoError(t, os.Remove(filepath.Join(folder, "search.yaml")))
	require.Eventually(t, func() bool {
		_, there := alerts(t, r.frames(at, query("alert")))["everyone page"]
		return !there
	}, time.Minute, 20*time.Millisecond)
}

// Grafana's form of a new rule shows the default query type of the editor, and
// sends none until something is changed.
func TestNewRuleWhoseTypeNobodyChoseAsksForAlerts(t *testing.T) {
	r, at := scenario(t, "states"), instant(t, "2026-04-20T12:05:00Z")
	req := r.request(at, `{}`)
	require.ErrorContains(t, r.send(req)["A"].Error, "queryType: missing", "a panel")
	req.Headers["FromAlert"] = "true"
	response := r.send(req)["A"]
	require.NoError(t, response.Error)
	assert.Equal(t, alerts(t, r.frames(at, query("alert"))), alerts(t, response.Frames))
}

// A rule is evaluated again by its own schedule, so nothing is tried twice.
func TestAlertEvaluationDoesNotRetry(t *testing.T) {
	var asked atomic.Int32
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(busy.Close)
	whole := scenario(t, "states")
	r := serve(t, busy.URL, whole.folder, whole.now)
	req := r.request(instant(t, "2026-04-20T12:05:00Z"), query("alert"))
	req.Headers["FromAlert"] = "true"
	response := r.send(req)["A"]
	require.Error(t, response.Error)
	assert.Equal(t, backend.ErrorSourceDownstream, response.ErrorSource)
	assert.EqualValues(t, 1, asked.Load())
}
