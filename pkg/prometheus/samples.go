package prometheus

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"mime"
	"slices"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// maxFrame bounds one frame of a stream, in bytes. Prometheus sends frames of 1 MiB, a little more for a
// series with large chunks.
const maxFrame = 64 << 20

// plainSamples is the content type of an answer without chunks.
const plainSamples = "application/x-protobuf"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sampleDecoder decodes an answer of remote read into a sink, one series at a time.
type sampleDecoder struct {
	in        *input
	queries   []ReadQuery
	external  map[string]string // labels that the server adds
	sink      SampleSink
	maxSeries int // per query
	maxBytes  int64
	read      int64 // samples decoded

	series  readSeries // still incomplete
	known   map[readIdentity]struct{}
	counts  []int // series per query
	builder labels.ScratchBuilder
	// One chunk and one iterator per encoding, reused.
	chunks    [256]chunkenc.Chunk
	iterators [256]chunkenc.Iterator
	points    []point
}

type readSeries struct {
	query  int
	labels labels.Labels
	chunks []prompb.Chunk
}

type readIdentity struct {
	query int
	hash  uint64
}

// answered reads the whole answer. Its error is an [*Error] for an exceeded limit, that of the input, or says
// what is wrong with the answer.
func (d *sampleDecoder) answered() (Answer, error) {
	d.in.anything()
	d.known, d.counts = map[readIdentity]struct{}{}, make([]int, len(d.queries))
	var (
		err  error
		size int64
	)
	kind, _, _ := mime.ParseMediaType(d.in.contentType)
	switch kind {
	case "application/x-streamed-protobuf":
		err = d.stream()
	case plainSamples:
		size, err = d.block()
	default:
		_, _ = d.in.Read(make([]byte, maxHead))
		err = fmt.Errorf("it has the type %s, which is none of remote read: %s", quoted(d.in.contentType), readable(d.in.head))
	}
	return Answer{SamplesRead: d.read, Bytes: max(d.in.read, size), plain: kind == plainSamples}, err
}

// stream reads frames: the length as a uvarint, the checksum, and a message of chunks. A series that does not
// fit into one frame continues in the next.
func (d *sampleDecoder) stream() error {
	from := bufio.NewReaderSize(d.in, bufferSize)
	var frame []byte
	for {
		size, err := binary.ReadUvarint(from)
		switch {
		case err == io.EOF:
			return d.finishSeries()
		case err != nil:
			return err
		case size > maxFrame:
			return fmt.Errorf("a frame of %d bytes was announced, the limit is %d", size, maxFrame)
		}
		frame = slices.Grow(frame[:0], crc32.Size+int(size))[:crc32.Size+int(size)]
		if _, err := io.ReadFull(from, frame); err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
		sum, body := binary.BigEndian.Uint32(frame), frame[crc32.Size:]
		if crc32.Checksum(body, castagnoli) != sum {
			return errors.New("the checksum of a frame is wrong")
		}
		if err := d.frame(body); err != nil {
			return err
		}
	}
}

func (d *sampleDecoder) frame(body []byte) error {
	var message prompb.ChunkedReadResponse
	if err := message.Unmarshal(body); err != nil {
		return err
	}
	query := int(message.QueryIndex)
	for i, sent := range message.ChunkedSeries {
		all, err := d.labels(sent.Labels)
		switch {
		case err != nil:
			return err
		case i == 0 && len(d.series.chunks) > 0 && query == d.series.query && labels.Equal(all, d.series.labels):
			if err := d.continueSeries(sent.Chunks); err != nil {
				return err
			}
			continue
		}
		if err := d.finishSeries(); err != nil {
			return err
		}
		if err := d.count(query, all); err != nil {
			return err
		}
		d.series = readSeries{query: query, labels: all, chunks: sent.Chunks}
	}
	return nil
}

// continueSeries adds the chunks of the next frame. A server that adds external labels sends the chunks of a
// series in order of time: one that goes back belongs to another series, made equal by those labels.
func (d *sampleDecoder) continueSeries(chunks []prompb.Chunk) error {
	if len(d.external) > 0 && len(chunks) > 0 && chunks[0].MinTimeMs <= d.series.chunks[len(d.series.chunks)-1].MaxTimeMs {
		return twice(d.series.labels)
	}
	d.series.chunks = append(d.series.chunks, chunks...)
	return nil
}

func twice(series labels.Labels) error { return fmt.Errorf("the same series comes twice: %s", series) }

func (d *sampleDecoder) labels(sent []prompb.Label) (labels.Labels, error) {
	d.builder.Reset()
	size := 0
	for _, label := range sent {
		if label.Value != "" {
			d.builder.Add(label.Name, label.Value)
		}
		size += len(label.Name) + len(label.Value)
	}
	if size > maxToken {
		return labels.EmptyLabels(), errHugeToken
	}
	d.builder.Sort()
	all := d.builder.Labels()
	if name, has := all.HasDuplicateLabelNames(); has {
		return all, fmt.Errorf("a series has the label %s twice", quoted(name))
	}
	return all, nil
}

