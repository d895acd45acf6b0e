package promserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/accord-sla/accord/pkg/parallel"
)

// blockSpan is the longest span of one block. Long blocks open quickly; several use all cores while writing.
const blockSpan = 9 * 24 * time.Hour

// Series is the samples of one series within a block: either Samples or Histograms, with ascending timestamps
// in Unix milliseconds.
type Series struct {
	Labels     labels.Labels
	Samples    iter.Seq2[int64, float64]
	Histograms iter.Seq2[int64, *histogram.Histogram]
}

// WriteBlocks writes a history as TSDB blocks into dir, which no server may have open: all of from ≤ t < to,
// or nothing. A history that overlaps blocks in dir is refused. One that follows them extends them; samples
// of that time in the write-ahead log of dir are dropped when dir is next opened.
//
// series is called once for each block with its bounds, from several goroutines; a sample outside the bounds
// is an error. A counter must start a block with its value at the end of the previous one. Series without
// samples are omitted. progress, if not nil, is called with the number of blocks done, one call at a time.
func WriteBlocks(ctx context.Context, dir string, from, to time.Time,
	series func(from, to time.Time) iter.Seq[Series], progress func(done, total int),
) (err error) {
	cuts := cut(from, to)
	if len(cuts) == 0 {
		return fmt.Errorf("write history: %s is not after %s", to.UTC().Format(time.RFC3339), from.UTC().Format(time.RFC3339))
	}
	begin, end, err := History(dir)
	switch {
	case err != nil:
		return err
	case begin.Before(to) && from.Before(end):
		return fmt.Errorf("write history: %s already holds %s; remove the folder or begin later", dir, span{begin, end})
	}
	// A block in dir is visible at once, so blocks are written elsewhere until all are complete.
	unfinished := filepath.Join(dir, "unfinished")
	if err := errors.Join(os.RemoveAll(unfinished), os.MkdirAll(unfinished, 0o777)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(unfinished)) }()
	var mutex sync.Mutex
	done := 0
	err = parallel.All(ctx, runtime.GOMAXPROCS(0), len(cuts), func(ctx context.Context, i int) error {
		if err := writeBlock(ctx, unfinished, cuts[i], series(cuts[i].from, cuts[i].to)); err != nil {
			return fmt.Errorf("write history %s: %w", cuts[i], err)
		}
		mutex.Lock()
		defer mutex.Unlock()
		done++
		if progress != nil {
			progress(done, len(cuts))
		}
		return nil
	})
	if err != nil {
		return err
	}
	blocks, err := filepath.Glob(filepath.Join(unfinished, "*"))
	for _, block := range blocks {
		err = errors.Join(err, os.Rename(block, filepath.Join(dir, filepath.Base(block))))
	}
	if err != nil {
		for _, block := range blocks {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, filepath.Base(block))))
		}
	}
	return err
}

type span struct{ from, to time.Time }

func (s span) String() string {
	return s.from.UTC().Format(time.RFC3339) + " to " + s.to.UTC().Format(time.RFC3339)
}

// cut divides the time into equal spans of at most blockSpan, on whole milliseconds.
func cut(from, to time.Time) []span {
	start, length := from.UnixMilli(), to.UnixMilli()-from.UnixMilli()
	if length <= 0 {
		return nil
	}
	n := (length + blockSpan.Milliseconds() - 1) / blockSpan.Milliseconds()
	spans := make([]span, n)
	for i := range n {
		spans[i] = span{time.UnixMilli(start + length*i/n), time.UnixMilli(start + length*(i+1)/n)}
	}
	return spans
}

// History returns the time range of the blocks in dir, without samples that are only in the write-ahead log:
// from is the start of the first block, to the end of the last. Both are zero if dir is missing or has none.
func History(dir string) (from, to time.Time, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return from, to, nil
	}
	db, err := tsdb.OpenDBReadOnly(dir, "", discard)
	if err != nil {
		return from, to, fmt.Errorf("look for blocks in %s: %w", dir, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	blocks, err := db.Blocks()
	for i, block := range blocks {
		if i == 0 {
			from = time.UnixMilli(block.Meta().MinTime)
		}
		to = time.UnixMilli(block.Meta().MaxTime)
	}
	return from, to, err
}

// writeBlock writes one block into dir, using a head without a write-ahead log.
func writeBlock(ctx context.Context, dir string, s span, series iter.Seq[Series]) (err error) {
	scratch, err := os.MkdirTemp(dir, "head")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	options := tsdb.DefaultHeadOptions()
	options.ChunkDirRoot = scratch
	options.ChunkRange = 2 * blockSpan.Milliseconds() // series are appended one after another, so the next may be older by the whole block
	head, err := tsdb.NewHead(nil, discard, nil, nil, options, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, head.Close()) }()
	if err := head.Init(math.MinInt64); err != nil {
		return err
	}
	seen := map[string]bool{}
	for one := range series {
		name := one.Labels.String()
		if seen[name] {
			return fmt.Errorf("series %s is there twice", name)
		}
		seen[name] = true
		appender := head.Appender(ctx)
		if err := one.Append(appender, s.from, s.to); err != nil {
			return errors.Join(fmt.Errorf("series %s: %w", name, err), appender.Rollback())
		}
		if err := appender.Commit(); err != nil {
			return err
		}
	}
	compactor, err := tsdb.NewLeveledCompactor(ctx, nil, discard, []int64{blockSpan.Milliseconds()}, chunkenc.NewPool(), nil)
	if err == nil {
		_, err = compactor.Write(dir, head, s.from.UnixMilli(), s.to.UnixMilli(), nil)
	}
	return err
}

// Append appends the samples, which must lie in from ≤ t < to and ascend.
func (s Series) Append(appender storage.Appender, from, to time.Time) error {
	before := int64(math.MinInt64)
	put := func(t int64, value float64, h *histogram.Histogram) (err error) {
		switch {
		case t < from.UnixMilli() || t >= to.UnixMilli():
			return fmt.Errorf("sample at %s is outside %s", instant(t), span{from, to})
		case t <= before:
			return fmt.Errorf("sample at %s comes after one at %s; timestamps must ascend", instant(t), instant(before))
		case h != nil:
			_, err = appender.AppendHistogram(0, s.Labels, t, h, nil)
		default:
			_, err = appender.Append(0, s.Labels, t, value)
		}
		before = t
		return err
	}
	if s.Samples != nil {
		for t, value := range s.Samples {
			if err := put(t, value, nil); err != nil {
				return err
			}
		}
	}
	if s.Histograms != nil {
		for t, h := range s.Histograms {
			if err := put(t, 0, h); err != nil {
				return err
			}
		}
	}
	return nil
}

func instant(millis int64) string {
	return time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05.000Z")
}
