package frames

import (
	"math"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
)

// Units as Grafana calls them.
const (
	percentUnit = "percentunit" // of a ratio in 0..1
	secondsUnit = "s"
)

// Colours as Grafana's themes name them.
const (
	green  = "green"
	orange = "orange"
	red    = "red"
	blue   = "blue"
	grey   = "text"
)

// configOf is that of a column; unit is that of its amounts.
func configOf(kind tables.Kind, unit string) *data.FieldConfig {
	switch kind {
	case tables.StateKind:
		return stateConfig()
	case tables.RatioKind, tables.ShareKind:
		return &data.FieldConfig{Unit: percentUnit}
	case tables.RemainingKind:
		return remainingConfig(step{0, orange}, step{budget.AtRiskBelow, green})
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

// stateConfig names the states in words and gives each its colour.
func stateConfig() *data.FieldConfig {
	mapping := data.ValueMapper{}
	for i, state := range budget.States {
		mapping[string(state)] = data.ValueMappingResult{Text: tables.StateText(state), Color: stateColours[state], Index: i}
	}
	return &data.FieldConfig{Mappings: data.ValueMappings{mapping}}
}

// remainingConfig colours a share of the budget that remains. The share of a
// budget of nothing once something was bad is -∞, below every threshold that can
// be sent, so a mapping colours it.
func remainingConfig(above ...step) *data.FieldConfig {
	to := data.ConfFloat64(lowest)
	return &data.FieldConfig{Unit: percentUnit, Thresholds: steps(red, above...),
		Mappings: data.ValueMappings{data.RangeValueMapper{To: &to, Result: data.ValueMappingResult{Color: red}}}}
}

// burnConfig draws the line above which the budget does not last.
func burnConfig() *data.FieldConfig {
	return &data.FieldConfig{Thresholds: steps(green, step{1, orange})}
}

// eventsConfig is of what was good or bad, in the colour of each.
func eventsConfig(o *agreement.Objective, label string) *data.FieldConfig {
	colour := green
	if label == measure.Bad {
		colour = red
	}
	config := &data.FieldConfig{Color: map[string]any{"mode": "fixed", "fixedColor": colour}}
	if o.Unit() == agreement.Seconds {
		config.Unit = secondsUnit
	}
	return config
}

type step struct {
	from   float64
	colour string
}

// lowest stands for -∞, which JSON does not have: Grafana reads it as 0 and
// puts the panel's own base colour, green by default, below that.
const lowest = -math.MaxFloat64

func steps(base string, above ...step) *data.ThresholdsConfig {
	config := &data.ThresholdsConfig{Mode: data.ThresholdsModeAbsolute,
		Steps: []data.Threshold{{Value: lowest, Color: base}}}
	for _, s := range above {
		config.Steps = append(config.Steps, data.Threshold{Value: data.ConfFloat64(s.from), Color: s.colour})
	}
	return config
}
