package agreement

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
	"time"
)

// Objective is one promised figure: what is measured, its target and its window.
type Objective struct {
	Name        string
	DisplayName string
	// SLO is the OpenSLO SLO it comes from; empty for an inline indicator.
	SLO string

	SLI SLI
	// Op and Value judge a threshold SLI; Op is empty for every other kind.
	Op    Op
	Value float64

	// Target is a ratio in (0, 1], in force until the first revision.
	Target    float64
	Revisions []Revision // ascending by From

	Window Window

	Budgeting Budgeting
	// TimeSliceTarget is the ratio in (0, 1] from which a slice of Timeslices is good,
	// TimeSliceWindow the length of a slice, also for RatioTimeslices.
	TimeSliceTarget float64
	TimeSliceWindow time.Duration

	// Select narrows every selector of the SLI to these label values.
	Select map[string]string
	// GroupBy asks for one result per value of these labels.
	GroupBy []string

	NoData NoData
	// MinEvents is the number of events (seconds for a time-based SLI) below which a
	// burn-rate alert does not fire.
	MinEvents float64
	// MinCoverage is the share of measured time below which the state is no_data.
	MinCoverage float64

	// Alerts are by severity; a severity that is missing has the default alerts.
	Alerts map[Severity]Alerts `json:",omitempty"`

	// OtherConnection says why this connection does not measure the SLI (its data
	// source is another one); empty if it does.
	OtherConnection string

	Place Place
}

// Title returns the name shown to people.
func (o *Objective) Title() string { return cmp.Or(o.DisplayName, o.Name) }

// Revision is a target in force from a date on.
type Revision struct {
	From       time.Time `json:"from"`
	Target     float64   `json:"target"`
	Reason     string    `json:"reason,omitempty"`
	ApprovedBy []string  `json:"approvedBy,omitempty"`
}

// TargetAt returns the target in force at t.
func (o *Objective) TargetAt(t time.Time) float64 {
	target := o.Target
	for _, revision := range o.Revisions {
		if t.Before(revision.From) {
			break
		}
		target = revision.Target
	}
	return target
}

// TargetOfSlot returns the target that applies to the slot, of the given length, that
// ends at or holds t.
func (o *Objective) TargetOfSlot(t time.Time, length time.Duration) float64 {
	return o.TargetAt(t.Add(-time.Millisecond).Truncate(length))
}

// Budgeting is OpenSLO's budgetingMethod.
type Budgeting string

// The budgeting methods, as OpenSLO spells them.
const (
	Occurrences     Budgeting = "Occurrences"
	Timeslices      Budgeting = "Timeslices"
	RatioTimeslices Budgeting = "RatioTimeslices"
)

// MinSlice is the shortest length of a slice.
const MinSlice = time.Second

// NoData says how unmeasured time counts.
type NoData string

// The no-data policies; ignore is the default.
const (
	NoDataIgnore NoData = "ignore"
	NoDataGood   NoData = "good"
	NoDataBad    NoData = "bad"
)

// Op compares a threshold SLI with its value; it is good if the comparison holds.
type Op string

// The comparisons, as OpenSLO spells them.
const (
	LessOrEqual    Op = "lte"
	Less           Op = "lt"
	GreaterOrEqual Op = "gte"
	Greater        Op = "gt"
)

// Holds reports whether "value op threshold" is true.
func (op Op) Holds(value, threshold float64) bool {
	switch op {
	case LessOrEqual:
		return value <= threshold
	case Less:
		return value < threshold
	case GreaterOrEqual:
		return value >= threshold
	case Greater:
		return value > threshold
	}
	return false
}

// SLI is what is measured, in the query language of the server.
type SLI struct {
	Name        string
	DisplayName string
	Description string
	Kind        SLIKind

	// Total with exactly one of Good and Bad: a ratio of counters.
	Good, Bad, Total *Query
	// Gauge is the query of the time-based kinds.
	Gauge *Query
	// PerPeriod says that the samples of a ratio are counts to add up, not counters.
	PerPeriod bool `json:",omitzero"`
	// Recorded says that the counts are read from recording rules of the same
	// queries.
	Recorded bool

	Place Place
}

// SLIKind is how the queries of an SLI are interpreted.
type SLIKind string

// Ratio counts events. The others are time-based: evaluated once a minute.
const (
	Ratio      SLIKind = "ratio"      // good or bad events of total events
	RawSuccess SLIKind = "rawSuccess" // a gauge in 0..1, the ratio of success
	RawFailure SLIKind = "rawFailure" // a gauge in 0..1, the ratio of failure
	Threshold  SLIKind = "threshold"  // a gauge compared with Objective.Value
)

// TimeBased reports whether the SLI counts seconds rather than events.
func (k SLIKind) TimeBased() bool { return k != Ratio }

// Unit returns what the SLI counts.
func (k SLIKind) Unit() Unit {
	if k.TimeBased() {
		return Seconds
	}
	return Events
}

// Query is one query of an SLI: PromQL as written, or a native histogram.
type Query struct {
	// Expr is the query as written, placeholders included; empty for a
	// native histogram.
	Expr string `json:"query,omitempty"`
	// Histogram is a selector of native histograms. As good it counts the
	// observations at or below Below (in the histogram's own unit, seconds
	// for a latency); as total, all of them, and Below is 0.
	Histogram string  `json:"histogram,omitempty"`
	Below     float64 `json:"below,omitempty"`

	Place Place `json:"-"`
}

