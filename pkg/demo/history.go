package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/prometheus/prometheus/storage"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// Days is how many days of history the demo has.
const Days = 90

// The cache folder contains the stored history, a folder with a lock for each running demo, and a lock.
const (
	storePrefix = "history-"
	runPrefix   = "run-"
	lockSuffix  = ".lock"
)

// How often and for how long to try a lock. A process that holds it for longer than writing a history takes
// is stuck.
const (
	lockRetry   = 50 * time.Millisecond
	lockTimeout = 2 * time.Minute
)

// Prepare creates the folder of a TSDB with the last days up to the whole minute at or before now, and
// returns its path. [Record] continues the history.
//
// Whole days are stored in cacheDir and written only once; today is added. The folder belongs to the caller
// as long as its process lives, however many processes use cacheDir, and a later Prepare removes it.
// progress, if not nil, is called with the number of parts that are done.
func Prepare(ctx context.Context, cacheDir string, now time.Time, days int, progress func(done, total int)) (string, error) {
	now = now.UTC().Truncate(Scrape)
	midnight := now.Truncate(24 * time.Hour)
	if err := os.MkdirAll(cacheDir, 0o777); err != nil {
		return "", fmt.Errorf("make the cache folder of the demo: %w", err)
	}
	whole := flock.New(filepath.Join(cacheDir, "lock"))
	waiting, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	if _, err := whole.TryLockContext(waiting, lockRetry); err != nil {
		return "", fmt.Errorf("wait for another demo that uses %s: %w", cacheDir, err)
	}
	defer func() { _ = whole.Unlock() }()
	if err := tidy(cacheDir); err != nil {
		return "", fmt.Errorf("tidy the cache folder of the demo: %w", err)
	}
	store := filepath.Join(cacheDir, fmt.Sprint(storePrefix, version))
	if err := extend(ctx, store, midnight, days, progress); err != nil {
		return "", fmt.Errorf("write the history of the demo: %w", err)
	}
	dir, err := borrow(cacheDir, store)
	if err != nil {
		return "", fmt.Errorf("open the history of the demo: %w", err)
	}
	// The sample of this minute is the last one of the history.
	end := now.Add(time.Millisecond)
	if err := promserver.WriteBlocks(ctx, dir, midnight, end, series, nil); err != nil {
		return "", errors.Join(fmt.Errorf("write today's history of the demo: %w", err), os.RemoveAll(dir))
	}
	return dir, nil
}

// series returns all series with their samples in from ≤ t < to.
func series(from, to time.Time) iter.Seq[promserver.Series] {
	var all []promserver.Series
	for _, m := range metrics() {
		all = append(all, promserver.Series{Labels: m.labels, Samples: m.samples(from, to), Histograms: m.histograms(from, to)})
	}
	return slices.Values(all)
}

// extend extends the stored history to midnight, and to at least that many days.
func extend(ctx context.Context, store string, midnight time.Time, days int, progress func(done, total int)) error {
	start := midnight.AddDate(0, 0, -days)
	from, to, err := promserver.History(store)
	tooLong := from.Before(midnight.AddDate(0, 0, -2*days))
	if err != nil || from.After(start) || to.Before(start) || to.After(midnight) || tooLong {
		// Damaged, from a clock set back, or too old or too long: rewriting is cheaper than trimming.
		if err := os.RemoveAll(store); err != nil {
			return err
		}
		to = start
	}
	if to.Equal(midnight) {
		return nil
	}
	return promserver.WriteBlocks(ctx, store, to, midnight, series, progress)
}

// running holds the locks of borrowed folders by path. The end of the process releases them, even after a crash.
var running sync.Map

// borrow creates a folder for the caller alone, with a copy of the stored blocks.
func borrow(cacheDir, store string) (dir string, err error) {
	dir, err = os.MkdirTemp(cacheDir, runPrefix)
	if err != nil {
		return "", err
	}
	locked := flock.New(dir + lockSuffix)
	_, err = locked.TryLock()
	running.Store(dir, locked)
	if err == nil {
		err = os.CopyFS(dir, os.DirFS(store))
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// tidy removes the history of other versions and the folders of demos that have ended. The caller holds the
// lock of the cache folder.
func tidy(cacheDir string) error {
	entries, err := os.ReadDir(cacheDir)
	for _, entry := range entries {
		path := filepath.Join(cacheDir, entry.Name())
		switch {
		case strings.HasPrefix(entry.Name(), runPrefix): // the folder or its lock; either may be alone
			err = errors.Join(err, tidyRun(strings.TrimSuffix(path, lockSuffix)))
		case strings.HasPrefix(entry.Name(), storePrefix) && entry.Name() != fmt.Sprint(storePrefix, version):
			err = errors.Join(err, os.RemoveAll(path))
		}
	}
	return err
}

// tidyRun removes a demo's folder and its lock, unless the demo still runs.
func tidyRun(dir string) error {
	lock := flock.New(dir + lockSuffix)
	if free, err := lock.TryLock(); err != nil || !free {
		return err
	}
	return errors.Join(os.RemoveAll(dir), lock.Unlock(), os.Remove(dir+lockSuffix))
}

// Record appends and commits the samples of all series that are scraped in the minute up to and including at.
// To continue the history of [Prepare], call it once every [Scrape], first one Scrape after the whole minute
// at which the history ends. A minute that is left out is a gap; recording one twice does no harm.
func Record(ctx context.Context, app storage.Appender, at time.Time) error {
	from, to := lastScrape(at)
	for s := range series(from, to) {
		if err := cmp.Or(ctx.Err(), s.Append(app, from, to)); err != nil {
			return errors.Join(fmt.Errorf("record %s: %w", s.Labels, err), app.Rollback())
		}
	}
	return app.Commit()
}

func lastScrape(t time.Time) (from, to time.Time) {
	to = t.Truncate(time.Millisecond).Add(time.Millisecond)
	return to.Add(-Scrape), to
}
