package measure

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// SeriesKind is what a series shows over time.
type SeriesKind string

// The kinds of series.
const (
	// ComplianceSeries is the window's compliance as of each point, a ratio.
	ComplianceSeries SeriesKind = "compliance"
	// BudgetSeries is the share of the window's error budget that is left.
	BudgetSeries SeriesKind = "budget"
	// BurnRateSeries is the burn rate, a series for each burn window.
	BurnRateSeries SeriesKind = "burnRate"
	// SLISeries is the good ratio of what was counted since the point before.
	SLISeries SeriesKind = "sli"
	// EventsSeries is how much of it was good and how much was bad, two series
	// told apart by CountedLabel: events, or seconds or slices of objectives
	// that count those.
	EventsSeries SeriesKind = "events"
)

// CountedLabel says what a series of EventsSeries counts: Good or Bad.
const (
	CountedLabel = "counted"
	Good         = "good"
	Bad          = "bad"
)

// SeriesKinds are all kinds, in the order in which they are told to users.
func SeriesKinds() []SeriesKind {
	return []SeriesKind{ComplianceSeries, BudgetSeries, BurnRateSeries, SLISeries, EventsSeries}
}

// SeriesQuestion asks for one objective over time.
type SeriesQuestion struct {
	Kind SeriesKind
	// From and To bound the points, which lie on slot edges in (From, To].
	From, To time.Time
	// Step between points; rounded up to whole slots.
	Step time.Duration
	// Window overrides that of the objective; nil keeps it.
	Window *agreement.Window
	// BurnWindows of BurnRateSeries, default DefaultBurnWindows.
	BurnWindows []time.Duration
	// Raw takes every slot rather than those in scope.
	Raw bool
}

// MaxPoints of one series.
const MaxPoints = 50_000

// Series is one line over time.
type Series struct {
	Labels map[string]string
	Points []Point
}

// Point is a figure at an instant; Value may be absent.
type Point struct {
	At    time.Time
	Value budget.Figure
}

// Series measures one objective over time, one series a group (and burn
// window, or what is counted).
func (s *Service) Series(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, q SeriesQuestion) (all []Series, m counting.Measurement, err error) {
	defer parallel.Recover(&err)
	window := o.Window
	if q.Window != nil {
		window = InZone(*q.Window, a, o)
	}
	if q.BurnWindows == nil {
		q.BurnWindows = DefaultBurnWindows()
	}
	resolution := s.Resolution()
	if o.Budgeting != agreement.Occurrences {
		resolution = max(o.TimeSliceWindow, resolution)
	}
	q.Step = max(1, (q.Step+resolution-1)/resolution) * resolution
	instants, err := q.instants()
	if err != nil {
		return nil, m, err
	}
	if o.OtherConnection != "" {
		return nil, m, errors.New(o.OtherConnection)
	}
	from, to := q.readFrom(window), q.To
	if len(instants) > 0 {
		to = instants[len(instants)-1] // no point looks at what comes after it
	}
	end := budget.Horizon(window, to)
	reading, err := s.Read(ctx, a, o, from, to, end, func(scope.Intervals) time.Time { return from })
	if err != nil {
		return nil, m, err
	}
	for _, ledgers := range reading.Ledgers(from, to) {
		ledger := ledgers.Adjusted
		if q.Raw {
			ledger = ledgers.Raw(from)
		}
		all = append(all, q.lines(a, o, ledgers.Group, ledger, window, instants)...)
	}
	return all, reading.Measurement, nil
}

// instants are the points: ascending slot edges, ending at the last one.
func (q SeriesQuestion) instants() ([]time.Time, error) {
	if !q.From.Before(q.To) {
		return nil, fmt.Errorf("the range ends (%s) before it begins (%s)", q.To.Format(time.RFC3339), q.From.Format(time.RFC3339))
	}
	step := q.Step.Milliseconds()
	if points := slots.Floor(q.To.UnixMilli(), step)/step - slots.Floor(q.From.UnixMilli(), step)/step; points > MaxPoints {
		return nil, fmt.Errorf("%d points asked for, the limit is %d: take a longer step or a shorter range", points, MaxPoints)
	}
	return slices.Collect(budget.Instants(q.From, q.To, q.Step)), nil
}

// readFrom is how far back slots are needed.
func (q SeriesQuestion) readFrom(window agreement.Window) time.Time {
	switch q.Kind {
	case SLISeries, EventsSeries:
		return q.From.Add(-q.Step)
	case BurnRateSeries:
		from := q.From
		for _, burn := range q.BurnWindows {
			if start := q.From.Add(-burn); start.Before(from) {
				from = start
			}
		}
		return from
	}
	from, _ := window.At(q.From)
	return from
}

func (q SeriesQuestion) lines(a *agreement.Agreement, o *agreement.Objective, group map[string]string,
	ledger *budget.Ledger, window agreement.Window, instants []time.Time) []Series {
	line := func(windowText string, value func(at time.Time) budget.Figure, counted ...string) Series {
		labels := map[string]string{"agreement": a.Name, "objective": o.Name, "service": a.Service, "window": windowText}
		if len(counted) > 0 {
			labels[CountedLabel] = counted[0]
		}
		if a.Provider != "" {
			labels["provider"] = a.Provider
		}
		maps.Copy(labels, groupLabels(group, labels))
		series := Series{Labels: labels, Points: make([]Point, 0, len(instants))}
		for _, at := range instants {
			figure := budget.Absent
			if (budget.Question{Window: window, Effective: a.Effective, At: at}).Inactive() == "" || q.Raw {
				figure = value(at)
			}
			series.Points = append(series.Points, Point{at, figure})
		}
		return series
	}
	switch q.Kind {
	case BudgetSeries:
		return []Series{line(window.String(), func(at time.Time) budget.Figure { return ledger.Balance(window, at).Remaining })}
	case SLISeries:
		return []Series{line(agreement.FormatDuration(q.Step), func(at time.Time) budget.Figure { return ledger.Ratio(at.Add(-q.Step), at) })}
	case EventsSeries:
		step := agreement.FormatDuration(q.Step)
		return []Series{
			line(step, func(at time.Time) budget.Figure { good, _ := ledger.GoodBad(at.Add(-q.Step), at); return good }, Good),
			line(step, func(at time.Time) budget.Figure { _, bad := ledger.GoodBad(at.Add(-q.Step), at); return bad }, Bad),
		}
	case BurnRateSeries:
		var all []Series
		for _, burn := range q.BurnWindows {
			all = append(all, line(agreement.FormatDuration(burn), func(at time.Time) budget.Figure { return ledger.Burn(burn, at) }))
		}
		return all
	}
	return []Series{line(window.String(), func(at time.Time) budget.Figure { return ledger.Balance(window, at).Compliance })}
}

// groupLabels are the group's labels; one that collides with a label of ours
// appears as group_<name>.
func groupLabels(group, ours map[string]string) map[string]string {
	labels := make(map[string]string, len(group))
	for name, value := range group {
		if _, taken := ours[name]; taken {
			name = "group_" + name
		}
		labels[name] = value
	}
	return labels
}
