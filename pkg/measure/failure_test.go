package measure_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

func parseSeconds(text string) (float64, error) { return strconv.ParseFloat(text, 64) }

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// answering is a server that passes for a Prometheus with anchored until it is
// asked for counts, which it answers as given.
func answering(t testing.TB, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/query_range") {
			answer(w, r)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func availability() *agreement.Agreement {
	return &agreement.Agreement{Name: "payments", Stage: agreement.Active, Zone: time.UTC, Objectives: []*agreement.Objective{{
		Name: "availability", Target: 0.99, Window: agreement.Window{Rolling: 24 * time.Hour},
		Budgeting: agreement.Occurrences, NoData: agreement.NoDataIgnore,
		SLI: agreement.SLI{Kind: agreement.Ratio, Bad: &agreement.Query{Expr: `errors_total`}, Total: &agreement.Query{Expr: `requests_total`}},
	}}}
}

// Whatever goes wrong, the figures are absent, the state is no_data, and the
// error says what happened in words that help.
func TestAFailingPrometheusGivesNoFigures(t *testing.T) {
	text := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	const ok = `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1780300800,"5"],`
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"401":                       {text(401, "text/plain", "no"), "401"},
		"404":                       {text(404, "text/plain", "404 page not found"), "404"},
		"422":                       {text(422, "application/json", `{"status":"error","errorType":"execution","error":"expanding series: storage is broken"}`), "storage is broken"},
		"503":                       {text(503, "text/plain", "starting"), "503"},
		"half an answer":            {text(200, "application/json", ok), "it broke off after 100 bytes"},
		"HTML":                      {text(200, "text/html", "<html><title>Sign in</title>"), "a web page came instead of JSON"},
		"warnings":                  {text(200, "application/json", `{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["store eu is down"]}`), "store eu is down"},
		"a vector for a range":      {text(200, "application/json", `{"status":"success","data":{"resultType":"vector","result":[]}}`), "which was not asked for"},
		"a scalar for a range":      {text(200, "application/json", `{"status":"success","data":{"resultType":"scalar","result":[1780300800,"1"]}}`), "cannot be read"},
		"a string for a range":      {text(200, "application/json", `{"status":"success","data":{"resultType":"string","result":[1780300800,"1"]}}`), "cannot be read"},
		"null for a result":         {text(200, "application/json", `{"status":"success","data":{"resultType":"matrix","result":null}}`), "cannot be read"},
		"success beside an error":   {text(200, "application/json", `{"status":"success","data":{"resultType":"matrix","result":[]},"error":"store lost"}`), "store lost"},
		"a series without values":   {text(200, "application/json", matrix(`{"metric":{},"values":[]}`)), "no values"},
		"the same series twice":     {spoiled(func(v string) string { return `{"metric":{},"values":[` + v + `]},{"metric":{},"values":[` + v + `]}` }), "twice"},
		"the same instant twice":    {spoiled(func(v string) string { return `{"metric":{},"values":[` + v + `,` + v + `]}` }), "twice"},
		"203, changed on its way":   {text(203, "application/json", matrix(``)), "203"},
		"206, a part of the answer": {text(206, "application/json", matrix(``)), "206"},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			untilGone(r)
		}, "50ms"},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := time.Minute // what answers does so in time, however busy the machine is
			if name == "slow" {
				timeout = 50 * time.Millisecond
			}
			client, err := prometheus.New(answering(t, test.answer), nil, prometheus.Options{Probes: counting.Probes(), Timeout: timeout})
			require.NoError(t, err)
			e := measure.New(client, counting.Options{Now: func() time.Time { return noon }})
			result := status(e, []*agreement.Agreement{availability()}, noon)[0]
			assertNoFigures(t, result)
			assert.ErrorContains(t, result.Objectives[0].Err, test.want)
		})
	}
	t.Run("down", func(t *testing.T) {
		result := status(engineAt(t, "http://127.0.0.1:1", noon), []*agreement.Agreement{availability()}, noon)[0]
		assertNoFigures(t, result)
		assert.ErrorContains(t, result.Objectives[0].Err, "cannot be reached")
	})
}

func matrix(series string) string {
	return `{"status":"success","data":{"resultType":"matrix","result":[` + series + `]}}`
}

// spoiled answers with what is made of a good value at the first instant asked.
func spoiled(make func(value string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		fmt.Fprint(w, matrix(make(`[`+r.Form.Get("start")+`,"1"]`)))
	}
}

