package counting

import (
	"context"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
)

// nativeHistograms is the feature of a server that can query native histograms.
const nativeHistograms = "native histograms"

// negativeOffsets is the feature of a server that accepts what [sli.Ahead] returns.
const negativeOffsets = "negative offsets"

// Probes returns the probes that find by which [sli.Method] a server counts: their dialects are
// methods. A client whose server is counted on needs them.
func Probes() prometheus.Probes {
	return prometheus.Probes{
		Dialects: []prometheus.Probe{
			{Name: string(sli.Anchored), Query: sli.Anchored.Probe()},
			{Name: string(sli.MetricsQL), Query: sli.MetricsQL.Probe(), Server: prometheus.VictoriaMetrics},
			{Name: string(sli.Offset), Query: sli.Offset.Probe()},
		},
		Features: []prometheus.Probe{
			{Name: nativeHistograms, Query: `histogram_count(accord_probe)`},
			{Name: negativeOffsets, Query: sli.Ahead("accord_probe")},
		},
	}
}

// Method returns the method by which counters are counted on the server.
func Method(server prometheus.Capabilities) sli.Method {
	if server.Reads {
		return sli.Samples
	}
	return sli.Method(server.Dialect)
}

// tried is the method that was found for the server, and when its capabilities were probed.
type tried struct {
	method sli.Method
	asked  time.Time
}

// histogramMethodAt returns [sli.Anchored] if the server can count the selector's native histograms with it at the
// given time, else [sli.Offset], which always works. Without samples this cannot be found out, and the
// fallback is not cached. The method is empty for a server without native histograms.
func (s *Service) histogramMethodAt(ctx context.Context, selector string, at time.Time) (sli.Method, error) {
	server, err := s.client.Capabilities(ctx)
	switch {
	case err != nil || !server.Has(nativeHistograms):
		return "", err
	case server.Dialect != string(sli.Anchored):
		return sli.Offset, nil
	}
	if known := s.histograms.Load(); known != nil && known.asked.Equal(server.Asked) {
		return known.method, nil
	}
	points := 0
	_, err = s.client.Query(ctx, "count(histogram_count(increase("+selector+"[5m] anchored)))", at,
		prometheus.EachPoint(func(int64, float64) { points++ }))
	method := sli.Anchored
	switch {
	case prometheus.KindOf(err) == prometheus.BadQuery && strings.Contains(err.Error(), "not supported with histograms"):
		method = sli.Offset
	case err != nil:
		return "", err
	case points == 0:
		return sli.Offset, nil
	}
	s.histograms.Store(&tried{method, server.Asked})
	return method, nil
}
