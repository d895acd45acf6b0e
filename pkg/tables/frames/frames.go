// Package frames converts results to Grafana data frames: tables, one frame per series, and
// one number per alert. It computes and selects nothing; an absent figure is null.
//
// Names, types and labels are those of the query types in docs and README; frames for alert
// rules follow Grafana's data plane contract (https://grafana.com/developers/dataplane/).
package frames

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// contract is the version of the data plane contract; 0.0 would turn it off.
var contract = data.FrameTypeVersion{0, 1}

func typed(name string, kind data.FrameType, fields ...*data.Field) *data.Frame {
	frame := data.NewFrame(name, fields...)
	frame.Meta = &data.FrameMeta{Type: kind, TypeVersion: contract}
	return frame
}

// table returns a frame with the named columns, or all if names is empty, and a field per group label.
func table[R any](name string, rows []R, columns []tables.Column[R], names string) *data.Frame {
	if names != "" {
		columns = tables.Pick(columns, names)
	}
	taken := agreement.Names{}
	var unit string // of amounts
	for _, c := range columns {
		taken[c.Name] = c.Kind != tables.LabelsKind
		if c.Name == "unit" {
			unit = commonUnit(rows, c)
		}
	}
	var fields []*data.Field
	for _, c := range columns {
		if c.Kind == tables.LabelsKind {
			fields = append(fields, labelFields(rows, c, taken)...)
		} else {
			fields = append(fields, field(rows, c, unit))
		}
	}
	frame := typed(name, data.FrameTypeTable, fields...)
	frame.Meta.PreferredVisualization = data.VisTypeTable
	return frame
}

var fieldTypes = map[tables.Kind]data.FieldType{
	tables.RatioKind: data.FieldTypeNullableFloat64, tables.ShareKind: data.FieldTypeNullableFloat64,
	tables.RemainingKind: data.FieldTypeNullableFloat64, tables.RateKind: data.FieldTypeNullableFloat64,
	tables.AmountKind: data.FieldTypeNullableFloat64, tables.LengthKind: data.FieldTypeFloat64,
	tables.FlagKind: data.FieldTypeBool, tables.TimeKind: data.FieldTypeTime, tables.InstantKind: data.FieldTypeNullableTime,
}

// field returns the values of a column, as strings unless its kind has a type of its own.
func field[R any](rows []R, c tables.Column[R], unit string) *data.Field {
	kind, typed := fieldTypes[c.Kind]
	if !typed {
		kind = data.FieldTypeString
	}
	field := data.NewFieldFromFieldType(kind, len(rows))
	field.Name = c.Name
	for i, row := range rows {
		field.Set(i, fieldValue(c.Kind, tables.Deref(c.Value(row))))
	}
	return field.SetConfig(configOf(c.Kind, unit))
}

func fieldValue(kind tables.Kind, value any) any {
	switch v := value.(type) {
	case budget.Figure:
		if kind == tables.LengthKind {
			return float64(v)
		}
		return number(v)
	case time.Time:
		v = v.UTC()
		if kind == tables.TimeKind {
			return v
		}
		if v.IsZero() {
			return (*time.Time)(nil)
		}
		return &v
	case bool:
		return v
	case []string:
		return strings.Join(v, ", ")
	}
	return fmt.Sprint(value)
}

// number returns nil for an absent figure. It may be infinite.
func number(f budget.Figure) *float64 {
	if !f.Known() {
		return nil
	}
	return new(float64(f))
}

// commonUnit returns Grafana's unit of amounts: seconds if all rows count seconds, otherwise counts.
func commonUnit[R any](rows []R, c tables.Column[R]) string {
	if len(rows) == 0 || slices.ContainsFunc(rows, func(row R) bool { return c.Value(row) != agreement.Seconds }) {
		return countUnit
	}
	return secondsUnit
}

// labelFields returns a field per group label; one with the name of another field becomes group_<name>.
func labelFields[R any](rows []R, c tables.Column[R], taken agreement.Names) (fields []*data.Field) {
	labels := func(row R) map[string]string { return c.Value(row).(map[string]string) }
	names := map[string]string{}
	for _, row := range rows {
		maps.Copy(names, labels(row))
	}
	for _, name := range sorted(names) {
		column := tables.Column[R]{Name: taken.Add(name, "group_"), Value: func(row R) any { return labels(row)[name] }}
		fields = append(fields, field(rows, column, ""))
	}
	return fields
}

func sorted(labels map[string]string) []string { return slices.Sorted(maps.Keys(labels)) }

const (
	percentUnit = "percentunit" // of a ratio in 0..1
	secondsUnit = "s"
	countUnit   = "locale" // 1,234
)

const (
	green  = "green"
	orange = "orange"
	red    = "red"
	blue   = "blue"
	grey   = "text"
)

func configOf(kind tables.Kind, unit string) *data.FieldConfig {
	switch kind {
	case tables.StateKind:
		return stateConfig()
	case tables.RatioKind, tables.ShareKind:
		return &data.FieldConfig{Unit: percentUnit}
	case tables.RemainingKind:
		return remainingConfig(threshold(0, orange), threshold(budget.AtRiskBelow, green))
	case tables.RateKind:
		return burnConfig()
	case tables.AmountKind:
		return &data.FieldConfig{Unit: unit}
	case tables.LengthKind:
		return &data.FieldConfig{Unit: secondsUnit}
	}
	return &data.FieldConfig{}
}

var stateColours = map[budget.State]string{
	budget.Breached: red, budget.AtRisk: orange, budget.NoData: blue, budget.Met: green, budget.Inactive: grey}

