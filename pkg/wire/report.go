package wire

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// Report is the status of a catalog at an instant, as `accord report -o json`
// prints it. Figures are JSON numbers, "+Inf" or "-Inf", null if absent.
type Report struct {
	At time.Time `json:"at"`
	// Method is the counting method; null if Prometheus could not be reached.
	Method *string `json:"method"`
	// Engine is the name and version of the server; null if it could not be reached.
	Engine     *string            `json:"engine"`
	Resolution agreement.Duration `json:"resolution"`
	Agreements []AgreementStatus  `json:"agreements"`
	SLOs       []SLOStatus        `json:"slos"`
	Problems   []problem.Problem  `json:"problems"`
}

// AgreementStatus is an agreement in a [Report].
type AgreementStatus struct {
	Name       string            `json:"name"`
	State      budget.State      `json:"state"`
	Stage      agreement.Stage   `json:"stage"`
	Service    string            `json:"service"`
	Provider   string            `json:"provider"`
	Consumers  []string          `json:"consumers"`
	TimeZone   string            `json:"timeZone,omitempty"` // of its dates and calendar periods
	LeftOut    bool              `json:"leftOut,omitempty"`  // its document has errors, so nothing is measured
	Objectives []ObjectiveStatus `json:"objectives"`
	// IsSLO says that it is an SLO that no agreement names.
	IsSLO bool `json:"-"`
}

// SLOStatus is an SLO that no agreement names.
type SLOStatus struct {
	Name       string            `json:"name"`
	State      budget.State      `json:"state"`
	Service    string            `json:"service"`
	LeftOut    bool              `json:"leftOut,omitempty"` // its document has errors, so nothing is measured
	Objectives []ObjectiveStatus `json:"objectives"`
}

// ObjectiveStatus is the status of one objective, or of one group of it.
type ObjectiveStatus struct {
	Name   string            `json:"name"`
	Group  map[string]string `json:"group"`
	State  budget.State      `json:"state"`
	Reason string            `json:"reason,omitempty"`
	From   time.Time         `json:"from"`
	To     time.Time         `json:"to"`
	Window Window            `json:"window"`
	// TimeZone is that of the window if it is not the agreement's, or UTC for an SLO.
	TimeZone string         `json:"timeZone,omitempty"`
	Unit     agreement.Unit `json:"unit"`
	budget.Balance
	Burn       BurnRates     `json:"burn"`
	Exhaustion *time.Time    `json:"exhaustion"`
	Projected  budget.Figure `json:"projected"`
	// MeasuredUntil is the end of the last slot in scope that was measured; null if none was.
	MeasuredUntil *time.Time `json:"measuredUntil"`
	// Alert is the severity of the severest burn-rate alert that fires; empty if none does.
	Alert  agreement.Severity `json:"alert,omitempty"`
	Raw    RawBalance         `json:"raw"`
	Method string             `json:"method,omitempty"`
	// Remarks are what a reader should know besides the figures: what was not
	// measured, and warnings and notes of the measurement.
	Remarks []string `json:"remarks"`
	// Error says why the objective could not be measured; null if it was.
	Error *string `json:"error"`
}

// Window is a window that JSON has as text, without its time zone, see [ObjectiveStatus.TimeZone].
type Window struct{ agreement.Window }

// MarshalText returns the window in the form that [agreement.ParseWindow] parses.
func (w Window) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads the window; that of an objective that is not read is empty.
func (w *Window) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		return nil
	}
	w.Window, err = agreement.ParseWindow(string(text))
	return err
}

// RawBalance is the balance of all slots of the window, in scope or not.
type RawBalance struct {
	Total      budget.Figure `json:"total"`
	Bad        budget.Figure `json:"bad"`
	Compliance budget.Figure `json:"compliance"`
}

// NewRawBalance converts a balance of all slots.
func NewRawBalance(b budget.Balance) RawBalance { return RawBalance{b.Total, b.Bad, b.Compliance} }

// BurnRates are burn rates that JSON has as an object by window, in their order.
type BurnRates []budget.Burn

// MarshalJSON returns {"5m": rate, …}; null if nil, as for a closed period.
func (b BurnRates) MarshalJSON() ([]byte, error) {
	if b == nil {
		return []byte("null"), nil
	}
	rates := Each(b, func(burn budget.Burn) string {
		rate, _ := burn.Rate.MarshalJSON() // never fails
		return `"` + agreement.FormatDuration(burn.Window) + `":` + string(rate)
	})
	return []byte("{" + strings.Join(rates, ",") + "}"), nil
}

