package demo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// Days is how far the history reaches back.
const Days = 90

// Prepare makes the folder of a TSDB that holds the last [Days] days up to the
// whole minute at or before now, and returns its path. [Record] goes on from
// there.
//
// Whole days are kept in cacheDir and made only once; what passed since is
// added. The folder returned is the caller's own for as long as its process
// lives, however many use the same cacheDir at once, and is tidied away by a
// later Prepare. progress, when not nil, is told how many parts are done.
func Prepare(ctx context.Context, cacheDir string, now time.Time, progress func(done, total int)) (string, error) {
	return prepare(ctx, cacheDir, now, Days, progress)
}

func prepare(ctx context.Context, cacheDir string, now time.Time, days int, progress func(done, total int)) (string, error) {
	now = now.UTC().Truncate(Scrape)
	midnight := now.Truncate(24 * time.Hour)
	if err := os.MkdirAll(cacheDir, 0o777); err != nil {
		return "", fmt.Errorf("make the cache folder of the demo: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(cacheDir, "lock"))
	if err != nil {
		return "", fmt.Errorf("wait for another demo that uses %s: %w", cacheDir, err)
	}
	defer func() { _ = unlock() }()
	if err := tidy(cacheDir); err != nil {
		return "", fmt.Errorf("tidy the cache folder of the demo: %w", err)
	}
	store := filepath.Join(cacheDir, fmt.Sprint(storePrefix, Version))
	if err := extend(ctx, store, midnight, days, progress); err != nil {
		return "", fmt.Errorf("write the history of the demo: %w", err)
	}
	dir, err := borrow(cacheDir, store)
	if err != nil {
		return "", fmt.Errorf("open the history of the demo: %w", err)
	}
	// The sample of this very minute is the last of the history.
	end := now.Add(time.Millisecond)
	if err := promserver.WriteBlocks(ctx, dir, midnight, end, blocks, nil); err != nil {
		return "", errors.Join(fmt.Errorf("write today's history of the demo: %w", err), os.RemoveAll(dir))
	}
	return dir, nil
}

// blocks are all series as a block wants them.
func blocks(from, to time.Time) iter.Seq[promserver.Series] {
	return func(yield func(promserver.Series) bool) {
		for _, m := range Series() {
			s := promserver.Series{Labels: m.Labels}
			if m.native != nil {
				s.Histograms = m.Histograms(from, to)
			} else {
				s.Samples = m.Samples(from, to)
			}
			if !yield(s) {
				return
			}
		}
	}
}

// extend brings the stored whole days up to midnight: at least so many.
func extend(ctx context.Context, store string, midnight time.Time, days int, progress func(done, total int)) error {
	start := midnight.AddDate(0, 0, -days)
	from, to, err := promserver.History(store)
	tooLong := from.Before(midnight.AddDate(0, 0, -2*days))
	if err != nil || from.After(start) || to.Before(start) || to.After(midnight) || tooLong {
		// Damaged, a clock that was set back, a long time unused, or a long
		// time in use: cheaper made anew than trimmed.
		if err := os.RemoveAll(store); err != nil {
			return err
		}
		from, to = time.Time{}, time.Time{}
	}
	switch {
	case to.IsZero():
		to = start
	case to.Equal(midnight):
		return nil
	}
	if err := os.MkdirAll(store, 0o777); err != nil {
		return err
	}
	if err := removeUnfinished(store); err != nil {
		return err
	}
	return promserver.WriteBlocks(ctx, store, to, midnight, blocks, progress)
}
