package prometheus

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// chunkHeader is the length of the longest chunk header, in bytes.
const chunkHeader = 3

type point struct {
	at        int64
	value     float64
	histogram *histogram.FloatHistogram
}

func (p *point) equals(other *point) bool {
	return math.Float64bits(p.value) == math.Float64bits(other.value) && (p.histogram == nil) == (other.histogram == nil) &&
		(p.histogram == nil || p.histogram.Equals(other.histogram))
}

// decodeChunk passes the points of the chunk to the taker; if that is nil, it appends them to d.points.
func (d *sampleDecoder) decodeChunk(query int, sent prompb.Chunk, to *taker) (err error) {
	defer func() {
		if p := recover(); p != nil { // chunkenc panics on some damaged chunks
			err = fmt.Errorf("it cannot be decoded: %v", p)
		}
	}()
	encoding := chunkenc.Encoding(sent.Type)
	switch known := sent.Type >= 0 && sent.Type <= math.MaxUint8 && chunkenc.IsValidEncoding(encoding); {
	case !known || len(sent.Data) < chunkHeader:
		return fmt.Errorf("%d bytes of the encoding %d are no chunk that is known", len(sent.Data), sent.Type)
	case encoding != chunkenc.EncXOR && encoding != chunkenc.EncXOR2 && buckets(sent.Data) > uint64(8*len(sent.Data)):
		return fmt.Errorf("it has more buckets than %d bytes can hold", len(sent.Data))
	}
	if d.chunks[encoding] == nil {
		if d.chunks[encoding], err = chunkenc.FromData(encoding, nil); err != nil {
			return err
		}
	}
	d.chunks[encoding].Reset(sent.Data)
	it := d.chunks[encoding].Iterator(d.iterators[encoding])
	d.iterators[encoding] = it
	asked, points := d.queries[query], d.points
	for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
		var p point
		if kind == chunkenc.ValFloat {
			p.at, p.value = it.At()
			if to != nil && to.last.histogram == nil && p.at > to.last.at && asked.wantsFloat(p.at, p.value) { // the path of nearly all samples
				to.last.at, to.last.value = p.at, p.value
				to.to.Float(p.at, p.value)
				continue
			}
		} else {
			p.at, p.histogram = it.AtFloatHistogram(nil)
		}
		switch {
		case !asked.wants(&p):
		case to == nil:
			points = append(points, p)
		default:
			if err := to.take(&p); err != nil {
				return err
			}
		}
	}
	d.points = points
	d.read += int64(d.chunks[encoding].NumSamples())
	return it.Err()
}

// buckets returns how many buckets a chunk of histograms announces. chunkenc allocates them all before it
// reads the first; each takes at least one bit of the chunk.
func buckets(chunk []byte) (n uint64) {
	r := bitReader{chunk, 8 * chunkHeader}
	if r.bits(8) == 0xff { // the zero threshold follows
		r.bits(64)
	}
	r.varbit()    // the schema
	for range 2 { // positive, negative
		for spans := r.varbit(); spans > 0 && r.at < 8*len(chunk); spans-- {
			n += uint64(uint32(r.varbit()))
			r.varbit() // the offset
		}
	}
	return n
}

// bitReader reads bits, the highest first; past the end they are 0.
type bitReader struct {
	data []byte
	at   int
}

func (r *bitReader) bits(n int) (value uint64) {
	for range n {
		if value <<= 1; r.at < 8*len(r.data) {
			value |= uint64(r.data[r.at/8] >> (7 - r.at%8) & 1)
		}
		r.at++
	}
	return value
}

// varbit reads an integer as chunkenc writes it: up to eight 1 bits that encode its length, a 0 if they are
// fewer than eight, and then the integer.
func (r *bitReader) varbit() uint64 {
	ones := 0
	for ones < 8 && r.bits(1) == 1 {
		ones++
	}
	return r.bits([...]int{0, 3, 6, 9, 12, 18, 25, 56, 64}[ones])
}

// wants reports whether the query asks for the sample. A staleness marker is not a sample.
func (q *ReadQuery) wants(p *point) bool {
	if p.histogram == nil {
		return q.wantsFloat(p.at, p.value)
	}
	return p.at >= q.From && p.at <= q.To && !value.IsStaleNaN(p.histogram.Sum)
}

func (q *ReadQuery) wantsFloat(at int64, v float64) bool {
	return at >= q.From && at <= q.To && (v == v || !value.IsStaleNaN(v)) // few are NaN
}

// taker passes on the points of one series and checks their order.
type taker struct {
	to   Samples
	last point
}

func (t *taker) take(p *point) error {
	switch {
	case p.at > t.last.at:
	case p.at == t.last.at && p.equals(&t.last):
		return nil
	default:
		at := time.UnixMilli(p.at).UTC().Format(time.RFC3339Nano)
		return fmt.Errorf("it has several values at %s, or chunks of another time than they say", at)
	}
	t.last = *p
	if p.histogram == nil {
		t.to.Float(p.at, p.value)
	} else {
		t.to.Histogram(p.at, p.histogram)
	}
	return nil
}

// takeAll sorts the collected points and passes them on.
func (t *taker) takeAll(points []point) error {
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(a.at, b.at) })
	for i := range points {
		if err := t.take(&points[i]); err != nil {
			return err
		}
	}
	return nil
}
