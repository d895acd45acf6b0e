package promserver

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"
)

const (
	metaFile  = "meta.json"
	indexFile = "index"
	chunksDir = "chunks"
	// The TSDB removes folders with this ending when it opens.
	unfinished = ".tmp-for-creation"
)

// block is one TSDB block in the making. It is written straight to the block
// format, without a head and its write-ahead log: the history is complete and
// in order, so nothing has to be buffered against what may still come.
type block struct {
	span  span
	id    ulid.ULID
	final string // the folder's path once published
	stats tsdb.BlockStats
}

func newBlock(dir string, s span) *block {
	id := ulid.MustNew(ulid.Timestamp(s.to), rand.Reader)
	return &block{span: s, id: id, final: filepath.Join(dir, id.String())}
}

func (b *block) write(ctx context.Context, series iter.Seq[Series]) error {
	var all []encoded
	for s := range series {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, err := b.encode(s)
		if err != nil {
			return fmt.Errorf("series %s: %w", s.Labels, err)
		}
		if len(e.chunks) > 0 {
			all = append(all, e)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(x, y encoded) int { return labels.Compare(x.labels, y.labels) })
	for i := range all[1:] {
		if labels.Equal(all[i].labels, all[i+1].labels) {
			return fmt.Errorf("series %s is there twice", all[i].labels)
		}
	}
	dir := b.final + unfinished
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := writeChunks(dir, all); err != nil {
		return err
	}
	if err := writeIndex(ctx, dir, all); err != nil {
		return err
	}
	if _, err := tombstones.WriteFile(slog.New(slog.DiscardHandler), dir, tombstones.NewMemTombstones()); err != nil {
		return err
	}
	return b.writeMeta(dir, len(all))
}

func writeChunks(dir string, all []encoded) (err error) {
	writer, err := chunks.NewWriter(filepath.Join(dir, chunksDir))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, writer.Close()) }()
	for _, e := range all {
		if err := writer.WriteChunks(e.chunks...); err != nil {
			return err
		}
	}
	return nil
}

func writeIndex(ctx context.Context, dir string, all []encoded) (err error) {
	writer, err := index.NewWriter(ctx, filepath.Join(dir, indexFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, writer.Close()) }()
	for _, symbol := range symbols(all) {
		if err := writer.AddSymbol(symbol); err != nil {
			return err
		}
	}
	for i, e := range all {
		if err := writer.AddSeries(storage.SeriesRef(i), e.labels, e.chunks...); err != nil {
			return err
		}
	}
	return nil
}

// symbols is every label name and value, once and sorted.
func symbols(all []encoded) []string {
	set := map[string]struct{}{}
	for _, e := range all {
		e.labels.Range(func(l labels.Label) {
			set[l.Name], set[l.Value] = struct{}{}, struct{}{}
		})
	}
	return slices.Sorted(maps.Keys(set))
}

func (b *block) writeMeta(dir string, series int) error {
	b.stats.NumSeries = uint64(series)
	content, err := json.MarshalIndent(tsdb.BlockMeta{
		ULID:       b.id,
		MinTime:    b.span.from.UnixMilli(),
		MaxTime:    b.span.to.UnixMilli(),
		Stats:      b.stats,
		Compaction: tsdb.BlockMetaCompaction{Level: 1, Sources: []ulid.ULID{b.id}},
		Version:    1,
	}, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, metaFile), content, 0o666)
}

// publish makes the finished block visible; one without samples has no folder.
func (b *block) publish() error {
	if b.stats.NumSeries == 0 {
		return nil
	}
	return os.Rename(b.final+unfinished, b.final)
}

// remove deletes whatever there is of the block.
func (b *block) remove() error {
	return errors.Join(os.RemoveAll(b.final), os.RemoveAll(b.final+unfinished))
}
