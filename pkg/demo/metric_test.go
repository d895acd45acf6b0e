package demo

import (
	"fmt"
	"hash/fnv"
	"iter"
	"maps"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var monday = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

type sample struct {
	millis int64
	value  float64
}

func samples(seq iter.Seq2[int64, float64]) []sample {
	var all []sample
	for millis, value := range seq {
		all = append(all, sample{millis, value})
	}
	return all
}

// at is the value that the last scrape at or before t gave; false when that
// scrape gave none, and for a native histogram.
func at(m *metric, t time.Time) (float64, bool) {
	for _, value := range m.samples(lastScrape(t)) {
		return value, true
	}
	return 0, false
}

// one is the only series that matches the selector.
func one(t *testing.T, selector string) *metric {
	t.Helper()
	found := matching(t, selector)
	require.Len(t, found, 1, "series of %s", selector)
	return found[0]
}

func TestEverySeriesIsThereOnce(t *testing.T) {
	names := map[string]bool{}
	for _, m := range metrics() {
		name := m.labels.String()
		assert.False(t, names[name], "%s is there twice", name)
		names[name] = true
		assert.NotEmpty(t, m.labels.Get("job"), name)
	}
	assert.GreaterOrEqual(t, len(names), 150)
	assert.LessOrEqual(t, len(names), 400)
}

func TestASampleIsTheSameWhateverTheWindow(t *testing.T) {
	all := metrics()
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(all).Draw(t, "series")
		minute := func(name string) time.Time {
			return monday.Add(time.Duration(rapid.IntRange(-400*minutesPerDay, 3*minutesPerDay).Draw(t, name)) * time.Minute)
		}
		from := minute("from")
		cut := from.Add(time.Duration(rapid.IntRange(0, 600*60).Draw(t, "seconds to cut")) * time.Second)
		to := cut.Add(time.Duration(rapid.IntRange(0, 600*60).Draw(t, "seconds to end")) * time.Second)
		if m.native != nil {
			whole := maps.Collect(m.histograms(from, to))
			halves := maps.Collect(m.histograms(from, cut))
			maps.Copy(halves, maps.Collect(m.histograms(cut, to)))
			assert.Equal(t, whole, halves)
			return
		}
		whole := samples(m.samples(from, to))
		assert.Equal(t, whole, append(samples(m.samples(from, cut)), samples(m.samples(cut, to))...))
		for _, s := range whole[:min(3, len(whole))] {
			value, ok := at(m, time.UnixMilli(s.millis))
			assert.True(t, ok)
			assert.Equal(t, s.value, value)
			later, _ := at(m, time.UnixMilli(s.millis).Add(Scrape-time.Millisecond))
			assert.Equal(t, s.value, later, "until the next scrape")
		}
	})
}

func TestScrapesAreAMinuteApart(t *testing.T) {
	up := samples(one(t, `up{job="recommendations"}`).samples(monday, monday.Add(24*time.Hour)))
	require.Len(t, up, minutesPerDay)
	for i := range up[1:] {
		require.Equal(t, Scrape.Milliseconds(), up[i+1].millis-up[i].millis)
	}
	assert.GreaterOrEqual(t, up[0].millis, monday.UnixMilli())
}

func TestCountersFallOnlyAtRestarts(t *testing.T) {
	from, to := monday.AddDate(0, 0, -16), monday
	for _, m := range metrics() {
		if m.restarts == nil {
			continue
		}
		before := sample{value: math.NaN()}
		for millis, value := range m.samples(from, to) {
			if value < before.value {
				assert.True(t, restartsBetween(m, before.millis, millis), "%s falls from %v to %v at %s",
					m.labels, before.value, value, time.UnixMilli(millis).UTC())
			}
			require.GreaterOrEqual(t, value, 0.0, "%s", m.labels)
			before = sample{millis, value}
		}
	}
}

// restartsBetween reports whether the counter began anew after one scrape and
// by another.
func restartsBetween(m *metric, before, after int64) bool {
	for minute := before/60_000 + 1; minute <= after/60_000; minute++ {
		if slices.Contains(m.day(dayOf(minute)).restarts, minute) {
			return true
		}
	}
	return false
}