// count counts a new series, and fails if it came before or its query has too many.
func (d *sampleDecoder) count(query int, all labels.Labels) error {
	if query < 0 || query >= len(d.queries) {
		return fmt.Errorf("it answers query %d of %d", query, len(d.queries))
	}
	identity := readIdentity{query, all.Hash()}
	if _, known := d.known[identity]; known {
		return twice(all)
	}
	d.known[identity] = struct{}{}
	if d.counts[query]++; d.counts[query] > d.maxSeries {
		return errTooManySeries(d.maxSeries, d.maxSeries, true)
	}
	return nil
}

// samples returns the sink's receiver for the samples of a series, nil when they are not wanted. It removes
// the external labels and applies the matchers again, since the server also matches on external labels: what
// remains is what a query would select.
func (d *sampleDecoder) samples(query int, all labels.Labels) Samples {
	if len(d.external) > 0 {
		d.builder.Reset()
		all.Range(func(l labels.Label) {
			if added, has := d.external[l.Name]; !has || added != l.Value {
				d.builder.Add(l.Name, l.Value)
			}
		})
		all = d.builder.Labels()
	}
	if !labels.Selector(d.queries[query].Matchers).Matches(all) {
		return nil
	}
	return d.sink(query, all)
}

// finishSeries passes on the samples of the current series. Chunks that overlap in time are merged; a chunk
// may hold samples outside the query's range.
func (d *sampleDecoder) finishSeries() error {
	series := d.series
	d.series = readSeries{}
	if len(series.chunks) == 0 {
		return nil
	}
	to := d.samples(series.query, series.labels)
	if to == nil {
		return nil
	}
	slices.SortStableFunc(series.chunks, func(a, b prompb.Chunk) int { return cmp.Compare(a.MinTimeMs, b.MinTimeMs) })
	var err error
	taken := &taker{to: to, last: point{at: math.MinInt64}}
	for rest := series.chunks; len(rest) > 0 && err == nil; {
		n := together(rest)
		if n == 1 {
			err = d.decodeChunk(series.query, rest[0], taken)
		} else {
			d.points = d.points[:0]
			for i := 0; i < n && err == nil; i++ {
				err = d.decodeChunk(series.query, rest[i], nil)
			}
			err = cmp.Or(err, taken.takeAll(d.points))
		}
		rest = rest[n:]
	}
	if err != nil {
		return fmt.Errorf("a chunk of %s: %w", series.labels, err)
	}
	return nil
}

// together returns how many of the sorted chunks, from the first, overlap in time.
func together(chunks []prompb.Chunk) (n int) {
	until := chunks[0].MaxTimeMs
	for n = 1; n < len(chunks) && chunks[n].MinTimeMs <= until; n++ {
		until = max(until, chunks[n].MaxTimeMs)
	}
	return n
}

// block reads plain samples, which come in one piece, and returns their uncompressed size.
func (d *sampleDecoder) block() (size int64, err error) {
	compressed, err := io.ReadAll(d.in)
	if err != nil {
		return 0, err
	}
	length, err := snappy.DecodedLen(compressed)
	size = int64(length)
	switch {
	case err != nil:
		return 0, err
	case size > d.maxBytes:
		return size, errTooManyBytes(d.maxBytes)
	}
	body, err := snappy.Decode(nil, compressed)
	if err != nil {
		return size, err
	}
	var message prompb.ReadResponse
	if err := message.Unmarshal(body); err != nil {
		return size, err
	}
	if len(message.Results) != len(d.queries) {
		return size, fmt.Errorf("it has %d results for %d queries", len(message.Results), len(d.queries))
	}
	for query, result := range message.Results {
		for _, series := range result.Timeseries {
			if err := d.plainSeries(query, series); err != nil {
				return size, err
			}
		}
	}
	return size, nil
}

func (d *sampleDecoder) plainSeries(query int, sent *prompb.TimeSeries) error {
	all, err := d.labels(sent.Labels)
	if err != nil {
		return err
	}
	if err := d.count(query, all); err != nil {
		return err
	}
	to := d.samples(query, all)
	if to == nil {
		return nil
	}
	d.points = d.points[:0]
	for _, s := range sent.Samples {
		d.points = append(d.points, point{at: s.Timestamp, value: s.Value})
	}
	for _, h := range sent.Histograms {
		d.points = append(d.points, point{at: h.Timestamp, histogram: h.ToFloatHistogram()})
	}
	d.points = slices.DeleteFunc(d.points, func(p point) bool { return !d.queries[query].wants(&p) })
	d.read += int64(len(sent.Samples) + len(sent.Histograms))
	if err := (&taker{to: to, last: point{at: math.MinInt64}}).takeAll(d.points); err != nil {
		return fmt.Errorf("%s: %w", all, err)
	}
	return nil
}
