package prometheus

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/stretchr/testify/require"
)

const (
	streamed = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"
	plain    = plainSamples
)

// sample is a time and a value.
type sampleOf struct {
	at int64
	v  float64
}

// xor is a chunk of the samples, with times as its first and last have them.
func xor(t testing.TB, samples ...sampleOf) prompb.Chunk {
	t.Helper()
	chunk := chunkenc.NewXORChunk()
	appender, err := chunk.Appender()
	require.NoError(t, err)
	for _, s := range samples {
		appender.Append(0, s.at, s.v)
	}
	return prompb.Chunk{MinTimeMs: samples[0].at, MaxTimeMs: samples[len(samples)-1].at, Type: prompb.Chunk_XOR, Data: chunk.Bytes()}
}

// histograms is a chunk of native histograms at the times, the i-th with 12 + 9i
// observations; nil chunks are floats.
func histograms(t testing.TB, chunk chunkenc.Chunk, times ...int64) prompb.Chunk {
	t.Helper()
	appender, err := chunk.Appender()
	require.NoError(t, err)
	for i, at := range times {
		var next chunkenc.Chunk
		if chunk.Encoding() == chunkenc.EncHistogram {
			next, _, appender, err = appender.AppendHistogram(nil, 0, at, tsdbutil.GenerateTestHistogram(int64(i)), true)
		} else {
			next, _, appender, err = appender.AppendFloatHistogram(nil, 0, at, tsdbutil.GenerateTestFloatHistogram(int64(i)), true)
		}
		require.NoError(t, err)
		require.Nil(t, next)
	}
	return prompb.Chunk{MinTimeMs: times[0], MaxTimeMs: times[len(times)-1], Type: prompb.Chunk_Encoding(chunk.Encoding()), Data: chunk.Bytes()}
}

func series(job string, chunks ...prompb.Chunk) *prompb.ChunkedSeries {
	return &prompb.ChunkedSeries{Labels: prompb.FromLabels(labels.FromStrings("__name__", "up", "job", job), nil), Chunks: chunks}
}

// frame is a frame of the stream.
func frame(t testing.TB, query int64, series ...*prompb.ChunkedSeries) string {
	t.Helper()
	body, err := (&prompb.ChunkedReadResponse{QueryIndex: query, ChunkedSeries: series}).Marshal()
	require.NoError(t, err)
	return framed(body)
}

func framed(body []byte) string {
	head := binary.AppendUvarint(nil, uint64(len(body)))
	head = binary.BigEndian.AppendUint32(head, crc32.Checksum(body, castagnoli))
	return string(append(head, body...))
}

// two are queries for up, each over another time.
func two() []ReadQuery {
	up := []*labels.Matcher{equal("__name__", "up")}
	return []ReadQuery{{Matchers: up, From: 1000, To: 9000}, {Matchers: up, From: 0, To: 1000}}
}

// decodeSamples decodes an answer that is at hand.
func decodeSamples(body io.Reader, contentType string, external map[string]string, sink SampleSink) (Answer, error) {
	d := sampleDecoder{
		in:      &input{from: body, left: 1 << 30, contentType: contentType},
		queries: two(), external: external, sink: sink, maxSeries: 3, maxBytes: 1 << 20,
	}
	return d.answered()
}

