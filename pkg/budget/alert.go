package budget

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// AlertOver returns the rule's alert for a window of the given length. It does not
// exist if its long window is not shorter than the window itself.
func AlertOver(rule agreement.AlertRule, window time.Duration) (alert Alert, exists bool) {
	if rule.BurnRate > 0 {
		rule.Share = rule.BurnRate * float64(rule.Long) / float64(window)
	}
	return Alert{AlertRule: rule, Short: rule.Short(), Factor: rule.Factor(window)}, time.Duration(rule.Long) < window
}

// Alert is the state of one multi-window burn-rate alert.
type Alert struct {
	// AlertRule is the rule behind the alert. For a rule that gives a BurnRate, Share
	// is set too: what is spent within Long at that rate.
	agreement.AlertRule
	// Short is the length of the short window, in time in scope like that of the long one.
	Short  agreement.Duration `json:"short"`
	Factor float64            `json:"factor"`
	// LongBurn and ShortBurn are burn rates as in [Ledger.Burn], but over time in scope.
	LongBurn  Figure `json:"-"`
	ShortBurn Figure `json:"-"`
	// Value is min(LongBurn, ShortBurn) / Factor: above 1 the alert fires.
	Value Figure `json:"-"`
	// Reason says why Value is absent, or why the alert is quiet although the budget burns.
	Reason string `json:"-"`
}

// Fires reports whether the alert fires.
func (a Alert) Fires() bool { return float64(a.Value) > 1+Tolerance }

// Alerts returns the burn-rate alerts of the window as of at.
func (l *Ledger) Alerts(window agreement.Window, at time.Time) []Alert {
	length := spanAt(window, at).length()
	alerts := AlertsOver(l.objective, milliseconds(length))
	for i := range alerts {
		alerts[i] = l.alert(alerts[i], at, length)
	}
	return alerts
}

// AlertsOver returns the objective's alerts in a window of the given length, not yet measured.
func AlertsOver(o *agreement.Objective, window time.Duration) []Alert {
	var alerts []Alert
	for _, rule := range o.AlertRules() {
		if alert, exists := AlertOver(rule, window); exists {
			alerts = append(alerts, alert)
		}
	}
	return alerts
}

// HighestBurn returns the burn rate while everything is bad, 1 / (1 − target).
func HighestBurn(target float64) float64 { return Consumed(1, agreement.BudgetRatio(target)) }

// CanFire reports whether the alert fires while everything is bad.
func (a Alert) CanFire(target float64) bool { return HighestBurn(target) > a.Factor*(1+Tolerance) }

func (l *Ledger) alert(alert Alert, at time.Time, window int64) Alert {
	long := l.lastInScope(time.Duration(alert.Long), at, window)
	short := l.lastInScope(time.Duration(alert.Short), at, window)
	alert.LongBurn, alert.ShortBurn = l.burn(long, at), l.burn(short, at)
	alert.Value = min(alert.LongBurn, alert.ShortBurn) / Figure(alert.Factor)
	// Regardless of the no-data policy: the first scrape after a gap does not show that nothing burns.
	switch target := l.targetAt(at.UnixMilli()); {
	case long.InScope > 0 && long.Measured <= 0:
		alert.Value, alert.Reason = Absent, fmt.Sprintf("nothing was measured in the last %s", alert.Long)
	case short.Measured < short.InScope/2-Tolerance:
		alert.Value, alert.Reason = Absent, fmt.Sprintf("less than half of the last %s was measured", alert.Short)
	case long.Total < l.objective.MinEvents:
		alert.Value = 0
		alert.Reason = fmt.Sprintf("%.0f in the last %s, fewer than minEvents %.0f",
			long.Total, alert.Long, l.objective.MinEvents)
	case !alert.CanFire(target):
		alert.Reason = fmt.Sprintf("can never fire: its factor %s is above the highest burn rate there is, %s",
			Figure(alert.Factor).Rate(), Figure(HighestBurn(target)).Rate())
	}
	return alert
}

// lastInScope counts the last length of in-scope time before at, reaching back
// over time that is out of scope, but not beyond the window's length.
func (l *Ledger) lastInScope(length time.Duration, at time.Time, window int64) Counts {
	to := at.UnixMilli()
	return l.Count(l.in.Back(to, length.Milliseconds(), to-window), to)
}

// AlertValue returns the highest value of the severity's alerts and its reason; above 1
// an alert fires. The value is absent if there is no alert, or if none fires and one
// could not be measured: missing data must not resolve an alert.
func AlertValue(alerts []Alert, severity agreement.Severity) (value Figure, reason string) {
	severest := Alert{Value: Absent}
	var unmeasured []string
	for _, alert := range alerts {
		switch {
		case alert.Severity != severity:
		case !alert.Value.Known():
			unmeasured = append(unmeasured, alert.Reason)
		case !severest.Value.Known() || alert.Value > severest.Value:
			severest = alert
		}
	}
	if len(unmeasured) > 0 && !severest.Fires() {
		return Absent, unmeasured[0]
	}
	return severest.Value, severest.Reason
}

// FiringSeverity returns the severity of the severest firing alert, empty if none fires.
func FiringSeverity(alerts []Alert) (severest agreement.Severity) {
	for _, alert := range alerts {
		if alert.Fires() && severest != agreement.Page {
			severest = alert.Severity
		}
	}
	return severest
}