// BudgetRatio returns 1 − target, the share that may be bad, without the
// rounding error of the subtraction: 1 − 0.9 is 0.1.
func BudgetRatio(target float64) float64 {
	return math.Round((1-target)*1e15) / 1e15
}

// ParseRatio reads a ratio above 0 and at most 1 as people write it: 99.9% or 0.999.
func ParseRatio(text string) (float64, error) {
	number, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	number = strings.TrimSpace(number)
	ratio, err := strconv.ParseFloat(number, 64)
	whole := map[bool]float64{false: 1, true: 100}[isPercent]
	switch {
	case err != nil || !(ratio > 0):
		return 0, fmt.Errorf("%q: must be a ratio above 0, such as 99.9%% or 0.999", text)
	case ratio > whole && !isPercent && ratio <= 100:
		return 0, fmt.Errorf("%q: must be at most 100%% (did you mean %s%%?)", text, number)
	case ratio > whole:
		return 0, fmt.Errorf("%q: must be at most 100%%", text)
	case !isPercent:
		return ratio, nil
	}
	// As it is written, not as a quotient of floats.
	return strconv.ParseFloat(strconv.FormatFloat(ratio/100, 'g', 12, 64), 64)
}

// Unit is what the counts of an objective count.
type Unit string

// The units: events of counters, seconds of time-based SLIs, slices of time slices.
const (
	Events  Unit = "events"
	Seconds Unit = "seconds"
	Slices  Unit = "slices"
)

// Unit returns what the objective's total and bad count.
func (o *Objective) Unit() Unit {
	if o.Budgeting != Occurrences {
		return Slices
	}
	return o.SLI.Kind.Unit()
}

// Slot returns the length of the objective's slots, given the usual resolution: a slice
// must consist of whole slots.
func (o *Objective) Slot(resolution time.Duration) time.Duration {
	if o.Budgeting != Occurrences {
		return min(resolution, o.TimeSliceWindow)
	}
	return resolution
}

// Severity is how urgent an alert is.
type Severity string

// Page requires attention now, Ticket within a working day.
const (
	Page   Severity = "page"
	Ticket Severity = "ticket"
)

// AlertRule is a burn-rate alert before it is scaled to a window: it fires when
// Share of the budget is spent within Long, or above the given BurnRate.
type AlertRule struct {
	Severity Severity `json:"severity"`
	Share    float64  `json:"share,omitzero"` // of the window's budget, in (0, 1]
	// BurnRate replaces Share, and is the same in every window: 1 (on budget) or more.
	BurnRate float64  `json:"burnRate,omitzero"`
	Long     Duration `json:"long"`
}

// Short returns the short window, in which the budget must burn as fast as in the long one.
func (r AlertRule) Short() Duration { return r.Long / 12 }

// Factor returns the burn rate above which the alert fires in a window of the given
// length (docs/figures.md, «Burn rates and alerts»).
func (r AlertRule) Factor(window time.Duration) float64 {
	return cmp.Or(r.BurnRate, max(1, r.Share*float64(window)/float64(r.Long)))
}

const hour = Duration(time.Hour)

// usual are the default burn-rate alerts of an objective: the SRE workbook's table, for
// any window.
var usual = map[Severity][]AlertRule{
	Page:   {{Severity: Page, Share: 0.02, Long: hour}, {Severity: Page, Share: 0.05, Long: 6 * hour}},
	Ticket: {{Severity: Ticket, Share: 0.10, Long: 24 * hour}, {Severity: Ticket, Share: 0.10, Long: 72 * hour}},
}

// AlertRules returns the burn-rate alerts of the objective, whatever its window.
func (o *Objective) AlertRules() (rules []AlertRule) {
	for _, severity := range []Severity{Page, Ticket} {
		switch own := o.Alerts[severity]; {
		case own.Disabled:
		case len(own.Rules) > 0:
			rules = append(rules, own.Rules...)
		default:
			rules = append(rules, usual[severity]...)
		}
	}
	return rules
}

// LongestAlert returns the longest long window of the objective's alerts.
func (o *Objective) LongestAlert() (longest time.Duration) {
	for _, rule := range o.AlertRules() {
		longest = max(longest, time.Duration(rule.Long))
	}
	return longest
}

// Alerts configures the burn-rate alerts of an objective for one severity. The zero
// value stands for the default alerts.
type Alerts struct {
	Disabled bool
	// Rules replace the default alerts, one for each length of the long window.
	Rules []AlertRule
	// Labels and Annotations are added to the alerts.
	Labels, Annotations map[string]string
}

// With returns the alerts with more labels and annotations, which override existing ones.
func (a Alerts) With(labels, annotations map[string]string) Alerts {
	a.Labels, a.Annotations = merged(a.Labels, labels), merged(a.Annotations, annotations)
	return a
}

func merged(texts, more map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, texts)
	maps.Copy(all, more)
	return all
}

// Bounds of the rules of an objective.
const (
	MaxAlertRules = 20 // of a severity
	shortestLong  = hour
	longestLong   = 31 * 24 * hour
)

// CheckLong returns an error if the long window of an alert is too short or too long.
func CheckLong(long Duration) error {
	if long < shortestLong || long > longestLong {
		return fmt.Errorf("must be between %s and %s, got %s", shortestLong, longestLong, long)
	}
	return nil
}