func stateConfig() *data.FieldConfig {
	mapping := data.ValueMapper{}
	for i, state := range budget.States {
		mapping[string(state)] = data.ValueMappingResult{Text: tables.Capitalized(tables.StateText(state)), Color: stateColours[state], Index: i}
	}
	return &data.FieldConfig{Mappings: data.ValueMappings{mapping}}
}

// remainingConfig colors the remaining share of a budget. Without a budget, the share
// is -∞ once anything was bad: below every threshold that can be sent, so that a
// mapping colors it.
func remainingConfig(above ...data.Threshold) *data.FieldConfig {
	to := data.ConfFloat64(lowest)
	return &data.FieldConfig{Unit: percentUnit, Thresholds: steps(red, above...),
		Mappings: data.ValueMappings{data.RangeValueMapper{To: &to, Result: data.ValueMappingResult{Color: red}}}}
}

// burnConfig has a threshold at 1, above which the budget does not last.
func burnConfig() *data.FieldConfig {
	return &data.FieldConfig{Thresholds: steps(green, threshold(1, orange))}
}

// eventsConfig colors the series of good or bad.
func eventsConfig(o *agreement.Objective, label string) *data.FieldConfig {
	unit, colour := countUnit, green
	if o.Unit() == agreement.Seconds {
		unit = secondsUnit
	}
	if label == measure.Bad {
		colour = red
	}
	return &data.FieldConfig{Unit: unit, Color: map[string]any{"mode": "fixed", "fixedColor": colour}}
}

// lowest replaces -∞, which Grafana would read as 0, with the panel's own base color below it.
const lowest = -math.MaxFloat64

func steps(base string, above ...data.Threshold) *data.ThresholdsConfig {
	return &data.ThresholdsConfig{Mode: data.ThresholdsModeAbsolute, Steps: append([]data.Threshold{{Value: lowest, Color: base}}, above...)}
}

func threshold(value float64, colour string) data.Threshold {
	return data.Threshold{Value: data.ConfFloat64(value), Color: colour}
}

// Series returns a frame per series of an objective; ratios have the target in force at the instant as a line.
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

// NoSeries is the answer when there is no series: a typed frame without fields.
func NoSeries() *data.Frame { return typed("", data.FrameTypeTimeSeriesMulti) }

func seriesConfig(o *agreement.Objective, kind measure.SeriesKind, at time.Time, labels map[string]string) *data.FieldConfig {
	switch kind {
	case measure.EventsSeries:
		return eventsConfig(o, labels[measure.CountedLabel])
	case measure.BudgetSeries:
		return remainingConfig(threshold(0, green)) // the end of the budget as a line
	case measure.BurnRateSeries:
		return burnConfig()
	}
	return &data.FieldConfig{Unit: percentUnit, Thresholds: steps(red, threshold(o.TargetAt(at), green))}
}

// displayName returns the legend: «payments-for-checkout availability eu», then the burn window, or good or bad.
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

// Origin says where the figures of a frame come from.
type Origin struct {
	// Definition is a hash: frames with the same hash were judged by the same agreements.
	Definition string
	// Measurements has one measurement per objective in the frame.
	Measurements []counting.Measurement
}

// Custom is the meta.custom of a frame.
type Custom struct {
	Method     string `json:"method,omitempty"`
	Definition string `json:"definition,omitempty"`
	// SlotsRead is the number of slots read from Prometheus for this answer,
	// SlotsCached that of slots from the cache.
	SlotsRead   int64 `json:"slotsRead"`
	SlotsCached int64 `json:"slotsCached"`
	// Requests is the number of requests sent, Samples that of samples Prometheus read for them.
	Requests int   `json:"requests"`
	Samples  int64 `json:"samples"`
	// Notes say why the figures may be misleading, and how the slots were counted.
	Notes []string `json:"notes,omitempty"`
	// Reason explains the value of an alert, or why it is null.
	Reason string `json:"reason,omitempty"`
}

// Describe writes the origin of the figures into the meta of the frame.
func Describe(frame *data.Frame, o Origin) {
	custom, ok := frame.Meta.Custom.(*Custom)
	if !ok {
		custom = &Custom{}
		frame.Meta.Custom = custom
	}
	custom.Definition = o.Definition
	var queries []string
	for _, m := range o.Measurements {
		custom.Method = cmp.Or(custom.Method, string(m.Method))
		custom.SlotsRead += m.Cost.SlotsRead
		custom.SlotsCached += m.Cost.SlotsCached
		custom.Requests += m.Cost.Requests
		custom.Samples += m.Cost.Samples
		custom.Notes = slices.Concat(custom.Notes, m.Warnings, m.Notes)
		queries = append(queries, m.Queries...)
	}
	custom.Notes = tables.Distinct(custom.Notes)
	frame.Meta.ExecutedQueryString = strings.Join(tables.Distinct(queries), "\n")
}

// Measurements returns one measurement per objective, since groups and past periods were measured together.
func Measurements(results []measure.Result) []counting.Measurement {
	measured := slices.DeleteFunc(slices.Clone(results), func(r measure.Result) bool { return r.Measurement.Method == "" })
	each := slices.CompactFunc(measured, func(a, b measure.Result) bool {
		return a.Objective == b.Objective && a.Agreement.Name == b.Agreement.Name && a.Closed == b.Closed
	})
	return wire.Each(each, func(r measure.Result) counting.Measurement { return r.Measurement })
}

// Failures returns the results with an error.
func Failures(results []measure.Result) []measure.Result {
	return slices.DeleteFunc(slices.Clone(results), func(r measure.Result) bool { return r.Err == nil })
}

// Unmeasured returns the lines of [tables.NotMeasured] as warnings.
func Unmeasured(results []measure.Result) []data.Notice {
	return wire.Each(tables.NotMeasured(results), func(line string) data.Notice {
		return data.Notice{Severity: data.NoticeSeverityWarning, Text: line}
	})
}
