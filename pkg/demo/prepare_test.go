package demo

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// The history is the same to the last sample however it came about: made at
// once, made before and continued, recorded live, or all of these.
func TestHistoryIsKeptContinuedAndRecorded(t *testing.T) {
	ctx, cache := context.Background(), t.TempDir()
	now := monday.Add(9*time.Hour + 41*time.Minute + 12*time.Second)
	prepare := func() (dir string, parts int) {
		dir, err := Prepare(ctx, cache, now, Days, func(_, total int) { parts = total })
		require.NoError(t, err)
		return dir, parts
	}

	dir, parts := prepare()
	assert.Greater(t, parts, 1, "the first time it is made")
	again, parts := prepare()
	assert.Zero(t, parts, "the second time it is there")
	assert.NotEqual(t, dir, again, "each has a folder of its own")

	server, err := promserver.Start(promserver.Options{Dir: dir})
	require.NoError(t, err)
	for range 3 {
		now = now.Add(Scrape)
		require.NoError(t, Record(ctx, server.DB.Appender(ctx), now))
	}
	require.NoError(t, Record(ctx, server.DB.Appender(ctx), now), "recorded twice")
	assertHistory(t, server, now)
	require.NoError(t, server.Close())

	now = now.AddDate(0, 0, 3).Add(5 * time.Hour)
	dir, parts = prepare()
	assert.Equal(t, 1, parts, "three days later it is continued")
	server, err = promserver.Start(promserver.Options{Dir: dir})
	require.NoError(t, err)
	assertHistory(t, server, now)
	require.NoError(t, server.Close())
}

// assertHistory compares what the server holds up to now with the generator.
func assertHistory(t *testing.T, server *promserver.Server, now time.Time) {
	t.Helper()
	from := now.Truncate(24*time.Hour).AddDate(0, 0, -Days)
	querier, err := server.DB.Querier(from.UnixMilli(), now.Add(time.Hour).UnixMilli())
	require.NoError(t, err)
	defer querier.Close()
	for _, selector := range []string{
		`page_views_total{device="mobile"}`, `up{job="orders-db",role="primary"}`, `ALERTS{alertname="PaymentsFailing"}`,
		`http_requests_total{job="checkout-api",region="popup",code="200"}`, `search_request_duration_seconds{region="us"}`,
	} {
		m := one(t, selector)
		if m.native != nil {
			assert.Equal(t, counts(m, from, now), storedCounts(t, querier, m), selector)
			continue
		}
		assert.Equal(t, samples(m.samples(from, now.Truncate(Scrape).Add(1))), stored(t, querier, m), selector)
	}
}

func counts(m *metric, from, now time.Time) []uint64 {
	var all []uint64
	for _, h := range m.histograms(from, now.Truncate(Scrape).Add(1)) {
		all = append(all, h.Count)
	}
	return all
}

func each(t *testing.T, querier storage.Querier, m *metric, visit func(kind chunkenc.ValueType, it chunkenc.Iterator)) {
	t.Helper()
	var matchers []*labels.Matcher
	m.labels.Range(func(l labels.Label) {
		matchers = append(matchers, labels.MustNewMatcher(labels.MatchEqual, l.Name, l.Value))
	})
	set := querier.Select(context.Background(), false, nil, matchers...)
	for set.Next() {
		it := set.At().Iterator(nil)
		for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
			visit(kind, it)
		}
		require.NoError(t, it.Err())
	}
	require.NoError(t, set.Err())
}

func stored(t *testing.T, querier storage.Querier, m *metric) []sample {
	t.Helper()
	var all []sample
	each(t, querier, m, func(_ chunkenc.ValueType, it chunkenc.Iterator) {
		millis, value := it.At()
		require.False(t, math.IsNaN(value))
		all = append(all, sample{millis, value})
	})
	return all
}

func storedCounts(t *testing.T, querier storage.Querier, m *metric) []uint64 {
	t.Helper()
	var all []uint64
	each(t, querier, m, func(kind chunkenc.ValueType, it chunkenc.Iterator) {
		require.Equal(t, chunkenc.ValHistogram, kind)
		_, h := it.AtHistogram(nil)
		all = append(all, h.Count)
	})
	return all
}

func TestSeveralDemosShareOneCache(t *testing.T) {
	cache := t.TempDir()
	var wait sync.WaitGroup
	dirs, errs := make([]string, 3), make([]error, 3)
	for i := range dirs {
		wait.Go(func() { dirs[i], errs[i] = Prepare(context.Background(), cache, monday.Add(time.Hour), 3, nil) })
	}
	wait.Wait()
	for i, dir := range dirs {
		require.NoError(t, errs[i])
		from, to, err := promserver.History(dir)
		require.NoError(t, err)
		assert.Equal(t, monday.AddDate(0, 0, -3), from.UTC())
		assert.Equal(t, monday.Add(time.Hour+time.Millisecond), to.UTC())
		for _, other := range dirs[:i] {
			assert.NotEqual(t, other, dir)
		}
	}
}

func TestALaterDemoTidiesUp(t *testing.T) {
	cache := t.TempDir()
	for _, name := range []string{"history-0", "run-ended", "mine"} {
		require.NoError(t, os.Mkdir(filepath.Join(cache, name), 0o777))
	}
	require.NoError(t, os.WriteFile(filepath.Join(cache, "run-gone.lock"), nil, 0o666))
	running, err := Prepare(context.Background(), cache, monday, 3, nil)
	require.NoError(t, err)
	_, err = Prepare(context.Background(), cache, monday, 3, nil)
	require.NoError(t, err)

	assert.DirExists(t, running, "in use")
	assert.DirExists(t, filepath.Join(cache, "mine"), "not ours")
	assert.NoDirExists(t, filepath.Join(cache, "history-0"), "an older generator's")
	assert.NoDirExists(t, filepath.Join(cache, "run-ended"), "of a demo that has ended")
	assert.NoFileExists(t, filepath.Join(cache, "run-gone.lock"), "of a demo that removed its folder itself")
	assert.NoFileExists(t, filepath.Join(cache, "run-ended.lock"))
}

func TestADamagedHistoryIsMadeAnew(t *testing.T) {
	cache := t.TempDir()
	_, err := Prepare(context.Background(), cache, monday, 3, nil)
	require.NoError(t, err)
	metas, err := filepath.Glob(filepath.Join(cache, "history-*", "*", "meta.json"))
	require.NoError(t, err)
	require.NotEmpty(t, metas)
	require.NoError(t, os.WriteFile(metas[0], []byte("{"), 0o666))
	remade := false
	_, err = Prepare(context.Background(), cache, monday, 3, func(int, int) { remade = true })
	require.NoError(t, err)
	assert.True(t, remade)
}

func TestPrepareGivesUpWithItsContext(t *testing.T) {
	cache := t.TempDir()
	other := flock.New(filepath.Join(cache, "lock"))
	require.NoError(t, other.Lock())
	defer func() { require.NoError(t, other.Unlock()) }()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Prepare(ctx, cache, monday, Days, nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.ErrorContains(t, err, cache)
}
