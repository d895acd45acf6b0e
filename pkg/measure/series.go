package measure

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/parallel"
)

// SeriesKind is what a series shows over time.
type SeriesKind string

// The kinds of series.
const (
	// ComplianceSeries is the window's compliance as of each point, a ratio.
	ComplianceSeries SeriesKind = "compliance"
	// BudgetSeries is the remaining share of the window's error budget.
	BudgetSeries SeriesKind = "budget"
	// BurnRateSeries is the burn rate, a series for each burn window.
	BurnRateSeries SeriesKind = "burnRate"
	// SLISeries is the ratio of good to total since the previous point.
	SLISeries SeriesKind = "sli"
	// EventsSeries is what was good and what was bad since the previous point, two
	// series that differ in CountedLabel: events, or seconds or slices for objectives
	// that count these.
	EventsSeries SeriesKind = "events"
)

// CountedLabel says what a series of EventsSeries counts: Good or Bad.
const (
	CountedLabel = "counted"
	Good         = "good"
	Bad          = "bad"
)

// SeriesKinds lists all kinds, in the order of the documentation.
func SeriesKinds() []SeriesKind {
	return []SeriesKind{ComplianceSeries, BudgetSeries, BurnRateSeries, SLISeries, EventsSeries}
}

// SeriesQuestion asks for one objective over time.
type SeriesQuestion struct {
	Kind SeriesKind
	// From and To bound the points, which lie on slot edges in (From, To].
	From, To time.Time
	// Step between points; rounded up to whole slots or slices.
	Step time.Duration
	// Window overrides that of the objective; nil keeps it.
	Window *agreement.Window
	// BurnWindows of BurnRateSeries, default DefaultBurnWindows.
	BurnWindows []time.Duration
	// Raw counts every slot, in scope or not.
	Raw bool
	// Points counts the points of all series of one question, which have a common
	// limit; nil: of this objective alone.
	Points *atomic.Int64
}

// Series is one line over time.
type Series struct {
	Labels map[string]string `json:"labels"`
	Points []Point           `json:"points"`
	// Group has the labels of its group, empty without groupBy.
	Group map[string]string `json:"-"`
}

// Point is a figure at an instant; Value may be absent.
type Point struct {
	At    time.Time
	Value budget.Figure
}

// MarshalJSON writes [unixSeconds, value|null].
func (p Point) MarshalJSON() ([]byte, error) { return json.Marshal([2]any{p.At.Unix(), p.Value}) }

// Series measures one objective over time: one series per group (and burn window, or
// what is counted).
func (s *Service) Series(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, q SeriesQuestion) (all []Series, m counting.Measurement, err error) {
	defer parallel.Recover(&err)
	window := InZone(*cmp.Or(q.Window, &o.Window), a, o)
	if q.BurnWindows == nil {
		q.BurnWindows = DefaultBurnWindows()
	}
	if q.Points == nil || s.plan != nil {
		q.Points = new(atomic.Int64)
	}
	resolution := s.Resolution()
	if o.Budgeting != agreement.Occurrences {
		resolution = max(o.TimeSliceWindow, resolution)
	}
	q.Step = max(1, (min(q.Step, longestStep)+resolution-1)/resolution) * resolution
	if err := s.checkSeries(q); err != nil {
		return nil, m, err
	}
	instants := slices.Collect(budget.Instants(context.Background(), q.From, q.To, q.Step))
	perGroup := len(q.lines(nil, window)) * len(instants)
	if err := q.countPoints(perGroup); err != nil {
		return nil, m, err
	}
	if o.OtherConnection != "" {
		return nil, m, errors.New(o.OtherConnection)
	}
	from, to := q.readFrom(window), q.To
	if len(instants) > 0 {
		to = instants[len(instants)-1] // no point looks at what comes after it
	}
	readTo := to
	if _, closed := s.Settled(to); !closed {
		readTo = q.To // as a status does, so that both share their requests
	}
	reading, err := s.Read(ctx, a, o, from, readTo, budget.Horizon(window, readTo))
	if err != nil {
		return nil, m, err
	}
	if err := q.countPoints((len(reading.Groups(from, to)) - 1) * perGroup); err != nil {
		return nil, m, err
	}
	for ledgers := range reading.Ledgers(ctx, from, to) {
		ledger := ledgers.Adjusted
		if q.Raw {
			ledger = ledgers.Raw(from)
		}
		for _, line := range q.lines(ledger, window) {
			series := Series{Labels: line.labels(a, o, ledgers.Group), Points: make([]Point, 0, len(instants)), Group: ledgers.Group}
			for _, at := range instants {
				if ctx.Err() != nil {
					return nil, m, ctx.Err()
				}
				figure := budget.Absent
				if (budget.Question{Window: window, Effective: a.Effective, At: at}).Inactive() == "" || q.Raw {
					figure = line.value(at)
				}
				series.Points = append(series.Points, Point{at, figure})
			}
			all = append(all, series)
		}
	}
	return all, reading.Described(), ctx.Err()
}

