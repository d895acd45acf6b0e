// Package frames prints results as Grafana data frames: tables, one frame a
// series, and one number an alert. It computes nothing and chooses nothing;
// every figure is that of package measure, an absent one a null.
//
// Names, types and labels are those of the query types in docs and README;
// what a frame must look like to be alerted on is Grafana's data plane contract
// (https://grafana.com/developers/dataplane/).
package frames

import (
	"maps"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/alerting"
	"github.com/accord-sla/accord/pkg/budget"
)

// contract is the version of the data plane contract that the frames keep;
// version 0.0 would switch it off.
var contract = data.FrameTypeVersion{0, 1}

// typed is a frame of a data plane type.
func typed(name string, kind data.FrameType, fields ...*data.Field) *data.Frame {
	frame := data.NewFrame(name, fields...)
	frame.Meta = &data.FrameMeta{Type: kind, TypeVersion: contract}
	return frame
}

// table is a frame to be shown as a table.
func table(name string, fields ...*data.Field) *data.Frame {
	frame := typed(name, data.FrameTypeTable, fields...)
	frame.Meta.PreferredVisualization = data.VisTypeTable
	return frame
}

// column makes a field with a value for each row.
func column[R, V any](rows []R, name string, config *data.FieldConfig, value func(R) V) *data.Field {
	values := make([]V, len(rows))
	for i, row := range rows {
		values[i] = value(row)
	}
	return data.NewField(name, nil, values).SetConfig(orEmpty(config))
}

func texts[R any](rows []R, name string, value func(R) string) *data.Field {
	return column(rows, name, nil, value)
}

func figures[R any](rows []R, name string, config *data.FieldConfig, value func(R) budget.Figure) *data.Field {
	return column(rows, name, config, func(row R) *float64 { return figure(value(row)) })
}

// instants makes a field of times; the zero time is null.
func instants[R any](rows []R, name string, value func(R) time.Time) *data.Field {
	return column(rows, name, nil, func(row R) *time.Time { return instant(value(row)) })
}

func orEmpty(config *data.FieldConfig) *data.FieldConfig {
	if config == nil {
		return &data.FieldConfig{}
	}
	return config
}

// figure is null when the figure is absent. It may be infinite.
func figure(f budget.Figure) *float64 {
	if !f.Known() {
		return nil
	}
	value := float64(f)
	return &value
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// groupFields makes a field for each label that groups have, after the fields
// that there are: a label by the name of one of those, or of one in taken,
// appears as group_<name>.
func groupFields[R any](rows []R, taken alerting.Names, group func(R) map[string]string) []*data.Field {
	names := map[string]bool{}
	for _, row := range rows {
		for name := range group(row) {
			names[name] = true
		}
	}
	var fields []*data.Field
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fields = append(fields, texts(rows, taken.Add(name, "group_"), func(row R) string { return group(row)[name] }))
	}
	return fields
}

func fieldNames(fields []*data.Field) map[string]bool {
	set := make(map[string]bool, len(fields))
	for _, field := range fields {
		set[field.Name] = true
	}
	return set
}
