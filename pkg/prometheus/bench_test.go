package prometheus

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	apiv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"
)

// matrix writes an answer of so many series and points.
func matrix(series, points int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[`)
	for s := range series {
		if s > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"metric":{"consumer":"checkout","instance":"10.0.0.%d:9100","job":"payments-api","region":"eu-%d"},"values":[`, s, s%4)
		for p := range points {
			if p > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `[%d,"%g"]`, 1_700_000_000+300*p, float64(s*p)/7)
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]}}`)
	return b.Bytes()
}

// canned answers every request with one body, without a network.
type canned []byte

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(c)),
	}, nil
}

func BenchmarkDecode(b *testing.B) {
	body := matrix(200, 500)
	b.Run("accord", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var got totals
			_, err := decode(&input{from: bytes.NewReader(body), left: 1 << 30}, got.Series, 10_000, grid{})
			require.NoError(b, err)
			require.Equal(b, 100_000, got.points)
		}
	})
	b.Run("client_golang", func(b *testing.B) {
		client, err := api.NewClient(api.Config{Address: "http://prometheus.example", RoundTripper: canned(body)})
		require.NoError(b, err)
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			value, _, _, err := apiv1.NewAPI(client).QueryRange(context.Background(), "up", apiv1.Range{Start: time.Unix(0, 0), End: time.Unix(1, 0), Step: time.Second})
			require.NoError(b, err)
			require.NotEmpty(b, value)
		}
	})
}

// endless writes one series with so many points, without holding them.
func endless(points int) io.Reader {
	return io.MultiReader(
		strings.NewReader(`{"status":"success","data":{"result":[{"metric":{"job":"a"},"values":[`),
		&repeated{text: `,"12345.678"],`, times: points - 1},
		strings.NewReader(`[1900000000,"1"]]}]}}`))
}

// repeated writes [1700000000, then the text, and so on a second later.
type repeated struct {
	text  string
	times int
	at    int64
	line  []byte
	rest  []byte
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(r.rest) == 0 {
			if r.times == 0 {
				break
			}
			r.times--
			r.line = append(strconv.AppendInt(append(r.line[:0], '['), 1_700_000_000+r.at, 10), r.text...)
			r.rest = r.line
			r.at++
		}
		copied := copy(p[n:], r.rest)
		n, r.rest = n+copied, r.rest[copied:]
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestMemoryDoesNotGrowWithTheAnswer(t *testing.T) {
	allocated := func(points int) uint64 {
		var before, after runtime.MemStats
		var got totals
		runtime.ReadMemStats(&before)
		_, err := decode(&input{from: endless(points), left: 1 << 40}, got.Series, 10_000, grid{})
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.Equal(t, points, got.points)
		return after.TotalAlloc - before.TotalAlloc
	}
	small, large := allocated(1_000), allocated(1_000_000)
	require.Less(t, large, small+64<<10, "bytes allocated for 1,000 times the points")
}

// BenchmarkRead decodes what 100 series of a counter have in a day, a sample each
// 15 s: 576,000 samples in chunks of 120, a frame a series.
func BenchmarkRead(b *testing.B) {
	var body strings.Builder
	for s := range 100 {
		var chunks []prompb.Chunk
		for c := range 48 {
			var samples []sampleOf
			for i := c * 120; i < (c+1)*120; i++ {
				samples = append(samples, sampleOf{int64(i) * 15_000, float64(i * (s + 1) * 7)})
			}
			chunks = append(chunks, xor(b, samples...))
		}
		body.WriteString(frame(b, 0, series(strconv.Itoa(s), chunks...)))
	}
	queries := []ReadQuery{{Matchers: two()[0].Matchers, To: 24 * time.Hour.Milliseconds()}}
	b.ReportAllocs()
	b.SetBytes(int64(body.Len()))
	for b.Loop() {
		var got sampleTotals
		d := sampleDecoder{in: &input{from: strings.NewReader(body.String()), left: 1 << 30, contentType: streamed}, queries: queries, sink: got.Series, maxSeries: 1000}
		answer, err := d.answered()
		require.NoError(b, err)
		require.Equal(b, 576_000, got.samples)
		require.EqualValues(b, 576_000, answer.SamplesRead)
	}
	b.ReportMetric(float64(b.N)*576_000/b.Elapsed().Seconds(), "samples/s")
}

// sampleTotals is a sink that only counts.
type sampleTotals struct {
	samples int
	sum     float64
}

func (s *sampleTotals) Series(int, labels.Labels) Samples { return s }

func (s *sampleTotals) Float(_ int64, value float64) {
	s.samples++
	s.sum += value
}

func (s *sampleTotals) Histogram(int64, *histogram.FloatHistogram) { s.samples++ }
