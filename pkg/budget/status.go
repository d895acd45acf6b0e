package budget

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
)

// State is the state of an objective.
type State string

// The states, in the order in which they are decided.
const (
	Inactive State = "inactive"
	NoData   State = "no_data"
	Breached State = "breached"
	AtRisk   State = "at_risk"
	Met      State = "met"
)

// States lists the states, the worst first.
var States = []State{Breached, AtRisk, NoData, Met, Inactive}

// Worst returns the worst of the states, Inactive if there are none.
func Worst(states ...State) State {
	return slices.MinFunc(append([]State{Inactive}, states...), ByWorst)
}

// ByWorst compares states to sort them, the worst first.
func ByWorst(a, b State) int { return slices.Index(States, a) - slices.Index(States, b) }

// AtRiskBelow is the remaining share of the budget below which an objective is at risk.
const AtRiskBelow = 0.25

// Status holds the figures of one objective and group as of an instant.
type Status struct {
	Balance
	Window agreement.Window
	State  State
	// Reason explains the state in plain words; empty for met.
	Reason string
	// Burn has a rate for each requested window; nil for a closed period.
	Burn []Burn
	// Exhaustion is when the budget runs out, or was spent; zero if it lasts.
	Exhaustion time.Time
	// Projected is the expected compliance at the end of a calendar window.
	Projected Figure
	// Forecast is above 1 if a breach is expected: the share of the budget spent by the end
	// of a calendar window; for a rolling one, a tenth of its length divided by the time until
	// exhaustion. Absent for a closed period, and for a calendar window without a recent rate.
	Forecast Figure
	Alerts   []Alert
	// Closed reports whether the window is a whole past period.
	Closed bool
	// MeasuredUntil is the end of the last measured slot or minute in scope; zero if
	// there is none among those that were read.
	MeasuredUntil time.Time
	// Blind is the time in scope since MeasuredUntil, in which nothing was measured;
	// 0 for a closed period.
	Blind time.Duration
}

// Burn is the burn rate over a wall-clock window.
type Burn struct {
	Window time.Duration
	Rate   Figure
}

// Question asks a ledger for a status.
type Question struct {
	Window agreement.Window
	// Effective is when the agreement is in effect.
	Effective   agreement.Period
	BurnWindows []time.Duration
	At          time.Time
}

// Inactive returns why the agreement is not in effect in the question's window, empty
// if it is.
func (q Question) Inactive() string {
	s := spanAt(q.Window, q.At)
	begins, ends := !q.Effective.From.IsZero(), !q.Effective.Until.IsZero()
	from, until := q.Effective.From.UnixMilli(), q.Effective.Until.UnixMilli()
	switch {
	case q.closed() && begins && s.to <= from:
		return "the period ended before the agreement began"
	case q.closed() && ends && s.from >= until:
		return "the period began after the agreement ended"
	case q.closed():
	case begins && s.to < from:
		return "the agreement begins on " + q.Effective.From.Format("2 January 2006")
	case ends && s.to >= until:
		return "the agreement ended: its last day was " + q.Effective.LastDay()
	}
	return ""
}

// To returns the last instant that the answer covers: At, or the end of a past period.
func (q Question) To() time.Time { return instant(spanAt(q.Window, q.At).to) }

// closed reports whether the window is a whole past period.
func (q Question) closed() bool { return q.Window.Offset < 0 }

// Status returns the status of the objective (docs/figures.md, «States»).
func (l *Ledger) Status(q Question) Status {
	if reason := q.Inactive(); reason != "" {
		return EmptyStatus(q.Window, q.At, Inactive, reason)
	}
	s := spanAt(q.Window, q.At)
	status := Status{Balance: l.balance(q.Window, s), Window: q.Window, Projected: Absent, Forecast: Absent, Closed: q.closed()}
	if status.Breached() {
		status.Exhaustion = l.spent(s, float64(status.Allowed))
	}
	readFrom := s.from
	if !status.Closed {
		readFrom = l.begin
	}
	until, measured := l.measuredUntil(readFrom, s.to)
	if measured {
		status.MeasuredUntil = instant(until)
	}
	if !status.Closed {
		status.Blind = milliseconds(l.in.Length(until, min(s.to, l.end)))
		for _, window := range q.BurnWindows {
			status.Burn = append(status.Burn, Burn{window, l.Burn(window, q.At)})
		}
		status.Alerts = l.Alerts(q.Window, q.At)
		if status.Exhaustion.IsZero() {
			status.Exhaustion = l.exhaustion(q.Window, s, status.Balance, q.Effective.Until)
		}
		if q.Window.IsCalendar() {
			status.Projected, status.Forecast = l.project(q.Window, s, status.Balance)
		} else {
			status.Forecast = rollingForecast(s, status)
		}
	}
	status.State, status.Reason = l.judge(status)
	if status.Blind >= BlindAfter { // the state describes the window, alerts describe now
		for i := range status.Alerts {
			status.Alerts[i].Value, status.Alerts[i].Reason = Absent, status.BlindText()
		}
	}
	return status
}

// rollingForecast compares a tenth of the window with the time until the budget runs
// out. A window that is breached already needs no forecast: it has the share consumed.
func rollingForecast(s span, status Status) Figure {
	switch {
	case status.Breached():
		return status.Consumed
	case status.Exhaustion.IsZero():
		return 0
	}
	return Figure(Consumed(float64(s.length())/10, float64(status.Exhaustion.UnixMilli()-s.to)))
}