// Firing is a stretch of time in which a burn-rate alert fired.
type Firing struct {
	// Alert is the alert as of From.
	Alert
	// From is the first evaluation at which the alert fires, To the first at which it no
	// longer does; null if it still fires at the last one.
	From time.Time  `json:"from"`
	To   *time.Time `json:"to"`
	// Consumed is the share of the window's budget that was spent by From.
	Consumed Figure `json:"consumed"`
	// PeakBurn is the maximum of min(LongBurn, ShortBurn) while it fired.
	PeakBurn Figure `json:"peakBurn"`
}

// Firings returns when the objective's alerts fired, in order of their start. Alerts are
// evaluated at the multiples of step in (from, to] until ctx is done. An evaluation that
// could not be measured neither starts nor ends a firing.
func (l *Ledger) Firings(ctx context.Context, window agreement.Window, from, to time.Time, step time.Duration) []Firing {
	done, rules := []Firing{}, l.objective.AlertRules()
	open := make([]*Firing, len(rules))
	for at := range Instants(ctx, from, to, step) {
		length := spanAt(window, at).length()
		for i, rule := range rules {
			alert, exists := AlertOver(rule, milliseconds(length))
			if exists {
				alert = l.alert(alert, at, length)
			}
			switch burn := min(alert.LongBurn, alert.ShortBurn); {
			case !alert.Value.Known():
			case alert.Fires() && open[i] == nil:
				open[i] = &Firing{Alert: alert, From: at, Consumed: l.Balance(window, at).Consumed, PeakBurn: burn}
			case alert.Fires():
				open[i].PeakBurn = max(open[i].PeakBurn, burn)
			case open[i] != nil:
				open[i].To = &at
				done, open[i] = append(done, *open[i]), nil
			}
		}
	}
	for _, still := range open {
		if still != nil {
			done = append(done, *still)
		}
	}
	slices.SortStableFunc(done, func(a, b Firing) int { return a.From.Compare(b.From) })
	return done
}

// Instants yields the multiples of step in (from, to] in ascending order until ctx is done.
func Instants(ctx context.Context, from, to time.Time, step time.Duration) iter.Seq[time.Time] {
	length := step.Milliseconds()
	return func(yield func(time.Time) bool) {
		for at := from.UnixMilli() - from.UnixMilli()%length + length; at <= to.UnixMilli(); at += length {
			if ctx.Err() != nil || !yield(instant(at)) {
				return
			}
		}
	}
}

// Notice is the severity of what should be known before it becomes an alert.
const Notice agreement.Severity = "notice"

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notices.
const (
	// ReviewIsDue applies to an agreement, IsBlind to an objective, BudgetIsSpent to
	// each group of an objective.
	ReviewIsDue   NoticeKind = "review_due"
	IsBlind       NoticeKind = "blind"
	BudgetIsSpent NoticeKind = "budget"
)

// NoticeLevel is how far a budget is spent.
type NoticeLevel string

// The levels of BudgetIsSpent, the severest last.
const (
	HalfSpent          NoticeLevel = "half"
	ThreeQuartersSpent NoticeLevel = "three_quarters"
	BreachProjected    NoticeLevel = "projected"
	AllSpent           NoticeLevel = "spent"
)

// BlindNotice is the time in scope without measurements after which there is a notice.
const BlindNotice = 15 * time.Minute

// NoticeValue is a notice as of an instant: above 1 it fires.
type NoticeValue struct {
	Kind  NoticeKind
	Level NoticeLevel // of BudgetIsSpent
	Value Figure
	// Reason explains the value; it is empty for one that is computed from a budget.
	Reason string
}

// Notices returns the notices of an objective: on the time without measurements, on the
// budget spent relative to each level, and on the forecast. Of those on the budget only
// the severest is above 1. A value is absent if it could not be measured, and 0 if the
// objective is inactive.
func Notices(s Status) []NoticeValue {
	notices := []NoticeValue{
		{Kind: IsBlind, Value: Figure(s.Blind.Seconds() / BlindNotice.Seconds()), Reason: s.BlindText()},
		{Kind: BudgetIsSpent, Level: AllSpent, Value: s.Consumed}, {Kind: BudgetIsSpent, Level: BreachProjected, Value: s.Forecast},
		{Kind: BudgetIsSpent, Level: ThreeQuartersSpent, Value: s.Consumed / 0.75}, {Kind: BudgetIsSpent, Level: HalfSpent, Value: s.Consumed / 0.5},
	}
	var severest NoticeLevel
	for i := range notices {
		n := &notices[i]
		switch {
		case s.State == Inactive:
			n.Value, n.Reason = 0, s.Reason
		case s.State == NoData && (n.Kind == BudgetIsSpent || !s.Coverage.Known()):
			n.Value, n.Reason = Absent, s.Reason
		case n.Kind == IsBlind:
		case severest != "":
			n.Value, n.Reason = 0, "the notice on the budget is the severer one: "+string(severest)
		case n.Value > 1:
			severest = n.Level
		case !n.Value.Known():
			n.Reason = "nothing was measured that a forecast could be made from"
		}
	}
	return notices
}

// reviewNotice is how long before a review its notice fires.
const reviewNotice = 14 * 24 * time.Hour

// ReviewNotice returns the notice on a review: 1 two weeks before it is due, 2 when it is
// due, rising by 1 every two weeks. It does not exist if due is zero.
func ReviewNotice(due, at time.Time) (notice NoticeValue, exists bool) {
	if due.IsZero() {
		return NoticeValue{}, false
	}
	value := 2 - due.Sub(at).Seconds()/reviewNotice.Seconds()
	return NoticeValue{Kind: ReviewIsDue, Value: Figure(max(0, value)),
		Reason: fmt.Sprintf("the review is due on %s", due.Format("2 January 2006"))}, true
}
