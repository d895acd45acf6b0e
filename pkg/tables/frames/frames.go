// Package frames prints results as Grafana data frames: tables, one frame a
// series, and one number an alert. It computes nothing and chooses nothing;
// every figure is that of package measure, an absent one a null.
//
// Names, types and labels are those of the query types in docs and README;
// what a frame must look like to be alerted on is Grafana's data plane contract
// (https://grafana.com/developers/dataplane/).
package frames

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/alerting"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/tables"
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

// table is a frame to be shown as a table: with the columns of the names,
// or all of them. The labels of groups have a field each.
func table[R any](name string, rows []R, columns []tables.Column[R], names string) *data.Frame {
	if names != "" {
		columns = tables.Pick(columns, names)
	}
	taken := alerting.Names{}
	var unit string // of all rows; empty where they differ
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

// field has the value of each row, a text where the kind has no other type.
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

// number is null when the figure is absent. It may be infinite.
func number(f budget.Figure) *float64 {
	if !f.Known() {
		return nil
	}
	value := float64(f)
	return &value
}

// commonUnit is Grafana's unit of amounts: none where the rows have several, or
// are counts.
func commonUnit[R any](rows []R, c tables.Column[R]) string {
	for _, row := range rows {
		if c.Value(row) != agreement.Seconds {
			return ""
		}
	}
	if len(rows) == 0 {
		return ""
	}
	return secondsUnit
}

// labelFields makes a field for each label that groups have; one by the name of
// another field appears as group_<name>.
func labelFields[R any](rows []R, c tables.Column[R], taken alerting.Names) (fields []*data.Field) {
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

// sorted are the names of the labels in order.
func sorted(labels map[string]string) []string { return slices.Sorted(maps.Keys(labels)) }