func TestStreamedSamples(t *testing.T) {
	stale := math.Float64frombits(value.StaleNaN)
	// A histogram without observations marks the end of its series.
	ended := chunkenc.NewFloatHistogramChunk()
	appender, err := ended.Appender()
	require.NoError(t, err)
	gone := tsdbutil.GenerateTestFloatHistogram(0)
	gone.Sum = stale
	_, _, _, err = appender.AppendFloatHistogram(nil, 0, 2000, gone, true)
	require.NoError(t, err)
	unknown := xor(t, sampleOf{2000, 1})
	unknown.Type = 77
	untimed := func(chunk prompb.Chunk) prompb.Chunk {
		chunk.MinTimeMs, chunk.MaxTimeMs = 0, 0
		return chunk
	}
	short := xor(t, sampleOf{2000, 1}, sampleOf{3000, 1})
	short.Data = short.Data[:len(short.Data)-1]
	lying := xor(t, sampleOf{2000, 1}, sampleOf{5000, 5})
	lying.MaxTimeMs = 2000

	wrongSum := []byte(frame(t, 0, series("a", xor(t, sampleOf{2000, 1}))))
	wrongSum[1] ^= 1

	tests := []struct {
		name string
		body string
		want []string
		says string
	}{
		{name: "nothing", body: ""},
		{name: "a frame of nothing", body: frame(t, 0)},
		{name: "series of both queries", body: frame(t, 0, series("a", xor(t, sampleOf{1000, 1}, sampleOf{2000, 2})), series("b", xor(t, sampleOf{1000, 3}))) +
			frame(t, 1, series("a", xor(t, sampleOf{1000, 1}))),
			want: []string{`0 a 1000=1 2000=2`, `0 b 1000=3`, `1 a 1000=1`}},
		{name: "samples outside the range", body: frame(t, 0, series("a", xor(t, sampleOf{999, 1}, sampleOf{1000, 2}, sampleOf{9000, 3}, sampleOf{9001, 4}))),
			want: []string{`0 a 1000=2 9000=3`}},
		{name: "all of them outside", body: frame(t, 0, series("a", xor(t, sampleOf{999, 1}))), want: []string{`0 a`}},
		{name: "staleness markers, and NaN that is a value", body: frame(t, 0, series("a", xor(t, sampleOf{1000, 1}, sampleOf{2000, stale}, sampleOf{3000, math.NaN()}))),
			want: []string{`0 a 1000=1 3000=NaN`}},
		{name: "a series that goes on in the next frame", body: frame(t, 0, series("a", xor(t, sampleOf{1000, 1}))) + frame(t, 0, series("a", xor(t, sampleOf{2000, 2})), series("b", xor(t, sampleOf{2000, 2}))),
			want: []string{`0 a 1000=1 2000=2`, `0 b 2000=2`}},
		{name: "chunks out of order", body: frame(t, 0, series("a", xor(t, sampleOf{4000, 4}), xor(t, sampleOf{1000, 1}, sampleOf{2000, 2}))),
			want: []string{`0 a 1000=1 2000=2 4000=4`}},
		{name: "chunks out of order in two frames", body: frame(t, 0, series("a", xor(t, sampleOf{4000, 4}))) + frame(t, 0, series("a", xor(t, sampleOf{1000, 1}, sampleOf{2000, 2}))),
			want: []string{`0 a 1000=1 2000=2 4000=4`}},
		{name: "chunks that overlap", body: frame(t, 0, series("a", xor(t, sampleOf{1000, 1}, sampleOf{3000, 3}, sampleOf{5000, 5}), xor(t, sampleOf{2000, 2}, sampleOf{3000, 3}, sampleOf{6000, 6}), xor(t, sampleOf{7000, 7}))),
			want: []string{`0 a 1000=1 2000=2 3000=3 5000=5 6000=6 7000=7`}},
		{name: "chunks that do not say their time", body: frame(t, 0, series("a", untimed(xor(t, sampleOf{4000, 4})), untimed(xor(t, sampleOf{1000, 1}, sampleOf{5000, 5})))),
			want: []string{`0 a 1000=1 4000=4 5000=5`}},
		{name: "the same chunk twice", body: frame(t, 0, series("a", xor(t, sampleOf{1000, math.NaN()}), xor(t, sampleOf{1000, math.NaN()}))),
			want: []string{`0 a 1000=NaN`}},
		{name: "histograms", body: frame(t, 0, series("a", histograms(t, chunkenc.NewHistogramChunk(), 1000, 2000), histograms(t, chunkenc.NewFloatHistogramChunk(), 3000, 4000), xor(t, sampleOf{5000, 1}))),
			want: []string{`0 a 1000=count:12 2000=count:21 3000=count:12 4000=count:21 5000=1`}},
		{name: "the same histogram twice", body: frame(t, 0, series("a", histograms(t, chunkenc.NewHistogramChunk(), 1000, 2000), histograms(t, chunkenc.NewHistogramChunk(), 1000, 2000))),
			want: []string{`0 a 1000=count:12 2000=count:21`}},
		{name: "the end of a histogram", body: frame(t, 0, series("a", prompb.Chunk{Type: prompb.Chunk_FLOAT_HISTOGRAM, Data: ended.Bytes()})), want: []string{`0 a`}},
		{name: "what does not match", body: frame(t, 0, &prompb.ChunkedSeries{Labels: []prompb.Label{{Name: "__name__", Value: "down"}}, Chunks: []prompb.Chunk{xor(t, sampleOf{1000, 1})}})},

		{name: "two values at an instant", body: frame(t, 0, series("a", xor(t, sampleOf{1000, 1}), xor(t, sampleOf{1000, 2}))), says: `{__name__="up", job="a"}: it has several values at 1970-01-01T00:00:01Z`},
		{name: "a float and a histogram at an instant", body: frame(t, 0, series("a", xor(t, sampleOf{1000, 0}), histograms(t, chunkenc.NewHistogramChunk(), 1000))), says: "several values"},
		{name: "two histograms at an instant", body: frame(t, 0, series("a", histograms(t, chunkenc.NewHistogramChunk(), 1000, 2000), histograms(t, chunkenc.NewHistogramChunk(), 2000))), says: "several values"},
		{name: "a chunk of another time than it says", body: frame(t, 0, series("a", lying, xor(t, sampleOf{3000, 3}))), says: "chunks of another time than they say"},
		{name: "a series twice in a frame", body: frame(t, 0, series("a", xor(t, sampleOf{1000, 1})), series("a", xor(t, sampleOf{2000, 1}))), says: "the same series comes twice"},
		{name: "a series that comes again", body: frame(t, 0, series("a", xor(t, sampleOf{1000, 1})), series("b", xor(t, sampleOf{2000, 1}))) + frame(t, 0, series("a", xor(t, sampleOf{2000, 1}))), says: "the same series comes twice"},
		{name: "a label twice", body: frame(t, 0, &prompb.ChunkedSeries{Labels: []prompb.Label{{Name: "x", Value: "1"}, {Name: "x", Value: "2"}}}), says: `has the label "x" twice`},
		{name: "a label of 2 MiB", body: frame(t, 0, &prompb.ChunkedSeries{Labels: []prompb.Label{{Name: "x", Value: strings.Repeat("1", 2<<20)}}}), says: "longer than 1 MiB"},
		{name: "a query that was not asked", body: frame(t, 2, series("a", xor(t, sampleOf{1000, 1}))), says: "query 2 of 2"},
		{name: "a query below the first", body: frame(t, -1, series("a", xor(t, sampleOf{1000, 1}))), says: "query -1 of 2"},
		{name: "an encoding that nobody knows", body: frame(t, 0, series("a", unknown)), says: "the encoding 77"},
		{name: "a chunk that is cut off", body: frame(t, 0, series("a", short)), says: `a chunk of {__name__="up", job="a"}: EOF`},
		{name: "a chunk without a head", body: frame(t, 0, series("a", prompb.Chunk{Type: prompb.Chunk_XOR, Data: []byte{1}})), says: "1 bytes of the encoding 1"},
		{name: "a wrong checksum", body: string(wrongSum), says: "the checksum of a frame is wrong"},
		{name: "a frame of 1 GB", body: string(binary.AppendUvarint(nil, 1e9)) + "abc", says: "a frame of 1000000000 bytes was announced, the limit is 67108864"},
		{name: "no length", body: strings.Repeat("\xff", 20), says: "overflow"},
		{name: "no protobuf", body: framed([]byte("\xff\xff")), says: "unexpected EOF"},
		{name: "an error in the middle, as Prometheus writes it", body: frame(t, 0, series("a", xor(t, sampleOf{1000, 1}))) + "read chunk: the disk is gone\n", says: "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for way, body := range map[string]io.Reader{"whole": strings.NewReader(tt.body), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.body))} {
				var got readRecord
				answer, err := decodeSamples(body, streamed, nil, got.Series)
				if tt.says != "" {
					require.ErrorContains(t, err, tt.says, way)
					continue
				}
				require.NoError(t, err, way)
				require.Equal(t, tt.want, got.brief(), way)
				require.EqualValues(t, len(tt.body), answer.Bytes, way)
			}
		})
	}
}