// EmptyStatus returns the status of a window in which the agreement is not in effect,
// or nothing could be measured.
func EmptyStatus(window agreement.Window, at time.Time, state State, reason string) Status {
	s := spanAt(window, at)
	balance := Unmeasured
	balance.From, balance.To = instant(s.from), instant(s.to)
	return Status{Balance: balance, Window: window, State: state, Reason: reason, Projected: Absent, Forecast: Absent}
}

func (l *Ledger) judge(status Status) (State, string) {
	switch {
	case status.Total <= 0 && !status.Coverage.Known():
		return NoData, "nothing in the window is in scope"
	case status.Total <= 0 && status.Coverage > 0:
		return NoData, "no events in the window"
	case status.Total <= 0:
		return NoData, "nothing was measured in the window"
	case status.Coverage.Known() && float64(status.Coverage) < l.objective.MinCoverage-Tolerance:
		return NoData, fmt.Sprintf("%s of the time was measured, minCoverage is %s",
			status.Coverage.Share(), Figure(l.objective.MinCoverage).Share())
	case status.Breached():
		return Breached, "more was bad than the error budget allows"
	case status.Closed:
		return Met, ""
	case float64(status.Remaining) < AtRiskBelow-Tolerance:
		return AtRisk, status.Remaining.Share() + " of the error budget is left"
	}
	for _, alert := range status.Alerts {
		if alert.Fires() {
			return AtRisk, fmt.Sprintf("burning %s times too fast over %s and %s", min(alert.LongBurn, alert.ShortBurn).Rate(), alert.Long, alert.Short)
		}
	}
	if float64(status.Forecast) > 1+Tolerance {
		return AtRisk, "at this rate the error budget will not last"
	}
	return Met, ""
}

// EarliestNeeded returns from when on slots must be read to answer a question: for the window, its
// burn windows, the base of its projection, and the in-scope time that alerts and forecast look at.
func EarliestNeeded(o *agreement.Objective, q Question, in scope.Intervals) time.Time {
	s := spanAt(q.Window, q.At)
	if s.to < q.At.UnixMilli() {
		return instant(s.from)
	}
	from := s.from
	if q.Window.IsCalendar() {
		from = min(from, s.to-projectionBase.Milliseconds())
	}
	length := s.length()
	longest := max(o.LongestAlert(), paceLength(length))
	return earliest(min(from, in.Back(s.to, longest.Milliseconds(), s.to-length)), s.to, q.BurnWindows)
}

// LookbackStart returns the earliest instant that [EarliestNeeded] can return, whatever
// the scope.
func LookbackStart(window agreement.Window, burnWindows []time.Duration, at time.Time) time.Time {
	s := spanAt(window, at)
	return earliest(s.to-max(s.length(), projectionBase.Milliseconds()), s.to, burnWindows)
}

// earliest returns the start of the longest burn window, or from if that is earlier.
func earliest(from, to int64, burnWindows []time.Duration) time.Time {
	for _, window := range burnWindows {
		from = min(from, to-window.Milliseconds())
	}
	return instant(from)
}

// Horizon returns until when the scope must be known: the end of a calendar period, or
// at plus the length of a rolling window, the time in which its budget may run out.
func Horizon(window agreement.Window, at time.Time) time.Time {
	_, end := window.At(at)
	return end.Add(window.Rolling)
}

// BlindAfter is the time in scope without measurements after which an open window is
// blind: its state still describes the window, but no longer the present.
const BlindAfter = time.Hour

// WholeCoverage is the coverage below which figures are shown together with it.
const WholeCoverage = 0.99

// measuredUntil returns the end of the last slot in (from, to] and in scope in which
// something was measured; from if there is none.
func (l *Ledger) measuredUntil(from, to int64) (until int64, measured bool) {
	to = min(to, l.end)
	first, end := l.in.Between(from, to)
	for _, span := range slices.Backward(l.in.Intervals[first:end]) {
		last, ok := l.view.LastMeasured(min(to, span.To))
		if !ok {
			break
		}
		// Of a slot that the interval cuts, only the part inside was measured in scope.
		if to = min(to, last); to > max(from, span.From) {
			return min(to, span.To), true
		}
	}
	return from, false
}

// Remarks returns what the figures do not cover. They must be shown wherever the
// figures are.
func (s Status) Remarks() (remarks []string) {
	if s.Blind >= BlindAfter && s.State != NoData {
		remarks = append(remarks, s.BlindText())
	}
	if s.Coverage < WholeCoverage-Tolerance && (s.State != NoData || s.Coverage > 0 && s.Total <= 0) { // else the reason says it
		remarks = append(remarks, s.Coverage.Share()+" of the time was measured")
	}
	return remarks
}

// BlindText says since when nothing was measured; empty if Blind is 0.
func (s Status) BlindText() string {
	switch {
	case s.Blind == 0:
		return ""
	case s.MeasuredUntil.IsZero():
		return "nothing was measured for " + agreement.FormatDuration(s.Blind.Truncate(time.Second))
	}
	return "nothing measured since " + agreement.FormatInstant(s.MeasuredUntil.In(cmp.Or(s.Window.Zone, time.UTC)))
}
