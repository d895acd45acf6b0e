package counting_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/proxy"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// What is no number is no count, on whichever side it stands: its slot is
// unknown, neither good nor bad, and the result says how many there were.
func TestWhatIsNoNumberMakesItsSlotUnknown(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	for _, side := range []string{"errors_total", "requests_total"} {
		for _, value := range []string{"NaN", "+Inf", "-Inf", "1e300", "9007199254740994"} {
			for every, want := range map[int]string{2: "in 144 of 288 slots", 1: "in 288 of 288 slots"} {
				t.Run(fmt.Sprintf("%s %s in one of %d", side, value, every), func(t *testing.T) {
					server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if !strings.HasSuffix(r.URL.Path, "/query_range") {
							fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
							return
						}
						var points []string
						start, _ := strconv.ParseInt(r.FormValue("start"), 10, 64)
						end, _ := strconv.ParseInt(r.FormValue("end"), 10, 64)
						for instant := start; instant <= end; instant += 300 {
							count := "100"
							switch {
							case strings.Contains(r.FormValue("query"), side) && instant/300%int64(every) == 0:
								count = value
							case strings.Contains(r.FormValue("query"), "errors_total"):
								count = "50"
							}
							points = append(points, fmt.Sprintf(`[%d,"%s"]`, instant, count))
						}
						fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[%s]}]}}`, strings.Join(points, ","))
					}))
					t.Cleanup(server.Close)
					client, err := prometheus.New(server.URL, nil, prometheus.Options{Probes: counting.Probes()})
					require.NoError(t, err)
					s := counting.New(client, counting.Options{Now: func() time.Time { return at.Add(day) }})
					o := &agreement.Objective{Name: "o", Target: 0.99, Window: agreement.Window{Rolling: day}, Budgeting: agreement.Occurrences,
						SLI: agreement.SLI{Kind: agreement.Ratio,
							Bad:   &agreement.Query{Expr: "sum(rate(errors_total[5m]))"},
							Total: &agreement.Query{Expr: "sum(rate(requests_total[5m]))"}}}
					for range 2 { // counted, and remembered
						result, err := s.Count(t.Context(), o, at.Add(-day), at)
						require.NoError(t, err)
						sum := result.Groups(at.Add(-day), at)[0].View.Sum(at.Add(-day).UnixMilli(), at.UnixMilli())
						measured := 288 - 288/every
						assert.InDelta(t, 100*measured, sum.Total, 1e-9)
						assert.InDelta(t, 50*measured, sum.Bad, 1e-9)
						require.NotEmpty(t, result.Notes)
						assert.Contains(t, result.Notes[len(result.Notes)-1], want)
						if measured == 0 {
							assert.Contains(t, result.Missing, want, "the reason why there is no figure")
						}
					}
				})
			}
		}
	}
}

// A gauge may be of any size, infinite too, and compares; only where it is NaN
// nothing is known.
func TestAnInfiniteGaugeFailsItsThreshold(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string][2]float64{"+Inf": {3600, 3600}, "1e300": {3600, 3600}, "-Inf": {3600, 0}, "0.1": {3600, 0}, "NaN": {0, 0}} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/query_range") {
				fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
				return
			}
			var points []string
			start, _ := strconv.ParseInt(r.FormValue("start"), 10, 64)
			end, _ := strconv.ParseInt(r.FormValue("end"), 10, 64)
			for instant := start; instant <= end; instant += 60 {
				points = append(points, fmt.Sprintf(`[%d,"%s"]`, instant, value))
			}
			fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[%s]}]}}`, strings.Join(points, ","))
		}))
		t.Cleanup(server.Close)
		client, err := prometheus.New(server.URL, nil, prometheus.Options{Probes: counting.Probes()})
		require.NoError(t, err)
		s := counting.New(client, counting.Options{Now: func() time.Time { return at.Add(24 * time.Hour) }})
		o := &agreement.Objective{Name: "o", Target: 0.99, Op: agreement.LessOrEqual, Value: 0.3, Budgeting: agreement.Occurrences,
			SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: &agreement.Query{Expr: "max(latency_seconds)"}}}
		result, err := s.Count(t.Context(), o, at.Add(-time.Hour), at)
		require.NoError(t, err, value)
		sum := result.Groups(at.Add(-time.Hour), at)[0].View.Sum(at.Add(-time.Hour).UnixMilli(), at.UnixMilli())
		assert.Equal(t, want, [2]float64{sum.Total, sum.Bad}, "seconds measured and bad at %s", value)
	}
}

// Mimir and Cortex answer a range that reaches beyond what they keep from there on,
// at other instants.
func TestWhatTheServerCutsIsNotMeasured(t *testing.T) {
	address := served(t, promserver.Options{Dir: t.TempDir(), WithoutRead: true}, 30*time.Second, map[string]func(int) float64{"requests_total": each(10), "errors_total": each(1)})
	kept := end.Add(-10*time.Hour + 17*time.Second)
	cut := proxy.New(t, address, func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		if strings.HasSuffix(r.URL.Path, "/query_range") {
			start, _ := strconv.ParseFloat(r.FormValue("start"), 64)
			r.Form.Set("start", fmt.Sprint(max(start, float64(kept.Unix()))))
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(r.Form.Encode())), int64(len(r.Form.Encode()))
		}
		return false
	})
	from := end.Add(-24 * time.Hour)
	for _, o := range []*agreement.Objective{ratio("", "errors_total", "requests_total"), {
		Name: "o", Op: agreement.GreaterOrEqual, Value: 1, Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: query("min(requests_total)")},
	}} {
		s := service(t, cut.URL)
		result, err := s.Count(t.Context(), o, from, end)
		require.NoError(t, err)
		first, measured := result.Groups(from, end)[0].View.FirstMeasured(from.UnixMilli())
		require.True(t, measured)
		require.Equal(t, end.Add(-10*time.Hour+5*time.Minute), time.UnixMilli(first).UTC())
	}
}