// brief are the lines, with a series as its job.
func (r *readRecord) brief() (lines []string) {
	for _, line := range r.lines {
		lines = append(lines, strings.NewReplacer(`{__name__="up", job="`, "", `"}`, "").Replace(line))
	}
	return lines
}

// Room for buckets is made before they are read.
func TestBucketsThatAChunkAnnouncesAreCounted(t *testing.T) {
	for n, chunk := range map[uint64]prompb.Chunk{
		8: histograms(t, chunkenc.NewHistogramChunk(), 1000), 9: histograms(t, chunkenc.NewFloatHistogramChunk(), 1000, 2000),
	} {
		require.EqualValues(t, 8, buckets(chunk.Data), n)
		// A zero threshold of 0, the schema 0, one span of 2^32 - 1, as 64 bits.
		chunk.Data = append([]byte{0, 1, 0, 0, 0b0_10_001_11, 0b11111100, 0, 0, 0, 3}, bytes.Repeat([]byte{0xff}, 20)...)
		_, err := decodeSamples(strings.NewReader(frame(t, 0, series("a", chunk))), streamed, nil, (&readRecord{}).Series)
		require.ErrorContains(t, err, "more buckets than 30 bytes can hold")
	}
}

func TestPlainSamples(t *testing.T) {
	at := func(at int64, v float64) prompb.Sample { return prompb.Sample{Timestamp: at, Value: v} }
	one := func(job string, samples ...prompb.Sample) *prompb.TimeSeries {
		return &prompb.TimeSeries{Labels: series(job).Labels, Samples: samples}
	}
	body := func(results ...*prompb.QueryResult) string {
		message, err := (&prompb.ReadResponse{Results: results}).Marshal()
		require.NoError(t, err)
		return string(snappy.Encode(nil, message))
	}
	histogram := one("b")
	histogram.Histograms = []prompb.Histogram{prompb.FromIntHistogram(3000, tsdbutil.GenerateTestHistogram(1)), prompb.FromFloatHistogram(4000, tsdbutil.GenerateTestFloatHistogram(2))}
	whole := body(&prompb.QueryResult{Timeseries: []*prompb.TimeSeries{
		one("a", at(999, 1), at(1000, 2), at(2000, math.Float64frombits(value.StaleNaN)), at(3000, 3)), histogram,
	}}, &prompb.QueryResult{})

	var got readRecord
	answer, err := decodeSamples(strings.NewReader(whole), plain, nil, got.Series)
	require.NoError(t, err)
	require.Equal(t, []string{"0 a 1000=2 3000=3", "0 b 3000=count:21 4000=count:30"}, got.brief())
	require.EqualValues(t, 6, answer.SamplesRead)
	require.Greater(t, answer.Bytes, int64(len(whole)), "uncompressed")

	for i := range len(whole) {
		_, err := decodeSamples(strings.NewReader(whole[:i]), plain, nil, got.Series)
		require.Error(t, err)
	}
	for says, text := range map[string]string{
		"1 results for 2 queries":     body(&prompb.QueryResult{}),
		"the same series comes twice": body(&prompb.QueryResult{Timeseries: []*prompb.TimeSeries{one("a"), one("a")}}, &prompb.QueryResult{}),
		"several values":              body(&prompb.QueryResult{Timeseries: []*prompb.TimeSeries{one("a", at(1000, 1), at(1000, 2))}}, &prompb.QueryResult{}),
		"corrupt":                     "nonsense",
		"larger than 1048576 bytes":   string(snappy.Encode(nil, make([]byte, 1<<20+1))),
		"more than 3 series":          body(&prompb.QueryResult{Timeseries: []*prompb.TimeSeries{one("a"), one("b"), one("c"), one("d")}}, &prompb.QueryResult{}),
	} {
		_, err := decodeSamples(strings.NewReader(text), plain, nil, (&readRecord{}).Series)
		require.ErrorContains(t, err, says)
	}
}

