package frames

import (
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/measure"
)

// Series is a frame a series of one objective; the line of the target is that
// in force at the instant.
func Series(o *agreement.Objective, kind measure.SeriesKind, series []measure.Series, at time.Time) data.Frames {
	frames := make(data.Frames, 0, len(series))
	for _, s := range series {
		times := make([]time.Time, len(s.Points))
		values := make([]*float64, len(s.Points))
		for i, p := range s.Points {
			times[i], values[i] = p.At, number(p.Value)
		}
		config := seriesConfig(o, kind, at, s.Labels)
		config.DisplayNameFromDS = displayName(s.Labels, kind)
		frame := typed(string(kind), data.FrameTypeTimeSeriesMulti,
			data.NewField("time", nil, times),
			data.NewField("value", data.Labels(s.Labels), values).SetConfig(config))
		frame.Meta.PreferredVisualization = data.VisTypeGraph
		frames = append(frames, frame)
	}
	return frames
}

// NoSeries is the answer when there is no series: typed, without fields.
func NoSeries() *data.Frame { return typed("", data.FrameTypeTimeSeriesMulti) }

func seriesConfig(o *agreement.Objective, kind measure.SeriesKind, at time.Time, labels map[string]string) *data.FieldConfig {
	switch kind {
	case measure.EventsSeries:
		return eventsConfig(o, labels[measure.CountedLabel])
	case measure.BudgetSeries:
		return remainingConfig(step{0, green}) // the end of the budget as a line
	case measure.BurnRateSeries:
		return burnConfig()
	}
	return &data.FieldConfig{Unit: percentUnit, Thresholds: steps(red, step{o.TargetAt(at), green})}
}

// displayName is the legend of a series: «payments-for-checkout availability
// eu», and the burn window or what is counted where there are several lines an
// objective.
func displayName(labels map[string]string, kind measure.SeriesKind) string {
	parts := []string{labels["agreement"], labels["objective"]}
	plain := []string{"agreement", "objective", "service", "provider", "window", measure.CountedLabel}
	for _, name := range sorted(labels) {
		if !slices.Contains(plain, name) {
			parts = append(parts, labels[name])
		}
	}
	switch kind {
	case measure.BurnRateSeries:
		parts = append(parts, labels["window"])
	case measure.EventsSeries:
		parts = append(parts, labels[measure.CountedLabel])
	}
	return strings.Join(parts, " ")
}
