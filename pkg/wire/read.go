package wire

import (
	"errors"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/prometheus/common/model"
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
		s.Server = prometheus.Capabilities{Server: prometheus.Server{Name: *r.Engine}, Dialect: *r.Method}
	}
	for _, stated := range r.Agreements {
		a := &agreement.Agreement{Name: stated.Name, Stage: stated.Stage, Service: stated.Service, Provider: stated.Provider, Consumers: stated.Consumers}
		result, err := resultOf(a, stated.State, stated.Objectives)
		if err != nil {
			return Status{}, err
		}
		s.Agreements = append(s.Agreements, result)
	}
	for _, stated := range r.SLOs {
		a := &agreement.Agreement{Name: stated.Name, Stage: agreement.Active, Service: stated.Service}
		result, err := resultOf(a, stated.State, stated.Objectives)
		if err != nil {
			return Status{}, err
		}
		s.SLOs = append(s.SLOs, result)
	}
	return s, nil
}

func resultOf(a *agreement.Agreement, state budget.State, objectives []ObjectiveStatus) (measure.AgreementResult, error) {
	result := measure.AgreementResult{Agreement: a, State: state}
	for _, stated := range objectives {
		window, err := agreement.ParseWindow(stated.Window)
		if err != nil {
			return result, fmt.Errorf("%s/%s: %w", a.Name, stated.Name, err)
		}
		balance := budget.Balance{From: stated.From, To: stated.To, Target: stated.Target, Total: stated.Total, Bad: stated.Bad, Allowed: stated.Allowed,
			Compliance: stated.Compliance, Consumed: stated.Consumed, Remaining: stated.Remaining, Coverage: stated.Coverage}
		raw := balance
		raw.Total, raw.Bad, raw.Compliance = stated.Raw.Total, stated.Raw.Bad, stated.Raw.Compliance
		r := measure.Result{Agreement: a, Objective: objectiveCounting(stated.Name, stated.Unit), Group: stated.Group, Raw: raw,
			Status:      budget.Status{Balance: balance, Window: window, State: stated.State, Reason: stated.Reason, Burn: stated.Burn, Projected: stated.Projected},
			Measurement: counting.Measurement{Method: sli.Method(stated.Method), Notes: stated.Notes}}
		if stated.Exhaustion != nil {
			r.Exhaustion = *stated.Exhaustion
		}
		if stated.Error != nil {
			r.Err = errors.New(*stated.Error)
		}
		result.Objectives = append(result.Objectives, r)
	}
	return result, nil
}

// objectiveCounting is an objective that counts in the unit.
func objectiveCounting(name string, unit agreement.Unit) *agreement.Objective {
	o := &agreement.Objective{Name: name, Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: agreement.Ratio}}
	switch unit {
	case agreement.Seconds:
		o.SLI.Kind = agreement.Threshold
	case agreement.Slices:
		o.Budgeting = agreement.Timeslices
	}
	return o
}
