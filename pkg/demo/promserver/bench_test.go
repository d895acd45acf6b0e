package promserver_test

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// The demo's size: 90 days of 400 series at a 60 s scrape, 52 million samples.
func BenchmarkDemoHistory(b *testing.B) {
	from := march
	to := from.AddDate(0, 0, 90)
	series := func(from, to time.Time) iter.Seq[promserver.Series] {
		return func(yield func(promserver.Series) bool) {
			for i := range 400 {
				s := promserver.Series{
					Labels: labels.FromStrings("__name__", "requests_total", "job", fmt.Sprintf("job-%d", i/10), "instance", fmt.Sprint(i%10)),
					// Uneven steps: what compresses well would flatter the figure.
					Samples: minutes(from, to, func(n int64) float64 { return float64(97*n + n*n%89) }),
				}
				if !yield(s) {
					return
				}
			}
		}
	}
	for b.Loop() {
		dir := b.TempDir()
		start := time.Now()
		require.NoError(b, promserver.WriteBlocks(b.Context(), dir, from, to, series, nil))
		b.ReportMetric(time.Since(start).Seconds(), "write-s")
		start = time.Now()
		server, err := promserver.Start(promserver.Options{Dir: dir})
		require.NoError(b, err)
		b.ReportMetric(time.Since(start).Seconds(), "open-s")
		require.NoError(b, server.Close())
	}
}