func TestCountersRestartAboutOnceAWeek(t *testing.T) {
	falls, before := 0, 0.0
	for _, value := range one(t, `page_views_total{device="mobile"}`).samples(monday.AddDate(0, 0, -70), monday) {
		if value < before {
			falls++
		}
		before = value
	}
	assert.InDelta(t, 10, falls, 1)
}

func TestBucketsNeverContradictEachOther(t *testing.T) {
	from, to := monday.Add(8*time.Hour), monday.Add(14*time.Hour)
	previous := map[int64]float64{}
	for _, bound := range []string{"30.0", "60.0", "300.0", "900.0", "+Inf"} {
		m := one(t, fmt.Sprintf(`ci_job_queue_seconds_bucket{pool="linux",le=%q}`, bound))
		for millis, value := range m.samples(from, to) {
			require.GreaterOrEqual(t, value, previous[millis])
			previous[millis] = value
		}
	}
	for millis, count := range one(t, `ci_job_queue_seconds_count{pool="linux"}`).samples(from, to) {
		require.Equal(t, previous[millis], count)
	}
}

func TestNativeHistogramsAreValidAndOnlyGrow(t *testing.T) {
	m := one(t, `search_request_duration_seconds{region="eu"}`)
	count, n := uint64(0), 0
	for _, h := range m.histograms(monday, monday.Add(6*time.Hour)) {
		require.NoError(t, h.Validate())
		require.Greater(t, h.Count, count)
		count = h.Count
		n++
	}
	assert.Equal(t, 360, n)
	assert.Empty(t, samples(m.samples(monday, monday.Add(time.Hour))), "no floats in a native histogram")
}

func TestNativeHistogramHasTheDocumentsThresholdAsABound(t *testing.T) {
	m := one(t, `search_request_duration_seconds{region="eu"}`)
	for _, h := range m.histograms(monday, monday.Add(time.Minute)) {
		assert.Contains(t, bounds(h), 0.25)
	}
}

func bounds(h *histogram.Histogram) []float64 {
	var all []float64
	for buckets := h.PositiveBucketIterator(); buckets.Next(); {
		all = append(all, buckets.At().Upper)
	}
	return all
}

func TestAnErrorSeriesIsMissingUntilItsFirstError(t *testing.T) {
	m := one(t, `grpc_server_handled_total{region="us",grpc_code="Internal"}`)
	week := samples(m.samples(monday.AddDate(0, 0, -30), monday))
	require.NotEmpty(t, week)
	assert.Less(t, len(week), 30*minutesPerDay)
	for _, s := range week {
		require.Positive(t, s.value)
	}
}

func TestThePopUpRegionIsBornAndGoes(t *testing.T) {
	m := one(t, `http_requests_total{job="checkout-api",region="popup",code="200"}`)
	births, goings := 0, 0
	last := sample{}
	for millis, value := range m.samples(monday.AddDate(0, 0, -180), monday.AddDate(0, 0, 180)) {
		if gap := time.Duration(millis-last.millis) * time.Millisecond; last.millis > 0 && gap > 24*time.Hour {
			assert.Less(t, value, 1000.0, "a new region counts from 0")
			births, goings = births+1, goings+1
		}
		last = sample{millis, value}
	}
	assert.GreaterOrEqual(t, births, 5)
}

// A change of any sample must change version too, or demos would go on with a
// history that is half the old one and half the new.
func TestVersionChangesWithTheSamples(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skipf("SKIPPED: the checksum was taken on amd64; on %s floating point may be fused and round otherwise", runtime.GOARCH)
	}
	h := fnv.New64a()
	inOrder := slices.SortedFunc(slices.Values(metrics()), func(a, b *metric) int { return labels.Compare(a.labels, b.labels) })
	for _, m := range inOrder {
		fmt.Fprintln(h, m.labels)
		for _, start := range []time.Time{monday.AddDate(0, 0, -60), monday.Add(12 * time.Hour)} {
			for millis, value := range m.samples(start, start.Add(30*time.Minute)) {
				fmt.Fprintln(h, millis, value)
			}
			for millis, sample := range m.histograms(start, start.Add(30*time.Minute)) {
				fmt.Fprintln(h, millis, sample)
			}
		}
	}
	assert.Equal(t, map[int]string{2: "84fd84d53dcf962a"}, map[int]string{version: fmt.Sprintf("%x", h.Sum64())},
		"the samples changed: raise version, and write the new checksum here")
}
