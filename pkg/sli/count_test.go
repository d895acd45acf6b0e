package sli

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

const slot = 5 * time.Minute

// term reads a query that is one term.
func term(t testing.TB, query string, groupBy ...string) Term {
	t.Helper()
	plan, err := NewPlan(ratio(query), nil, groupBy)
	require.NoError(t, err)
	require.Len(t, plan.Total, 1)
	return plan.Total[0]
}

func ratio(query string) agreement.SLI {
	return agreement.SLI{Kind: agreement.Ratio, Total: &agreement.Query{Expr: query}, Bad: &agreement.Query{Expr: query}}
}

// at is a sample so many seconds after epoch, gone a staleness marker.
func at(second int, value float64) sample {
	return sample{after: time.Duration(second) * time.Second, value: value}
}

func gone(second int) sample { return sample{after: time.Duration(second) * time.Second, stale: true} }

// increments is what a series gains in (begin, end], as it was scraped, and
// whether it was scraped at all: the law, without a query.
func increments(samples []sample, begin, end, lookback time.Duration) (gain float64, measured bool) {
	last, known := 0.0, false
	for _, x := range samples {
		switch {
		case x.stale || x.after > end:
			continue
		case x.after <= begin:
			if x.after > begin-lookback {
				last, known = x.value, true
			}
			continue
		}
		measured = true
		switch {
		case !known:
		case x.value < last:
			gain += x.value
		default:
			gain += x.value - last
		}
		last, known = x.value, true
	}
	return gain, measured
}

func reachOf(m Method) time.Duration {
	if m == MetricsQL {
		return metricsQLLookback
	}
	return lookback
}

// expected is what a count by case has to give in every slot.
func expected(data []series, slots int, length, lookback time.Duration) points {
	want := points{}
	for _, s := range data {
		for k := range slots {
			end := time.Duration(k+1) * length
			if gain, measured := increments(s.samples, end-length, end, lookback); measured {
				want.set(labels.FromStrings("case", s.labels.Get("case")), end, gain)
			}
		}
	}
	return want
}

func counter(name string, samples ...sample) series {
	return series{labels: labels.FromStrings("__name__", "c_total", "case", name), samples: samples}
}

// lives are the lives of a counter that a method may get wrong.
var lives = []series{
	counter("steady", at(10, 5), at(130, 7), at(250, 9), at(370, 14), at(490, 20), at(610, 21), at(730, 30)),
	counter("gain between the last scrape of a slot and the first of the next", at(280, 5), at(310, 105), at(580, 105), at(620, 305)),
	counter("samples on the edges", at(0, 1), at(300, 4), at(600, 9), at(900, 16)),
	counter("last sample on an edge", at(120, 2), at(300, 10)),
	counter("first seen high", at(310, 1000), at(340, 1001), at(370, 1003), at(610, 1010)),
	counter("a single sample", at(310, 7)),
	counter("a gap of seven minutes", at(10, 7), at(40, 9), at(70, 10), at(550, 20), at(580, 22)),
	counter("a gap of twenty minutes", at(10, 7), at(40, 9), at(1250, 11), at(1280, 12)),
	counter("a restart within a slot", at(10, 10), at(290, 30), at(310, 40), at(340, 50), at(370, 3), at(400, 5), at(610, 9)),
	counter("a restart between slots", at(10, 10), at(290, 30), at(310, 3), at(340, 4), at(610, 9)),
	counter("a restart within and above the old height of the slot's beginning", at(10, 2), at(290, 4), at(310, 90), at(400, 20), at(430, 40)),
	counter("a restart between slots and one within", at(10, 10), at(290, 1000), at(310, 3), at(340, 9), at(370, 2), at(610, 4)),
	counter("a failed scrape on an edge", at(10, 10), at(280, 20), gone(295), at(325, 30), at(580, 40), gone(600), at(615, 45)),
	counter("gone with a marker", at(10, 10), at(280, 20), at(310, 30), at(340, 33), gone(370)),
}

// neverRestarted leaves out restarts: in a long slot there may be two, or one in
// the slot in which a series is first seen.
var neverRestarted = slices.DeleteFunc(slices.Clone(lives), func(s series) bool {
	return strings.Contains(s.labels.Get("case"), "restart")
})

// newAndRestarted is first seen high and restarts at once: no old event may
// count. What it gained between is the one thing offset leaves out here.
var newAndRestarted = counter("first seen high, then a restart", at(310, 1e9), at(340, 1e9+5), at(370, 1), at(400, 3))

