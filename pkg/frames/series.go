package frames

import (
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
			times[i], values[i] = p.At, figure(p.Value)
		}
		config := seriesConfig(kind, o.TargetAt(at))
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

func seriesConfig(kind measure.SeriesKind, target float64) *data.FieldConfig {
	switch kind {
	case measure.BudgetSeries:
		return budgetConfig()
	case measure.BurnRateSeries:
		return burnConfig()
	}
	return targetConfig(target)
}

// displayName is the legend of a series: «payments-for-checkout availability
// eu», and the burn window where there are several lines an objective.
func displayName(labels map[string]string, kind measure.SeriesKind) string {
	parts := []string{labels["agreement"], labels["objective"]}
	plain := taken("agreement", "objective", "service", "provider", "window")
	for _, name := range sorted(labels) {
		if !plain[name] {
			parts = append(parts, labels[name])
		}
	}
	if kind == measure.BurnRateSeries {
		parts = append(parts, labels["window"])
	}
	return strings.Join(parts, " ")
}