func TestLabelsThatTheServerAddsAreTakenOff(t *testing.T) {
	external := map[string]string{"region": "eu", "replica": "1"}
	one := func(chunk prompb.Chunk, pairs ...string) *prompb.ChunkedSeries {
		return &prompb.ChunkedSeries{Labels: prompb.FromLabels(labels.FromStrings(append(pairs, "__name__", "up")...), nil), Chunks: []prompb.Chunk{chunk}}
	}
	first, second := xor(t, sampleOf{1000, 1}, sampleOf{2000, 2}), xor(t, sampleOf{3000, 3})
	var got readRecord
	_, err := decodeSamples(strings.NewReader(frame(t, 0, one(first, "region", "eu", "replica", "1"), one(first, "region", "us", "replica", "1"))), streamed, external, got.Series)
	require.NoError(t, err)
	require.Equal(t, []string{`0 {__name__="up"} 1000=1 2000=2`, `0 {__name__="up", region="us"} 1000=1 2000=2`}, got.lines)

	got = readRecord{}
	goesOn := frame(t, 0, one(first, "region", "eu")) + frame(t, 0, one(second, "region", "eu"))
	_, err = decodeSamples(strings.NewReader(goesOn), streamed, external, got.Series)
	require.NoError(t, err)
	require.Equal(t, []string{`0 {__name__="up"} 1000=1 2000=2 3000=3`}, got.lines)

	// One series with the label, and one to which it was added, of the same time.
	_, err = decodeSamples(strings.NewReader(frame(t, 0, one(first, "region", "eu"))+frame(t, 0, one(xor(t, sampleOf{1500, 7}), "region", "eu"))), streamed, external, got.Series)
	require.ErrorContains(t, err, "the same series comes twice")

	// Asked for by the label, the server gives what lacks it; a query would not.
	got = readRecord{}
	queries := two()
	queries[0].Matchers = append(queries[0].Matchers, equal("region", "eu"))
	d := sampleDecoder{in: &input{from: strings.NewReader(goesOn), left: 1 << 20, contentType: streamed}, queries: queries, external: external, sink: got.Series, maxSeries: 3}
	_, err = d.answered()
	require.NoError(t, err)
	require.Empty(t, got.lines)
}