func TestCountsOfASlotAreTheScrapedIncrements(t *testing.T) {
	all := append(append([]series{}, lives...), newAndRestarted)
	short := []time.Duration{time.Minute, slot}
	long := append([]time.Duration{10 * time.Minute, 30 * time.Minute}, short...)
	for _, c := range []struct {
		name   string
		method Method
		data   []series
		start  func(testing.TB, []series) engine
		slots  []time.Duration
	}{
		{"anchored", Anchored, all, newInProcess, long},
		{"offset", Offset, lives, newInProcess, short},
		{"offset over long slots", Offset, neverRestarted, newInProcess, long},
		{"offset on an installed Prometheus", Offset, lives, newPrometheus, short},
		{"metricsql on an installed VictoriaMetrics", MetricsQL, all, newVictoria, long},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := c.start(t, c.data)
			for _, length := range c.slots {
				slots := int(30 * time.Minute / length)
				got, err := e.query(t, term(t, "c_total", "case").CountQuery(c.method, length), length, time.Duration(slots)*length, length)
				require.NoError(t, err)
				requirePoints(t, expected(c.data, slots, length, reachOf(c.method)), got, length.String())
			}
		})
	}
}

func requirePoints(t *testing.T, want, got points, message string) {
	t.Helper()
	for _, key := range sortedKeys(want) {
		require.Equal(t, want[key], got[key], "%s %s", message, key)
	}
	require.Len(t, got, len(want), message)
}

// What is first seen high and restarts in the same slot is counted from the
// restart on: less than was scraped, never the old height.
func TestOffsetNeverCountsTheHeightOfANewSeries(t *testing.T) {
	e := newInProcess(t, []series{newAndRestarted})
	got, err := e.query(t, term(t, "c_total", "case").CountQuery(Offset, slot), slot, 2*slot, slot)
	require.NoError(t, err)
	require.Equal(t, points{`{case="first seen high, then a restart"}`: {2 * slot: 2}}, got)
}

// A slot that is not over is measured up to now, and the rest of it makes it
// whole: for every method, whatever the cut.
func TestSlotsAddUpWhereverTheyAreCut(t *testing.T) {
	var busy series
	busy.labels = labels.FromStrings("__name__", "c_total", "case", "busy")
	value := 0.0
	for k := range 120 {
		value += float64(k % 7)
		busy.samples = append(busy.samples, at(15*k+4, value))
	}
	gained, _ := increments(busy.samples, slot, 2*slot, lookback)
	for _, c := range engines {
		t.Run(c.name, func(t *testing.T) {
			e := c.start(t, []series{busy})
			for _, cut := range []time.Duration{time.Second, 17 * time.Second, time.Minute, 4*time.Minute + 59*time.Second} {
				query := func(length, end time.Duration) float64 {
					got, err := e.query(t, term(t, "c_total").CountQuery(c.method, length), end, end, slot)
					require.NoError(t, err)
					return got["{}"][end]
				}
				whole := query(slot, 2*slot)
				require.InDelta(t, gained, whole, 0)
				require.InDelta(t, whole, query(cut, slot+cut)+query(slot-cut, 2*slot), 0, "cut at %s", cut)
			}
		})
	}
}

func TestCountIsSummedByGroup(t *testing.T) {
	data := []series{}
	for i, region := range []string{"eu", "eu", "us"} {
		data = append(data, series{
			labels:  labels.FromStrings("__name__", "c_total", "pod", fmt.Sprint(i), "region", region),
			samples: []sample{at(10, 0), at(200, float64(10*(i+1)))},
		})
	}
	for _, method := range []Method{Anchored, Offset} {
		got, err := newInProcess(t, data).query(t, term(t, "sum by (pod) (rate(c_total[5m]))", "region").CountQuery(method, slot), slot, slot, slot)
		require.NoError(t, err)
		require.Equal(t, points{`{region="eu"}`: {slot: 30}, `{region="us"}`: {slot: 30}}, got, method)
	}
}

func TestSelectorKeepsItsOffset(t *testing.T) {
	e := newInProcess(t, lives)
	for _, method := range []Method{Anchored, Offset} {
		now, err := e.query(t, term(t, "c_total", "case").CountQuery(method, slot), 2*slot, 2*slot, slot)
		require.NoError(t, err)
		later, err := e.query(t, term(t, "c_total offset 5m", "case").CountQuery(method, slot), 3*slot, 3*slot, slot)
		require.NoError(t, err)
		require.NotEmpty(t, now)
		for key, at := range now {
			require.Equal(t, at[2*slot], later[key][3*slot], "%s %s", method, key)
		}
	}
}