// untilGone waits until the client has gone, which a server notices only once
// it has read the request's body.
func untilGone(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func assertNoFigures(t testing.TB, result measure.AgreementResult) {
	t.Helper()
	objective := result.Objectives[0]
	assert.Equal(t, budget.NoData, result.State)
	assert.Equal(t, budget.NoData, objective.State)
	assert.NotEmpty(t, objective.Reason)
	for name, figure := range map[string]budget.Figure{"total": objective.Total, "bad": objective.Bad, "compliance": objective.Compliance,
		"allowed": objective.Allowed, "remaining": objective.Remaining, "coverage": objective.Coverage, "raw total": objective.Raw.Total} {
		assert.False(t, figure.Known(), "%s is %v", name, figure)
	}
}

func TestOneFailingObjectiveLeavesTheOthersUnharmed(t *testing.T) {
	s, address := scenario(t, "missing-error-series")
	found := read(t, s.Documents)
	broken := *found.Agreements[0].Objectives[0]
	broken.Name, broken.SLI.Total = "broken", &agreement.Query{Expr: `sum(rate(a[5m])) / sum(rate(b[5m]))`}
	found.Agreements[0].Objectives = append(found.Agreements[0].Objectives, &broken)
	results := status(engineAt(t, address, s.End), found.Agreements, s.End)
	assert.NoError(t, results[0].Objectives[0].Err)
	assert.Positive(t, float64(results[0].Objectives[0].Total))
	assert.Error(t, results[0].Objectives[1].Err)
	assert.NoError(t, results[1].Objectives[0].Err)
}

// points answers every counting query with one series whose slots have the
// values that value gives them.
func points(value func(query string, at int64) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		begin, _ := parseSeconds(r.Form.Get("start"))
		end, _ := parseSeconds(r.Form.Get("end"))
		step, _ := parseSeconds(r.Form.Get("step"))
		var values [][2]any
		for at := int64(begin); at <= int64(end); at += int64(step) {
			values = append(values, [2]any{at, value(r.Form.Get("query"), at)})
		}
		text, _ := json.Marshal(values)
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":%s}]}}`, text)
	}
}

func TestNaNAndInfinityAreNotCounted(t *testing.T) {
	address := answering(t, points(func(query string, at int64) string {
		switch {
		case strings.Contains(query, "errors"):
			return "1"
		case at%3600 == 0:
			return "NaN"
		case at%3600 == 1800:
			return "+Inf"
		}
		return "100"
	}))
	got := status(engineAt(t, address, noon), []*agreement.Agreement{availability()}, noon)[0].Objectives[0]
	require.NoError(t, got.Err)
	assert.Equal(t, 24*10*100.0, float64(got.Total), "ten of twelve slots an hour are counts")
	assert.Equal(t, 24*10*1.0, float64(got.Bad))
	assert.InDelta(t, 10.0/12, float64(got.Coverage), 1e-12)
}

// One series of failures without numbers, among good ones, is not «nothing failed».
func TestFailuresThatAreNoNumberGiveNoFigure(t *testing.T) {
	address := history(t, noon.Add(-48*time.Hour), noon.Add(time.Minute), map[string]func(time.Time) (float64, bool){
		`requests_total`:           func(at time.Time) (float64, bool) { return float64(at.Unix()), true },
		`errors_total{code="500"}`: func(at time.Time) (float64, bool) { return float64(at.Unix()) / 2, true },
		`errors_total{code="503"}`: func(time.Time) (float64, bool) { return math.NaN(), true },
	})
	got := status(engineAt(t, address, noon), []*agreement.Agreement{availability()}, noon)[0].Objectives[0]
	assert.Equal(t, budget.NoData, got.State)
	assert.False(t, got.Compliance.Known())
	assert.Contains(t, got.Reason, "no number")
}

func TestRecordedCountsThatAreNoNumberAreUnknown(t *testing.T) {
	address := answering(t, points(func(query string, at int64) string {
		if strings.Contains(query, "slot_total") && at%3600 < 1800 {
			return "+Inf"
		}
		return "5"
	}))
	a := availability()
	a.Objectives[0].SLI.Recorded = true
	got := status(engineAt(t, address, noon), []*agreement.Agreement{a}, noon)[0].Objectives[0]
	require.NoError(t, got.Err)
	assert.InDelta(t, 0.5, float64(got.Coverage), 0.01)
	assert.Contains(t, strings.Join(got.Remarks(), "; "), "no number")
}

// What is known of a server has an age: a bound that is no longer there does not
// make all bad.
func TestABucketBoundThatHasGoneIsNoticed(t *testing.T) {
	changed := noon.Add(-72 * time.Hour)
	grows := func(from, to time.Time) func(time.Time) (float64, bool) {
		return func(at time.Time) (float64, bool) { return float64(at.Unix()), !at.Before(from) && at.Before(to) }
	}
	begin := noon.Add(-120 * time.Hour)
	address := history(t, begin, noon.Add(time.Minute), map[string]func(time.Time) (float64, bool){
		`rt_count`:             grows(begin, noon.Add(time.Hour)),
		`rt_bucket{le="0.3"}`:  grows(begin, changed),
		`rt_bucket{le="0.25"}`: grows(changed, noon.Add(time.Hour)),
	})
	a := availability()
	a.Objectives[0].SLI = agreement.SLI{Kind: agreement.Ratio, Good: &agreement.Query{Expr: `rt_bucket{le="0.3"}`}, Total: &agreement.Query{Expr: `rt_count`}}
	now := changed.Add(-time.Hour)
	engine := measure.New(connect(t, address), counting.Options{Now: func() time.Time { return now }})
	before := status(engine, []*agreement.Agreement{a}, now)[0].Objectives[0]
	require.NoError(t, before.Err)
	assert.InDelta(t, 1, float64(before.Compliance), 1e-9)
	now = noon
	assert.ErrorContains(t, status(engine, []*agreement.Agreement{a}, now)[0].Objectives[0].Err, `no bucket has le="0.3"; the bounds there are: 0.25`)
}