// Whatever comes, the decoder ends, and takes it byte by byte as in one piece.
// Chunks are wrapped anew, so that damage reaches them behind the checksum.
func FuzzRead(f *testing.F) {
	whole := frame(f, 0, series("a", xor(f, sampleOf{1000, 1}, sampleOf{2000, 2}, sampleOf{3000, 5})), series("b", histograms(f, chunkenc.NewHistogramChunk(), 1000, 2000)))
	f.Add([]byte(whole), []byte{}, int32(0))
	f.Add([]byte{}, xor(f, sampleOf{1000, 1}, sampleOf{2000, 2}).Data, int32(prompb.Chunk_XOR))
	f.Add([]byte{}, histograms(f, chunkenc.NewHistogramChunk(), 1000, 2000).Data, int32(prompb.Chunk_HISTOGRAM))
	f.Add([]byte{}, histograms(f, chunkenc.NewFloatHistogramChunk(), 1000, 2000).Data, int32(prompb.Chunk_FLOAT_HISTOGRAM))
	f.Fuzz(func(t *testing.T, body, chunk []byte, encoding int32) {
		body = append(bytes.Clone(body), frame(t, 0, series("c", prompb.Chunk{Type: prompb.Chunk_Encoding(encoding), Data: chunk}))...)
		for _, kind := range []string{streamed, plain} {
			var atOnce, cut readRecord
			first, firstErr := decodeSamples(bytes.NewReader(body), kind, nil, atOnce.Series)
			second, secondErr := decodeSamples(iotest.OneByteReader(bytes.NewReader(body)), kind, nil, cut.Series)
			require.Equal(t, firstErr == nil, secondErr == nil, "%v, %v", firstErr, secondErr)
			if firstErr == nil {
				require.Equal(t, atOnce, cut)
				require.Equal(t, first, second)
			}
		}
	})
}
