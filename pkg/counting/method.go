package counting

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
)

// nativeHistograms is the feature of a server that takes queries of them.
const nativeHistograms = "native histograms"

// negativeOffsets is that of one that looks ahead, as [sli.Ahead] does.
const negativeOffsets = "negative offsets"

// Probes tell by which [sli.Method] a server counts: the dialects are methods.
// Whoever counts on a client's server gives it these.
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

// Method is the one by which counters are counted on the server.
func Method(server prometheus.Capabilities) sli.Method {
	if server.Reads {
		return sli.Samples
	}
	return sli.Method(server.Dialect)
}

// histogramMethods finds how a server counts native histograms.
type histogramMethods struct {
	client *prometheus.Client
	known  atomic.Pointer[tried]
}

// tried is the method that was found of the server as it was asked then.
type tried struct {
	method sli.Method
	asked  time.Time
}

// method tries on the samples of a native histogram, at the given time, whether
// the server counts them by [sli.Anchored], and falls back to [sli.Offset],
// which always works. Without samples there is no telling, and the fallback is
// not remembered. It is empty for a server without native histograms.
func (h *histogramMethods) method(ctx context.Context, selector string, at time.Time) (sli.Method, error) {
	server, err := h.client.Capabilities(ctx)
	switch {
	case err != nil || !server.Has(nativeHistograms):
		return "", err
	case server.Dialect != string(sli.Anchored):
		return sli.Offset, nil
	}
	if known := h.known.Load(); known != nil && known.asked.Equal(server.Asked) {
		return known.method, nil
	}
	points := 0
	_, err = h.client.Query(ctx, "count(histogram_count(increase("+selector+"[5m] anchored)))", at,
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
	h.known.Store(&tried{method, server.Asked})
	return method, nil
}
