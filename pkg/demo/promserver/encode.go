package promserver

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// encoded is a series whose samples are compressed already. They are held until
// the last one is in, because the block's index wants its series sorted.
type encoded struct {
	labels labels.Labels
	chunks []chunks.Meta
}

// encode compresses a series into chunks and counts them into the block.
func (b *block) encode(s Series) (encoded, error) {
	e := encoder{span: b.span}
	switch {
	case s.Samples != nil && s.Histograms != nil:
		return encoded{}, errors.New("has both floats and histograms; make two series of it")
	case s.Samples != nil:
		for t, v := range s.Samples {
			if err := e.float(t, v); err != nil {
				return encoded{}, err
			}
		}
		b.stats.NumFloatSamples += e.samples
	case s.Histograms != nil:
		for t, h := range s.Histograms {
			if err := e.histogram(t, h); err != nil {
				return encoded{}, err
			}
		}
		b.stats.NumHistogramSamples += e.samples
	}
	b.stats.NumSamples += e.samples
	b.stats.NumChunks += uint64(len(e.chunks))
	return encoded{s.Labels, e.chunks}, nil
}

// encoder fills chunk after chunk with one series' samples. A chunk holds as
// many as one of a head that scrapes: a query decodes whole chunks, so larger
// ones would make a short range dearer.
type encoder struct {
	span     span
	chunks   []chunks.Meta
	appender chunkenc.Appender
	inChunk  int
	samples  uint64
}

func (e *encoder) float(t int64, v float64) error {
	if err := e.check(t); err != nil {
		return err
	}
	if e.appender == nil || e.inChunk == tsdb.DefaultSamplesPerChunk {
		if err := e.begin(chunkenc.NewXORChunk(), t); err != nil {
			return err
		}
	}
	e.appender.Append(0, t, v)
	e.added(t)
	return nil
}

func (e *encoder) histogram(t int64, h *histogram.Histogram) error {
	if err := e.check(t); err != nil {
		return err
	}
	if err := h.Validate(); err != nil {
		return fmt.Errorf("histogram at %s: %w", instant(t), err)
	}
	// The appender of the chunk before tells the new one whether the counter
	// was reset in between.
	before := e.appender
	if e.appender == nil || e.inChunk == tsdb.DefaultSamplesPerChunk {
		if err := e.begin(chunkenc.NewHistogramChunk(), t); err != nil {
			return err
		}
	}
	// A copy, since the chunk may widen the spans of what it is given.
	chunk, recoded, appender, err := e.appender.AppendHistogram(before, 0, t, h.Copy(), false)
	if err != nil {
		return fmt.Errorf("histogram at %s: %w", instant(t), err)
	}
	switch {
	case recoded: // the same samples in a wider layout
		e.chunks[len(e.chunks)-1].Chunk = chunk
	case chunk != nil: // a reset or another schema: it begins a chunk of its own
		e.chunks = append(e.chunks, chunks.Meta{Chunk: chunk, MinTime: t})
		e.inChunk = 0
	}
	e.appender = appender
	e.added(t)
	return nil
}

func (e *encoder) begin(chunk chunkenc.Chunk, t int64) (err error) {
	e.chunks = append(e.chunks, chunks.Meta{Chunk: chunk, MinTime: t})
	e.inChunk = 0
	e.appender, err = chunk.Appender()
	return err
}

func (e *encoder) added(t int64) {
	e.chunks[len(e.chunks)-1].MaxTime = t
	e.inChunk++
	e.samples++
}

func (e *encoder) check(t int64) error {
	if !e.span.contains(t) {
		return fmt.Errorf("sample at %s is outside %s", instant(t), e.span)
	}
	if n := len(e.chunks); n > 0 && t <= e.chunks[n-1].MaxTime {
		return fmt.Errorf("sample at %s comes after one at %s; timestamps must ascend",
			instant(t), instant(e.chunks[n-1].MaxTime))
	}
	return nil
}

func instant(millis int64) string {
	return time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05.000Z")
}
