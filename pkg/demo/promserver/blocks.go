package promserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/accord-sla/accord/pkg/parallel"
)

// Longest span of one block. Long blocks make a folder quick to open and a
// month cheap to read; several of them keep every core busy while writing.
const blockSpan = 9 * 24 * time.Hour

// Series is one series' samples within a block: either Samples or Histograms,
// each with ascending timestamps in Unix milliseconds.
type Series struct {
	Labels     labels.Labels
	Samples    iter.Seq2[int64, float64]
	Histograms iter.Seq2[int64, *histogram.Histogram]
}

// WriteBlocks writes a history as TSDB blocks into dir, which no server may
// have open. It covers from ≤ t < to; live samples go on at to.
//
// The span is cut into blocks, and series is asked once for each of them with
// its bounds, from several goroutines at once; a sample outside the bounds it
// was asked for is an error. A counter must hold at the start of a block what
// it held at the end of the one before. Series without samples are left out.
//
// Either all blocks appear in dir or none. A span that overlaps blocks already
// there is refused; one that follows them extends the history, and what the
// write-ahead log of dir holds of that time is dropped when it is next opened.
//
// progress, when not nil, is told how many of the blocks are done; its calls
// never overlap.
func WriteBlocks(ctx context.Context, dir string, from, to time.Time,
	series func(from, to time.Time) iter.Seq[Series], progress func(done, total int),
) error {
	cuts := cut(from, to)
	if len(cuts) == 0 {
		return fmt.Errorf("write history: %s is not after %s", to.UTC().Format(time.RFC3339), from.UTC().Format(time.RFC3339))
	}
	if err := refuseOverlap(dir, from, to); err != nil {
		return err
	}
	blocks := make([]*block, len(cuts))
	for i, span := range cuts {
		blocks[i] = newBlock(dir, span)
	}
	report := reporter(progress, len(blocks))
	err := parallel.All(ctx, runtime.GOMAXPROCS(0), len(blocks), func(ctx context.Context, i int) error {
		b := blocks[i]
		if err := b.write(ctx, series(b.span.from, b.span.to)); err != nil {
			return fmt.Errorf("write history %s: %w", b.span, err)
		}
		report()
		return nil
	})
	for _, b := range blocks {
		if err == nil {
			err = b.publish()
		}
	}
	if err != nil {
		for _, b := range blocks {
			err = errors.Join(err, b.remove())
		}
	}
	return err
}

// span is from ≤ t < to.
type span struct{ from, to time.Time }

func (s span) String() string {
	return s.from.UTC().Format(time.RFC3339) + " to " + s.to.UTC().Format(time.RFC3339)
}

func (s span) contains(millis int64) bool {
	return millis >= s.from.UnixMilli() && millis < s.to.UnixMilli()
}

// cut divides the time into even spans of at most blockSpan, on whole
// milliseconds.
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

func reporter(progress func(done, total int), total int) func() {
	var mutex sync.Mutex
	done := 0
	return func() {
		mutex.Lock()
		defer mutex.Unlock()
		done++
		if progress != nil {
			progress(done, total)
		}
	}
}

// History is the time that the blocks in dir cover, without what only the
// write-ahead log holds: from is the first block's start and to the last one's
// end. Both are zero when dir has no block or does not exist.
func History(dir string) (from, to time.Time, err error) {
	spans, err := blockSpans(dir)
	if err != nil || len(spans) == 0 {
		return time.Time{}, time.Time{}, err
	}
	from, to = spans[0].from, spans[0].to
	for _, s := range spans {
		if s.from.Before(from) {
			from = s.from
		}
		if s.to.After(to) {
			to = s.to
		}
	}
	return from, to, nil
}

func refuseOverlap(dir string, from, to time.Time) error {
	spans, err := blockSpans(dir)
	for _, s := range spans {
		if s.from.Before(to) && from.Before(s.to) {
			return fmt.Errorf("write history: %s already holds %s; remove the folder or begin later", dir, s)
		}
	}
	return err
}

func blockSpans(dir string) ([]span, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", metaFile))
	if err != nil {
		return nil, fmt.Errorf("look for blocks in %s: %w", dir, err)
	}
	var spans []span
	for _, path := range paths {
		if filepath.Ext(filepath.Dir(path)) != "" {
			continue // left behind half-made or half-deleted; the TSDB removes it
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read block: %w", err)
		}
		var meta tsdb.BlockMeta
		if err := json.Unmarshal(content, &meta); err != nil {
			return nil, fmt.Errorf("read block %s: %w", path, err)
		}
		spans = append(spans, span{time.UnixMilli(meta.MinTime), time.UnixMilli(meta.MaxTime)})
	}
	return spans, nil
}
