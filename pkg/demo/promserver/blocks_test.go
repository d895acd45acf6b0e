package promserver_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

var (
	march = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	april = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
)

// minutes yields a sample a minute: value(n) at the n-th minute since March.
func minutes(from, to time.Time, value func(n int64) float64) iter.Seq2[int64, float64] {
	return func(yield func(int64, float64) bool) {
		n := (from.UnixMilli() - march.UnixMilli() + 59_999) / 60_000
		for ; march.UnixMilli()+n*60_000 < to.UnixMilli(); n++ {
			if !yield(march.UnixMilli()+n*60_000, value(n)) {
				return
			}
		}
	}
}

// counters are two series, z before a, that grow by 3 and by 5 a minute.
func counters(from, to time.Time) iter.Seq[promserver.Series] {
	return func(yield func(promserver.Series) bool) {
		for job, step := range map[string]float64{"z": 3, "a": 5} {
			s := promserver.Series{
				Labels:  labels.FromStrings("__name__", "requests_total", "job", job),
				Samples: minutes(from, to, func(n int64) float64 { return step * float64(n) }),
			}
			if !yield(s) {
				return
			}
		}
	}
}

func TestBlocksHoldTheHistory(t *testing.T) {
	dir := t.TempDir()
	var steps []int
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, march, april, counters, func(done, total int) {
		require.Equal(t, 4, total)
		steps = append(steps, done)
	}))
	require.Equal(t, []int{1, 2, 3, 4}, steps)
	from, to, err := promserver.History(dir)
	require.NoError(t, err)
	require.True(t, from.Equal(march) && to.Equal(april), "%s %s", from, to)

	server := start(t, promserver.Options{Dir: dir})
	query(t, server, `requests_total{job="a"}`, march, 0)
	query(t, server, `sum(count_over_time(requests_total[31d]))`, april, 2*(31*24*60-1)) // (march, april)
	query(t, server, `increase(requests_total{job="z"}[30d] anchored)`, april, 3*30*24*60-3)
	for day := range 31 { // every day, so that a hole at a block's edge is seen
		at := march.AddDate(0, 0, day).Add(13*time.Hour + 7*time.Minute)
		query(t, server, `sum(requests_total)`, at, 8*at.Sub(march).Minutes())
	}
}

func TestLiveSamplesGoOnAfterTheBlocks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, march, noon, counters, nil))
	server := start(t, promserver.Options{Dir: dir})
	n := noon.Sub(march).Minutes()
	record(t, server, labels.FromStrings("__name__", "requests_total", "job", "a"), 5*n, 5*n+5)
	query(t, server, `increase(requests_total{job="a"}[2h] anchored)`, noon.Add(time.Minute), 5*120)
}

// A program that was off for a while fills in what it missed.
func TestBlocksExtendAHistoryWithLiveSamples(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, march, noon, counters, nil))
	server, err := promserver.Start(promserver.Options{Dir: dir})
	require.NoError(t, err)
	record(t, server, labels.FromStrings("__name__", "requests_total", "job", "a"), 1, 2, 3)
	require.NoError(t, server.Close())

	from, to, err := promserver.History(dir)
	require.NoError(t, err)
	require.True(t, from.Equal(march) && to.Equal(noon))
	later := noon.Add(36 * time.Hour)
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, noon, later, counters, nil))
	server = start(t, promserver.Options{Dir: dir})
	query(t, server, `resets(requests_total{job="a"}[60h])`, later, 0)
	query(t, server, `requests_total{job="a"}`, later.Add(-time.Minute), 5*(later.Sub(march).Minutes()-1))
}

