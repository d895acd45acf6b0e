package httpapi

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/wire"
)

// servedTypes are the Go types of the schemas. Figure is a number, and has a
// schema of its own.
var servedTypes = map[string]any{
	"Agreement": wire.Agreement{}, "AgreementStatus": wire.AgreementStatus{}, "AlertCheck": wire.AlertCheck{},
	"AlertProblem": AlertProblem{}, "AlertRule": wire.AlertRule{}, "Backtest": wire.Backtest{}, "BacktestAlert": wire.BacktestAlert{},
	"BacktestRequest": BacktestRequest{}, "BacktestSide": wire.BacktestSide{}, "Cache": Cache{}, "Calendar": wire.Calendar{},
	"Catalog": wire.Catalog{}, "Change": Change{}, "Detection": wire.Detection{}, "DocumentEntry": DocumentEntry{},
	"DocumentList": DocumentList{}, "Effect": Effect{}, "Exclusion": wire.Exclusion{}, "Figures": Figures{}, "Gate": wire.Gate{},
	"GroupStatus": statement.GroupStatus{}, "Health": Health{}, "Named": wire.Named{}, "Need": wire.Need{}, "Objective": wire.Objective{},
	"ObjectiveAlerts": wire.ObjectiveAlerts{}, "ObjectiveStatus": wire.ObjectiveStatus{}, "PeriodStatus": wire.PeriodStatus{},
	"Place": agreement.Place{}, "Preview": Preview{}, "Problem": catalog.Problem{}, "Promise": wire.Promise{}, "Refusal": refused{},
	"Report": wire.Report{}, "Revision": agreement.Revision{}, "Span": wire.Span{}, "Statement": statement.Statement{},
	"StatementDifference": statement.Difference{}, "StatementEntry": statement.Entry{}, "StatementFigures": wire.Figures{},
	"StatementGroup": statement.Group{}, "StatementList": StatementList{}, "StatementObjective": statement.Objective{},
	"StatementReplaced": statement.Replaced{}, "Summary": wire.Summary{}, "Team": wire.Team{}, "TriedDefinition": wire.TriedDefinition{},
	"Validation": Validation{}, "Verification": statement.Verification{},
}

// requests are what is sent: there, what may be left out is not in the type.
var requests = []string{"BacktestRequest"}

// The schemas of the OpenAPI document have the fields of the Go types, with the
// same ones always there, down to where the document stays vague.
func TestTheSchemasAreThoseOfTheGoTypes(t *testing.T) {
	var document struct {
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
	require.NoError(t, json.Unmarshal(openAPI, &document))
	schemas := document.Components.Schemas
	documented := slices.DeleteFunc(slices.Sorted(maps.Keys(schemas)), func(name string) bool { return name == "Figure" })
	require.Equal(t, documented, slices.Sorted(maps.Keys(servedTypes)))
	for name, value := range servedTypes {
		compare(t, name, schemas, schemas[name], reflect.TypeOf(value), !slices.Contains(requests, name))
	}
}

type schema struct {
	Ref        string            `json:"$ref"`
	AllOf      []schema          `json:"allOf"`
	OneOf      []schema          `json:"oneOf"`
	AnyOf      []schema          `json:"anyOf"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
}

// resolved follows references and puts the parts of allOf together.
func (s schema) resolved(all map[string]schema) schema {
	for _, alternative := range slices.Concat(s.OneOf, s.AnyOf) {
		if alternative.Ref != "" { // or null
			return alternative.resolved(all)
		}
	}
	if s.Ref != "" {
		return all[s.Ref[strings.LastIndex(s.Ref, "/")+1:]].resolved(all)
	}
	for _, part := range s.AllOf {
		part = part.resolved(all)
		if s.Properties == nil {
			s.Properties = map[string]schema{}
		}
		maps.Copy(s.Properties, part.Properties)
		s.Required = append(s.Required, part.Required...)
	}
	return s
}

func compare(t *testing.T, where string, all map[string]schema, s schema, of reflect.Type, strict bool) {
	t.Helper()
	s = s.resolved(all)
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		if of.Kind() == reflect.Slice && s.Items != nil {
			s = s.Items.resolved(all)
		}
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || s.Properties == nil {
		return
	}
	fields, required := map[string]reflect.Type{}, []string{}
	for _, field := range reflect.VisibleFields(of) {
		tag := field.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = field.Type
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	assert.Equal(t, slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(s.Properties)), where)
	slices.Sort(s.Required)
	slices.Sort(required)
	if strict {
		assert.Equal(t, required, s.Required, where+": required")
	}
	for name, inner := range s.Properties {
		if fields[name] != nil {
			compare(t, where+"."+name, all, inner, fields[name], strict)
		}
	}
}