// UnmarshalJSON parses what MarshalJSON returns; it sorts the rates by window.
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

// NewReport converts results at an instant. The server is zero if it could not be
// reached.
func NewReport(at time.Time, server prometheus.Capabilities, resolution time.Duration, results []measure.AgreementResult, problems []problem.Problem) Report {
	r := Report{At: at.UTC(), Resolution: agreement.Duration(resolution), Problems: List(problems)}
	if server.Name != "" {
		r.Method, r.Engine = new(string(counting.Method(server))), new(server.String())
	}
	return r.With(Each(results, NewAgreementStatus))
}

// All returns the agreements, then the SLOs as active agreements without parties.
func (r Report) All() []AgreementStatus {
	return append(slices.Clone(r.Agreements), Each(r.SLOs, func(s SLOStatus) AgreementStatus {
		return AgreementStatus{Name: s.Name, State: s.State, Stage: agreement.Active, Service: s.Service, LeftOut: s.LeftOut, Objectives: s.Objectives, IsSLO: true}
	})...)
}

// With returns the report with all in place of its agreements and SLOs.
func (r Report) With(all []AgreementStatus) Report {
	r.Agreements, r.SLOs = []AgreementStatus{}, []SLOStatus{}
	for _, s := range all {
		if s.IsSLO {
			r.SLOs = append(r.SLOs, SLOStatus{s.Name, s.State, s.Service, s.LeftOut, s.Objectives})
		} else {
			r.Agreements = append(r.Agreements, s)
		}
	}
	return r
}

// NewAgreementStatus converts the result of an agreement.
func NewAgreementStatus(result measure.AgreementResult) AgreementStatus {
	a := result.Agreement
	return AgreementStatus{Name: a.Name, State: result.State, Stage: a.Stage, Service: a.Service, Provider: a.Provider,
		Consumers: List(a.Consumers), TimeZone: a.Zone.String(), LeftOut: a.NotRead != "", Objectives: Each(result.Objectives, NewObjectiveStatus), IsSLO: a.IsSLO}
}

// NewObjectiveStatus converts the result of an objective, or of a group of it.
func NewObjectiveStatus(r measure.Result) ObjectiveStatus {
	zone := r.Window.Zone.String()
	if r.Window.Zone == nil || zone == r.Agreement.Zone.String() {
		zone = ""
	}
	return ObjectiveStatus{
		Name: r.Objective.Name, Group: r.Group, State: r.State, Reason: r.Reason,
		From: r.From, To: r.To, Window: Window{r.Window}, TimeZone: zone, Unit: r.Objective.Unit(),
		Balance: r.Balance, Burn: BurnRates(r.Burn), Exhaustion: NullTime(r.Exhaustion.Truncate(time.Second)),
		Projected: r.Projected, MeasuredUntil: NullTime(r.MeasuredUntil), Alert: budget.FiringSeverity(r.Alerts),
		Raw:    NewRawBalance(r.Raw),
		Method: string(r.Measurement.Method), Remarks: List(r.Remarks()), Error: errorText(r.Err),
	}
}

// PeriodStatus is one objective and group over one calendar period.
type PeriodStatus struct {
	Agreement string `json:"agreement"`
	Period    string `json:"period"`
	ObjectiveStatus
	// Revision is the start of the target's last revision in force in the period; null without one.
	Revision *time.Time `json:"revision"`
}

// Periods converts results of calendar periods.
func Periods(periods []measure.Period) []PeriodStatus {
	return Each(periods, func(p measure.Period) PeriodStatus {
		return PeriodStatus{p.Agreement.Name, p.Name, NewObjectiveStatus(p.Result), NullTime(p.Revision)}
	})
}

// IncidentList has the incidents of one objective and group.
type IncidentList struct {
	Agreement string            `json:"agreement"`
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Unit      agreement.Unit    `json:"unit"`
	budget.Repair
	Coverage  budget.Figure      `json:"coverage"`
	Incidents []measure.Incident `json:"incidents"`
}

// NewIncidentList converts the incidents of an objective and group.
func NewIncidentList(g measure.GroupIncidents) IncidentList {
	return IncidentList{g.Agreement.Name, g.Objective.Name, g.Group, g.Objective.Unit(), g.Repair, g.Coverage, List(g.Incidents)}
}
