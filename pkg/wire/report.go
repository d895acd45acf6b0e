package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
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

// ObjectiveStatus is one objective, or one group of it. Total, Bad and Allowed
// are events, seconds or slices; the ratios lie between 0 and 1.
type ObjectiveStatus struct {
	Name       string            `json:"name"`
	Group      map[string]string `json:"group"`
	State      budget.State      `json:"state"`
	Reason     string            `json:"reason,omitempty"`
	From       time.Time         `json:"from"`
	To         time.Time         `json:"to"`
	Window     string            `json:"window"`
	Unit       agreement.Unit    `json:"unit"`
	Target     budget.Figure     `json:"target"`
	Total      budget.Figure     `json:"total"`
	Bad        budget.Figure     `json:"bad"`
	Compliance budget.Figure     `json:"compliance"`
	Allowed    budget.Figure     `json:"allowed"`
	Consumed   budget.Figure     `json:"consumed"`
	Remaining  budget.Figure     `json:"remaining"`
	Burn       BurnRates         `json:"burn"`
	Exhaustion *time.Time        `json:"exhaustion"`
	Projected  budget.Figure     `json:"projected"`
	Coverage   budget.Figure     `json:"coverage"`
	Raw        RawBalance        `json:"raw"`
	Method     string            `json:"method,omitempty"`
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
	r := Report{At: s.At.UTC(), Resolution: agreement.FormatDuration(s.Resolution),
		Agreements: []AgreementStatus{}, SLOs: []SLOStatus{}, Problems: s.Problems}
	if s.Server.Name != "" {
		method, engine := s.Server.Dialect, strings.TrimSpace(s.Server.Name+" "+s.Server.Version)
		r.Method, r.Engine = &method, &engine
	}
	if r.Problems == nil {
		r.Problems = []catalog.Problem{}
	}
	for _, result := range s.Agreements {
		a := result.Agreement
		r.Agreements = append(r.Agreements, AgreementStatus{Name: a.Name, State: result.State, Stage: a.Stage,
			Service: a.Service, Provider: a.Provider, Consumers: append([]string{}, a.Consumers...), Objectives: objectives(result)})
	}
	for _, result := range s.SLOs {
		r.SLOs = append(r.SLOs, SLOStatus{Name: result.Agreement.Name, State: result.State,
			Service: result.Agreement.Service, Objectives: objectives(result)})
	}
	return r
}

func objectives(result measure.AgreementResult) []ObjectiveStatus {
	all := make([]ObjectiveStatus, 0, len(result.Objectives))
	for _, objective := range result.Objectives {
		all = append(all, NewObjectiveStatus(objective))
	}
	return all
}

// NewObjectiveStatus is a result as reports print it.
func NewObjectiveStatus(r measure.Result) ObjectiveStatus {
	status := ObjectiveStatus{
		Name: r.Objective.Name, Group: r.Group, State: r.State, Reason: r.Reason,
		From: r.From, To: r.To, Window: r.Window.String(), Unit: r.Objective.Unit(),
		Target: r.Target, Total: r.Total, Bad: r.Bad, Compliance: r.Compliance,
		Allowed: r.Allowed, Consumed: r.Consumed, Remaining: r.Remaining,
		Burn: BurnRates(r.Burn), Projected: r.Projected, Coverage: r.Coverage,
		Raw:    RawBalance{r.Raw.Total, r.Raw.Bad, r.Raw.Compliance},
		Method: string(r.Measurement.Method), Notes: r.Measurement.Notes,
	}
	if !r.Exhaustion.IsZero() {
		at := r.Exhaustion.Truncate(time.Second)
		status.Exhaustion = &at
	}
	if r.Err != nil {
		reason := r.Err.Error()
		status.Error = &reason
	}
	return status
}

// JSON is the value as indented JSON with a newline at its end.
func JSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return text.Bytes(), err
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
