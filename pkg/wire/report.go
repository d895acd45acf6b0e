package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/prometheus/common/model"
)

// Report is the status of a catalog as of an instant, as `accord report -o
// json` prints it. Figures are JSON numbers, "+Inf" or "-Inf", null if absent.
type Report struct {
	At time.Time `json:"at"`
	// Method is null when no engine could be asked.
	Method *string `json:"method"`
	// Engine is its name and version.
	Engine     *string           `json:"engine"`
	Resolution string            `json:"resolution"`
	Agreements []AgreementStatus `json:"agreements"`
	SLOs       []SLOStatus       `json:"slos"`
	Problems   []catalog.Problem `json:"problems"`
}

// AgreementStatus is an agreement in a [Report].
type AgreementStatus struct {
	Name       string            `json:"name"`
	State      budget.State      `json:"state"`
	Stage      agreement.Stage   `json:"stage"`
	Service    string            `json:"service"`
	Provider   string            `json:"provider"`
	Consumers  []string          `json:"consumers"`
	Objectives []ObjectiveStatus `json:"objectives"`
}

// SLOStatus is an SLO that no agreement names.
type SLOStatus struct {
	Name       string            `json:"name"`
	State      budget.State      `json:"state"`
	Service    string            `json:"service"`
	Objectives []ObjectiveStatus `json:"objectives"`
}

// ObjectiveStatus is one objective, or one group of it.
type ObjectiveStatus struct {
	Name   string            `json:"name"`
	Group  map[string]string `json:"group"`
	State  budget.State      `json:"state"`
	Reason string            `json:"reason,omitempty"`
	From   time.Time         `json:"from"`
	To     time.Time         `json:"to"`
	Window string            `json:"window"`
	Unit   agreement.Unit    `json:"unit"`
	budget.Balance
	Burn       BurnRates     `json:"burn"`
	Exhaustion *time.Time    `json:"exhaustion"`
	Projected  budget.Figure `json:"projected"`
	Coverage   budget.Figure `json:"coverage"`
	Raw        RawBalance    `json:"raw"`
	Method     string        `json:"method,omitempty"`
	// Notes are remarks a reader of the figures should know.
	Notes []string `json:"notes,omitempty"`
	// Error is why the objective could not be measured; null when it was.
	Error *string `json:"error"`
}

// RawBalance is the balance with every slot of the window counted.
type RawBalance struct {
	Total      budget.Figure `json:"total"`
	Bad        budget.Figure `json:"bad"`
	Compliance budget.Figure `json:"compliance"`
}

// BurnRates is an object in the order of the windows.
type BurnRates []budget.Burn

// MarshalJSON writes {"5m": rate, …}, null for a closed period.
func (b BurnRates) MarshalJSON() ([]byte, error) {
	if b == nil {
		return []byte("null"), nil
	}
	var text bytes.Buffer
	text.WriteByte('{')
	for i, burn := range b {
		if i > 0 {
			text.WriteByte(',')
		}
		rate, err := burn.Rate.MarshalJSON()
		if err != nil {
			return nil, err
		}
		text.WriteString(`"` + agreement.FormatDuration(burn.Window) + `":`)
		text.Write(rate)
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON writes; the windows come by length.
func (b *BurnRates) UnmarshalJSON(text []byte) error {
	var rates map[string]budget.Figure
	if err := json.Unmarshal(text, &rates); err != nil {
		return err
	}
	for name, rate := range rates {
		window, err := model.ParseDuration(name)
		if err != nil {
			return fmt.Errorf("burn window %q: %w", name, err)
		}
		*b = append(*b, budget.Burn{Window: time.Duration(window), Rate: rate})
	}
	slices.SortFunc(*b, func(x, y budget.Burn) int { return cmp.Compare(x.Window, y.Window) })
	return nil
}

// Report is the status as JSON prints it.
func (s Status) Report() Report {
	r := Report{At: s.At.UTC(), Resolution: agreement.FormatDuration(s.Resolution), Agreements: Each(s.Agreements, NewAgreementStatus),
		SLOs: Each(s.SLOs, newSLOStatus), Problems: List(s.Problems)}
	if s.Server.Name != "" {
		r.Method, r.Engine = new(s.Server.Dialect), new(strings.TrimSpace(s.Server.Name+" "+s.Server.Version))
	}
	return r
}

// NewAgreementStatus converts the result of an agreement.
func NewAgreementStatus(result measure.AgreementResult) AgreementStatus {
	a := result.Agreement
	return AgreementStatus{Name: a.Name, State: result.State, Stage: a.Stage, Service: a.Service, Provider: a.Provider,
		Consumers: List(a.Consumers), Objectives: Each(result.Objectives, NewObjectiveStatus)}
}

func newSLOStatus(result measure.AgreementResult) SLOStatus {
	return SLOStatus{Name: result.Agreement.Name, State: result.State,
		Service: result.Agreement.Service, Objectives: Each(result.Objectives, NewObjectiveStatus)}
}

// NewObjectiveStatus converts the result of an objective, or of a group of it.
func NewObjectiveStatus(r measure.Result) ObjectiveStatus {
	return ObjectiveStatus{
		Name: r.Objective.Name, Group: r.Group, State: r.State, Reason: r.Reason,
		From: r.From, To: r.To, Window: r.Window.String(), Unit: r.Objective.Unit(),
		Balance: r.Balance, Burn: BurnRates(r.Burn), Exhaustion: NullTime(r.Exhaustion.Truncate(time.Second)),
		Projected: r.Projected, Coverage: r.Coverage, Raw: RawBalance{r.Raw.Total, r.Raw.Bad, r.Raw.Compliance},
		Method: string(r.Measurement.Method), Notes: r.Measurement.Notes, Error: errorText(r.Err),
	}
}

// Status is a measured catalog as of an instant.
type Status struct {
	At time.Time
	// Server that was asked; nothing when it could not be.
	Server     prometheus.Capabilities
	Resolution time.Duration
	Agreements []measure.AgreementResult
	// SLOs are those that no agreement names, as agreements without parties.
	SLOs     []measure.AgreementResult
	Problems []catalog.Problem
}

// All are the agreements and then the SLOs.
func (s Status) All() []measure.AgreementResult {
	return append(append([]measure.AgreementResult{}, s.Agreements...), s.SLOs...)
}

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
		balance := stated.Balance
		balance.From, balance.To, balance.Coverage = stated.From, stated.To, stated.Coverage
		raw := balance
		raw.Total, raw.Bad, raw.Compliance = stated.Raw.Total, stated.Raw.Bad, stated.Raw.Compliance
		r := measure.Result{Agreement: a, Objective: countingIn(stated.Unit, stated.Name), Group: stated.Group, Raw: raw,
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

// countingIn is an objective that counts in the unit.
func countingIn(unit agreement.Unit, name string) *agreement.Objective {
	o := &agreement.Objective{Name: name, Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: agreement.Ratio}}
	switch unit {
	case agreement.Seconds:
		o.SLI.Kind = agreement.Threshold
	case agreement.Slices:
		o.Budgeting = agreement.Timeslices
	}
	return o
}