// readFrom returns the instant from which slots are needed.
func (q SeriesQuestion) readFrom(window agreement.Window) time.Time {
	switch q.Kind {
	case SLISeries, EventsSeries:
		return q.From.Add(-q.Step)
	case BurnRateSeries:
		return q.From.Add(-slices.Max(append([]time.Duration{0}, q.BurnWindows...)))
	}
	from, _ := window.At(q.From)
	return from
}

// line is one line of a series: its window, what it counts, and its value as of an instant.
type line struct {
	window, counted string
	value           func(at time.Time) budget.Figure
}

func (q SeriesQuestion) lines(ledger *budget.Ledger, window agreement.Window) []line {
	step := agreement.FormatDuration(q.Step)
	sinceLast := func(at time.Time) budget.Counts { return ledger.Count(at.Add(-q.Step).UnixMilli(), at.UnixMilli()) }
	known := func(counts budget.Counts, value float64) budget.Figure {
		if counts.Total <= 0 {
			return budget.Absent
		}
		return budget.Figure(value)
	}
	switch q.Kind {
	case BudgetSeries:
		return []line{{window.String(), "", func(at time.Time) budget.Figure { return ledger.Balance(window, at).Remaining }}}
	case SLISeries:
		return []line{{step, "", func(at time.Time) budget.Figure { return sinceLast(at).Compliance() }}}
	case EventsSeries:
		return []line{
			{step, Good, func(at time.Time) budget.Figure { c := sinceLast(at); return known(c, c.Total-c.Bad) }},
			{step, Bad, func(at time.Time) budget.Figure { c := sinceLast(at); return known(c, c.Bad) }},
		}
	case BurnRateSeries:
		var all []line
		for _, burn := range q.BurnWindows {
			all = append(all, line{agreement.FormatDuration(burn), "", func(at time.Time) budget.Figure { return ledger.Burn(burn, at) }})
		}
		return all
	}
	return []line{{window.String(), "", func(at time.Time) budget.Figure { return ledger.Balance(window, at).Compliance }}}
}

// labels returns the labels of the line; a label of the group whose name is already used
// becomes group_<name>.
func (l line) labels(a *agreement.Agreement, o *agreement.Objective, group map[string]string) map[string]string {
	labels := map[string]string{"agreement": a.Name, "objective": o.Name, "service": a.Service, "window": l.window}
	if l.counted != "" {
		labels[CountedLabel] = l.counted
	}
	if a.Provider != "" {
		labels["provider"] = a.Provider
	}
	used := agreement.Names{}
	for name := range labels {
		used.Add(name, "")
	}
	for _, name := range slices.Sorted(maps.Keys(group)) {
		labels[used.Add(name, "group_")] = group[name]
	}
	return labels
}