func TestMethodsAreProbedWithoutReadingASample(t *testing.T) {
	for _, c := range []struct {
		name   string
		start  func(testing.TB, []series) engine
		method map[Method]string // what the engine says of it, "" when it takes it
	}{
		{"in process", newInProcess, map[Method]string{Anchored: "", Offset: ""}},
		{"an installed Prometheus", newPrometheus, map[Method]string{Anchored: "parse error", Offset: "", MetricsQL: "unknown function"}},
		{"an installed VictoriaMetrics", newVictoria, map[Method]string{Anchored: "cannot execute query", MetricsQL: ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := c.start(t, lives)
			for method, says := range c.method {
				got, err := e.query(t, method.Probe(), slot, slot, slot)
				if says != "" {
					require.ErrorContains(t, err, says)
					continue
				}
				require.NoError(t, err)
				require.Empty(t, got)
			}
		})
	}
}

// A fall of less than an eighth is to VictoriaMetrics no restart but a
// counter read from two replicas, and counts nothing.
func TestVictoriaMetricsTakesASmallFallForNone(t *testing.T) {
	data := []series{counter("small fall", at(10, 100), at(280, 120), at(310, 115), at(340, 118))}
	got, err := newVictoria(t, data).query(t, term(t, "c_total").CountQuery(MetricsQL, slot), 2*slot, 2*slot, slot)
	require.NoError(t, err)
	require.Equal(t, points{"{}": {2 * slot: 3}}, got)
	got, err = newInProcess(t, data).query(t, term(t, "c_total").CountQuery(Anchored, slot), 2*slot, 2*slot, slot)
	require.NoError(t, err)
	require.Equal(t, points{"{}": {2 * slot: 118}}, got)
}

// The queries beside the count: is there anything without select, which bounds
// are there.
func TestWhatElseIsAskedOfATerm(t *testing.T) {
	bucket := func(le, consumer string) series {
		return series{
			labels:  labels.FromStrings("__name__", "d_bucket", "le", le, "consumer", consumer),
			samples: []sample{at(10, 0), at(200, 5)},
		}
	}
	data := []series{bucket("0.3", "checkout"), bucket("1.0", "checkout"), bucket("+Inf", "checkout")}
	plan, err := NewPlan(ratio(`sum(rate(d_bucket{le="0.5"}[5m]))`), map[string]string{"consumer": "search"}, nil)
	require.NoError(t, err)
	asked := plan.Total[0]
	for name, start := range map[string]func(testing.TB, []series) engine{
		"in process": newInProcess, "an installed Prometheus": newPrometheus, "an installed VictoriaMetrics": newVictoria,
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t, data)
			query := func(text string) points {
				got, err := e.query(t, text, slot, slot, slot)
				require.NoError(t, err)
				return got
			}
			require.Empty(t, query(asked.presenceQuery(slot)))

			fitting := term(t, `d_bucket{le="1"}`, "consumer")
			require.Equal(t, points{`{consumer="checkout"}`: {slot: 1}}, query(fitting.presenceQuery(slot)))
			every, spellings, ok := fitting.Bounds()
			require.True(t, ok)
			require.Equal(t, []string{"1", "1.0"}, spellings)
			require.Equal(t, []string{`{le="+Inf"}`, `{le="0.3"}`, `{le="1.0"}`}, sortedKeys(query(every.Values("le", slot))))

			narrow, err := NewPlan(ratio(`d_bucket{le="1"}`), map[string]string{"consumer": "search"}, nil)
			require.NoError(t, err)
			require.Empty(t, query(narrow.Total[0].presenceQuery(slot)))
			wide := narrow.Total[0].Without(narrow.Total[0].Selected...)
			require.Equal(t, points{`{consumer="checkout"}`: {slot: 1}}, query(wide.Values("consumer", slot)))
		})
	}
}

// presenceQuery counts the series, by group, that have a sample in the time of
// this length that ends at the evaluation.
func (t Term) presenceQuery(length time.Duration) string {
	return aggregate(parser.COUNT, t.groupBy, call("last_over_time", t.over(length))).String()
}