func TestNativeHistograms(t *testing.T) {
	dir := t.TempDir()
	from, to := march, march.Add(24*time.Hour)
	series := func(from, to time.Time) iter.Seq[promserver.Series] {
		return func(yield func(promserver.Series) bool) {
			yield(promserver.Series{
				Labels: labels.FromStrings("__name__", "latency_seconds"),
				Histograms: func(yield func(int64, *histogram.Histogram) bool) {
					for t := range minutes(from, to, func(int64) float64 { return 0 }) {
						n := (t - march.UnixMilli()) / 60_000
						if n >= 720 {
							n -= 720 // a restart at noon
						}
						if !yield(t, tsdbutil.GenerateTestHistogram(n)) {
							return
						}
					}
				},
			})
		}
	}
	require.NoError(t, promserver.WriteBlocks(t.Context(), dir, from, to, series, nil))
	server := start(t, promserver.Options{Dir: dir})
	first, last := tsdbutil.GenerateTestHistogram(0), tsdbutil.GenerateTestHistogram(719)
	query(t, server, `histogram_count(latency_seconds)`, march.Add(719*time.Minute), float64(last.Count))
	query(t, server, `histogram_count(latency_seconds)`, march.Add(720*time.Minute), float64(first.Count))
	query(t, server, `sum(count_over_time(latency_seconds[1d]))`, to, 24*60-1)
	query(t, server, `resets(latency_seconds[1d])`, to, 1)
}

func TestWriteBlocksRefuses(t *testing.T) {
	at := func(series iter.Seq2[int64, float64]) func(from, to time.Time) iter.Seq[promserver.Series] {
		return func(_, _ time.Time) iter.Seq[promserver.Series] {
			return func(yield func(promserver.Series) bool) {
				yield(promserver.Series{Labels: labels.FromStrings("__name__", "x"), Samples: series})
			}
		}
	}
	samples := func(times ...time.Time) iter.Seq2[int64, float64] {
		return func(yield func(int64, float64) bool) {
			for _, t := range times {
				if !yield(t.UnixMilli(), 1) {
					return
				}
			}
		}
	}
	hour := march.Add(time.Hour)
	for name, c := range map[string]struct {
		from, to time.Time
		series   func(from, to time.Time) iter.Seq[promserver.Series]
		want     string
	}{
		"an empty span":      {hour, march, counters, "2026-03-01T00:00:00Z is not after 2026-03-01T01:00:00Z"},
		"samples at the end": {march, hour, at(samples(hour)), `{__name__="x"}: sample at 2026-03-01T01:00:00.000Z is outside`},
		"samples going back": {march, hour, at(samples(march.Add(2*time.Second), march.Add(time.Second))), "timestamps must ascend"},
		"the same instant":   {march, hour, at(samples(march, march)), "timestamps must ascend"},
		"a series that is twice": {march, hour, func(from, to time.Time) iter.Seq[promserver.Series] {
			return func(yield func(promserver.Series) bool) {
				one := promserver.Series{Labels: labels.FromStrings("__name__", "x"), Samples: samples(march)}
				if yield(one) {
					yield(one)
				}
			}
		}, `{__name__="x"} is there twice`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.ErrorContains(t, promserver.WriteBlocks(t.Context(), dir, c.from, c.to, c.series, nil), c.want)
			requireEmpty(t, dir)
		})
	}
	t.Run("a span that is there", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, promserver.WriteBlocks(t.Context(), dir, march, noon, counters, nil))
		err := promserver.WriteBlocks(t.Context(), dir, noon.Add(-time.Hour), april, counters, nil)
		require.ErrorContains(t, err, "already holds 2026-03-01T00:00:00Z to 2026-03-04T12:00:00Z")
	})
}

// A failure in a late block leaves nothing of the early ones.
func TestAllBlocksOrNone(t *testing.T) {
	dir := t.TempDir()
	stop := errors.New("generator broke")
	firstDone := make(chan struct{})
	ctx, cancel := context.WithCancelCause(t.Context())
	series := func(from, to time.Time) iter.Seq[promserver.Series] {
		if to.Equal(april) {
			<-firstDone
			cancel(stop)
		}
		return counters(from, to)
	}
	var once sync.Once
	err := promserver.WriteBlocks(ctx, dir, march, april, series, func(int, int) { once.Do(func() { close(firstDone) }) })
	require.ErrorIs(t, err, context.Canceled)
	requireEmpty(t, dir)
}

func TestHistoryOfNothing(t *testing.T) {
	from, to, err := promserver.History(filepath.Join(t.TempDir(), "missing"))
	require.NoError(t, err)
	require.True(t, from.IsZero() && to.IsZero())
}

func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}
