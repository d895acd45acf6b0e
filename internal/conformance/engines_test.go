package conformance

import (
	"math"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	promapi "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

// Each engine gives back the very samples that were expanded, resets, gaps,
// late births and gauges included.
func TestEnginesHoldTheSamples(t *testing.T) {
	for _, engine := range []Engine{Embedded(), EmbeddedByAnchored(), DebianPrometheus(), VictoriaMetrics()} {
		for _, name := range []string{"counter-resets", "missing-error-series", "threshold-unknown-time", "support-hours"} {
			t.Run(engine.Name+"/"+name, func(t *testing.T) {
				s, err := Read(folder + "/" + name + ".yaml")
				require.NoError(t, err)
				if engine.inThePast {
					s, err = s.MovedTo2015()
					require.NoError(t, err)
				}
				client := clientOf(t, engine.start(t, s))
				for _, series := range s.Series() {
					requireHolds(t, client, series)
				}
			})
		}
	}
}

// requireHolds asks for the raw samples, a day at a time.
func requireHolds(t *testing.T, client promapi.API, series Series) {
	t.Helper()
	var got []Sample
	first, last := series.Samples[0].Time, series.Samples[len(series.Samples)-1].Time
	const day = 24 * time.Hour
	for end := time.UnixMilli(first - 1).Add(day); ; end = end.Add(day) {
		value, _, _, err := client.Query(t.Context(), selector(series.Labels)+"[1d]", end)
		require.NoError(t, err)
		for _, stream := range value.(model.Matrix) {
			for _, pair := range stream.Values {
				sample := Sample{int64(pair.Timestamp), float64(pair.Value)}
				// Ranges of 2.x engines are closed on the left.
				if len(got) == 0 || sample.Time > got[len(got)-1].Time {
					got = append(got, sample)
				}
			}
		}
		if end.UnixMilli() >= last {
			break
		}
	}
	require.Equal(t, series.Samples, got, "%s", series.Labels)
}

func selector(l labels.Labels) string { return l.String() }

func clientOf(t *testing.T, url string) promapi.API {
	t.Helper()
	client, err := api.NewClient(api.Config{Address: url})
	require.NoError(t, err)
	return promapi.NewAPI(client)
}

// The embedded engine counts to the event what the scenario says, in one query
// over the whole of it.
func TestAnchoredIncreaseIsTheCount(t *testing.T) {
	s, err := Read(folder + "/counter-resets.yaml")
	require.NoError(t, err)
	client := clientOf(t, Embedded().start(t, s))
	for _, series := range s.grown() {
		want := 0.0
		for _, growth := range series.growths {
			want += growth.by
		}
		value, _, _, err := client.Query(t.Context(), "increase("+selector(series.Labels)+"[4d] anchored)", s.End)
		require.NoError(t, err)
		got := float64(value.(model.Vector)[0].Value)
		require.Less(t, math.Abs(got-want), 1e-6, "%s: want %g, got %g", series.Labels, want, got)
	}
}
