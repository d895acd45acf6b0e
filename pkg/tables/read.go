package tables

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
)

// Status is the status that a report tells, measured elsewhere, as far as it is
// printed.
func (r Report) Status() (Status, error) {
	resolution, err := model.ParseDuration(r.Resolution)
	if err != nil {
		return Status{}, fmt.Errorf("resolution: %w", err)
	}
	s := Status{At: r.At, Resolution: time.Duration(resolution), Problems: r.Problems}
	if r.Engine != nil && r.Method != nil {
		s.Engine = prometheus.Engine{Name: *r.Engine, Method: sli.Method(*r.Method)}
	}
	for _, told := range r.Agreements {
		a := &agreement.Agreement{Name: told.Name, Stage: told.Stage, Service: told.Service, Provider: told.Provider, Consumers: told.Consumers}
		result, err := resultOf(a, told.State, told.Objectives)
		if err != nil {
			return Status{}, err
		}
		s.Agreements = append(s.Agreements, result)
	}
	for _, told := range r.SLOs {
		a := &agreement.Agreement{Name: told.Name, Stage: agreement.Active, Service: told.Service}
		result, err := resultOf(a, told.State, told.Objectives)
		if err != nil {
			return Status{}, err
		}
		s.SLOs = append(s.SLOs, result)
	}
	return s, nil
}

func resultOf(a *agreement.Agreement, state budget.State, objectives []ObjectiveStatus) (measure.AgreementResult, error) {
	result := measure.AgreementResult{Agreement: a, State: state}
	for _, told := range objectives {
		window, err := agreement.ParseWindow(told.Window)
		if err != nil {
			return result, fmt.Errorf("%s/%s: %w", a.Name, told.Name, err)
		}
		balance := budget.Balance{From: told.From, To: told.To, Target: told.Target, Total: told.Total, Bad: told.Bad, Allowed: told.Allowed,
			Compliance: told.Compliance, Consumed: told.Consumed, Remaining: told.Remaining, Coverage: told.Coverage}
		raw := balance
		raw.Total, raw.Bad, raw.Compliance = told.Raw.Total, told.Raw.Bad, told.Raw.Compliance
		r := measure.Result{Agreement: a, Objective: counting(told.Name, told.Unit), Group: told.Group, Raw: raw,
			Status:      budget.Status{Balance: balance, Window: window, State: told.State, Reason: told.Reason, Burn: told.Burn, Projected: told.Projected},
			Measurement: measure.Measurement{Method: sli.Method(told.Method), Notes: told.Notes}}
		if told.Exhaustion != nil {
			r.Exhaustion = *told.Exhaustion
		}
		if told.Error != nil {
			r.Err = errors.New(*told.Error)
		}
		result.Objectives = append(result.Objectives, r)
	}
	return result, nil
}

// counting is an objective that counts in the unit.
func counting(name string, unit Unit) *agreement.Objective {
	o := &agreement.Objective{Name: name, Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: agreement.Ratio}}
	switch unit {
	case Seconds:
		o.SLI.Kind = agreement.Threshold
	case Slices:
		o.Budgeting = agreement.Timeslices
	}
	return o
}