func TestTooManyGroupsAreRefusedWithTheNumberAndTheLimit(t *testing.T) {
	address := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[`)
		for i := range 100_000 {
			if i > 0 {
				fmt.Fprint(w, ",")
			}
			fmt.Fprintf(w, `{"metric":{"user":"%d"},"values":[[1780300800,"1"]]}`, i)
		}
		fmt.Fprint(w, `]}}`)
	})
	a := availability()
	a.Objectives[0].GroupBy = []string{"user"}
	result := status(engineAt(t, address, noon), []*agreement.Agreement{a}, noon)[0]
	assertNoFigures(t, result)
	assert.ErrorContains(t, result.Objectives[0].Err, "10000")
}

func TestARawRatioOutsideOfZeroToOneIsAnError(t *testing.T) {
	address := answering(t, points(func(string, int64) string { return "99.5" }))
	a := availability()
	a.Objectives[0].SLI = agreement.SLI{Kind: agreement.RawSuccess, Gauge: &agreement.Query{Expr: "success_ratio"}}
	result := status(engineAt(t, address, noon), []*agreement.Agreement{a}, noon)[0]
	assertNoFigures(t, result)
	assert.ErrorContains(t, result.Objectives[0].Err, "99.5, but a ratio lies between 0 and 1")
}

func TestAThresholdQueryWithSeveralSeriesIsAnError(t *testing.T) {
	s, address := scenario(t, "consumers-and-groups")
	a := availability()
	a.Objectives[0].SLI = agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: `http_requests_total{code="200"}`}}
	a.Objectives[0].Op, a.Objectives[0].Value = agreement.GreaterOrEqual, 0
	result := status(engineAt(t, address, s.End), []*agreement.Agreement{a}, s.End)[0]
	assertNoFigures(t, result)
	assert.ErrorContains(t, result.Objectives[0].Err, "several series")

	a.Objectives[0].GroupBy = []string{"consumer", "region"}
	grouped := status(engineAt(t, address, s.End), []*agreement.Agreement{a}, s.End)[0]
	require.Len(t, grouped.Objectives, 3)
	assert.Equal(t, map[string]string{"consumer": "checkout", "region": "eu"}, grouped.Objectives[0].Group)
	assert.NoError(t, grouped.Objectives[0].Err)
}

func TestABucketBoundThatNoSeriesHasIsAnErrorThatListsTheBounds(t *testing.T) {
	s, address := scenario(t, "latency-histogram")
	found := read(t, strings.ReplaceAll(s.Documents, `le="0.3"`, `le="0.25"`))
	result := status(engineAt(t, address, s.End), found.Agreements, s.End)[0]
	latency := result.Objectives[0]
	assert.Equal(t, "latency", latency.Objective.Name)
	assert.ErrorContains(t, latency.Err, `no bucket has le="0.25"; the bounds there are: 0.1, 0.3, +Inf`)
	assert.False(t, latency.Bad.Known(), "never «all is bad»")
	assert.NoError(t, result.Objectives[1].Err)
}

func TestASelectThatMatchesNothingSaysSo(t *testing.T) {
	s, address := scenario(t, "consumers-and-groups")
	for written, says := range map[string]string{
		"consumer: serach": `select {consumer="serach"} matches no series, though the SLI without it has some (did you mean search?)`,
		"consumr: search":  `select {consumr="search"} matches no series, though the SLI without it has some: none has the label consumr (did you mean consumer?)`,
	} {
		found := read(t, strings.ReplaceAll(s.Documents, "select: {consumer: search}", "select: {"+written+"}"))
		result := status(engineAt(t, address, s.End), found.Agreements, s.End)[1].Objectives[0]
		assert.Equal(t, budget.NoData, result.State)
		assert.Equal(t, says, result.Reason)
	}
}

func TestABucketThatIsNotThereAtAllIsAnErrorToo(t *testing.T) {
	s, address := scenario(t, "latency-histogram")
	found := read(t, strings.ReplaceAll(s.Documents, `_bucket{job="api",le="0.3"}`, `_bucket{job="apy",le="0.3"}`))
	latency := status(engineAt(t, address, s.End), found.Agreements, s.End)[0].Objectives[0]
	assert.ErrorContains(t, latency.Err, `no series match the bucket http_request_duration_seconds_bucket{job="apy",le="0.3"}, though there are some of the total: check its name and labels`)
	assert.False(t, latency.Bad.Known(), "never «all is bad»")
}
