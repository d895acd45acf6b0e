package measure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// Evidence is all that the figures of one objective over one whole period are
// made of. [Evidence.Stand] makes them of it, without asking anybody.
type Evidence struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	// Window is the calendar window whose period it is; (From, To] the period.
	Window   agreement.Window
	From, To time.Time
	// Scope reaches over the period.
	Scope scope.Scope
	// Groups are those that have a slot with something in it, by label.
	Groups []GroupSlots
	// Measurement says how they were counted.
	Measurement Measurement
	// Missing says why there is nothing, where that can be told.
	Missing string
}

// GroupSlots is what was counted for one group: a slot each from the one that
// holds the period's start, and what of the last one lies in the period where
// the end cuts it.
type GroupSlots struct {
	Labels map[string]string
	Slots  []slots.Slot
	Head   slots.Slot
}

// FirstSlot is the start of the first slot of the period.
func (v Evidence) FirstSlot() time.Time {
	return time.UnixMilli(floor(v.From.UnixMilli(), v.Measurement.Resolution.Milliseconds())).UTC()
}

// HeadFrom is the start of the slot that the period's end cuts; To where the
// end is a slot's edge.
func (v Evidence) HeadFrom() time.Time {
	return time.UnixMilli(floor(v.To.UnixMilli(), v.Measurement.Resolution.Milliseconds())).UTC()
}

// SlotCount is the number of whole slots of each group.
func (v Evidence) SlotCount() int {
	return int(v.HeadFrom().Sub(v.FirstSlot()) / v.Measurement.Resolution)
}

// PeriodOf is the period as the objective is measured over it: in the zone of
// its calendar window, else in that of its agreement.
func PeriodOf(a *agreement.Agreement, o *agreement.Objective, period agreement.CalendarPeriod) (window agreement.Window, from, to time.Time) {
	window = overridden(agreement.Window{Calendar: period.Unit}, a, o)
	if window.Zone == nil {
		window.Zone = time.UTC
	}
	from, to = period.Span(window.Zone)
	return window, from.UTC(), to.UTC()
}

// Evidence counts an objective over a whole period anew, whatever is
// remembered of it. All slots of the period must be closed, see
// [Engine.Settled].
func (e *Engine) Evidence(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, period agreement.CalendarPeriod) (v Evidence, err error) {
	defer recovered(&err)
	if o.OtherConnection != "" {
		return v, errors.New(o.OtherConnection)
	}
	v = Evidence{Agreement: a, Objective: o}
	v.Window, v.From, v.To = PeriodOf(a, o, period)
	if v.Scope, err = scope.Of(a, v.From, v.To); err != nil {
		return v, err
	}
	anew := e.Anew(e.options.Resolution)
	t, err := anew.newTask(ctx, o, v.To)
	if err != nil {
		return v, err
	}
	v.Measurement = Measurement{Method: t.method, Resolution: t.resolution, Queries: t.queries(), Notes: t.notes()}
	if v.Groups, err = anew.countAll(ctx, t, &v); err != nil {
		return v, err
	}
	v.Missing, err = anew.diagnose(ctx, v.reading())
	return v, err
}

// maxSlots of the evidence of one objective, over all its groups: a month of
// five-minute slots of 400 groups.
const maxSlots = 3_600_000

// countAll counts every slot of the period, as it comes: without the packing of
// remembered slots, in which fractions may lose their last digit.
func (e *Engine) countAll(ctx context.Context, t *task, v *Evidence) ([]GroupSlots, error) {
	var counting sync.Mutex
	var pieces []slots.Counts
	t.keep = func(counted slots.Counts) {
		counting.Lock()
		defer counting.Unlock()
		pieces = append(pieces, counted)
	}
	var cost Cost
	edge := v.HeadFrom().UnixMilli()
	if err := e.close(ctx, t, v.FirstSlot().UnixMilli(), edge, &cost); err != nil {
		return nil, err
	}
	head, err := e.tail(ctx, t, edge, edge, v.To.UnixMilli(), &cost)
	if err != nil {
		return nil, err
	}
	v.Measurement.Cost = cost
	return v.joined(pieces, head.head)
}

// joined are the groups of all pieces, those with nothing in them left out.
func (v *Evidence) joined(pieces []slots.Counts, head slots.Counts) ([]GroupSlots, error) {
	groups := map[string]*GroupSlots{}
	group := func(key string, labels map[string]string) *GroupSlots {
		if groups[key] == nil {
			groups[key] = &GroupSlots{Labels: labels, Slots: make([]slots.Slot, v.SlotCount())}
		}
		return groups[key]
	}
	for _, piece := range pieces {
		first := int((piece.From - v.FirstSlot().UnixMilli()) / v.Measurement.Resolution.Milliseconds())
		for key, found := range piece.Groups {
			if _, known := groups[key]; !known && (len(groups)+1)*v.SlotCount() > maxSlots {
				return nil, fmt.Errorf("more than %d slots of its groups would have to be kept, which is the limit: take a shorter period, or group by a label with fewer values", maxSlots)
			}
			copy(group(key, found.Labels).Slots[first:], found.Slots)
		}
	}
	for key, found := range head.Groups {
		if len(found.Slots) > 0 {
			group(key, found.Labels).Head = found.Slots[0]
		}
	}
	var all []GroupSlots
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		if groups[key].measured() {
			all = append(all, *groups[key])
		}
	}
	return all, nil
}

func (g GroupSlots) measured() bool {
	holds := func(slot slots.Slot) bool { return slot.Measured || slot.Total > 0 }
	return holds(g.Head) || slices.ContainsFunc(g.Slots, holds)
}

// reading is the evidence as every figure is counted from it.
func (v Evidence) reading() *reading {
	t := &task{objective: v.Objective, resolution: v.Measurement.Resolution, method: v.Measurement.Method}
	r := &reading{task: t, agreement: v.Agreement, scope: v.Scope, from: v.From, at: v.To, end: v.To,
		found: map[string]group{}, measurement: v.Measurement, missing: v.Missing}
	head := v.HeadFrom().UnixMilli()
	for _, counted := range v.Groups {
		series := slots.NewSeries(t.resolution, v.Objective.SLI.Kind.TimeBased()).With(v.FirstSlot().UnixMilli(), counted.Slots)
		r.found[GroupKey(counted.Labels)] = group{counted.Labels,
			slots.View{Series: series, HeadFrom: head, HeadTo: v.To.UnixMilli(), Head: counted.Head}}
	}
	return r
}

// Stand is how one group stood over the whole period.
type Stand struct {
	Result
	// AdjustedLedger counts what is in scope, RawLedger every slot of the
	// period.
	AdjustedLedger, RawLedger *budget.Ledger
	Incidents                 GroupIncidents
}

// Stand is how each group stood; one without any samples when there is none.
func (v Evidence) Stand() (all []Stand, err error) {
	defer recovered(&err)
	r := v.reading()
	past := v.Window
	past.Offset = -1
	// The period is the last whole one just after its end.
	question := budget.Question{Window: past, Effective: v.Agreement.Effective, At: v.To.Add(time.Millisecond)}
	for _, ledgers := range r.groups(v.From, v.To) {
		stand := Stand{AdjustedLedger: ledgers.Adjusted, RawLedger: ledgers.Raw(v.From), Incidents: GroupIncidents{Group: ledgers.Group}}
		if reason := question.Inactive(); reason != "" {
			status := budget.InactiveStatus(past, question.At, reason)
			stand.Result = Result{Agreement: v.Agreement, Objective: v.Objective, Group: ledgers.Group, Status: status, Raw: absentBalance(status)}
			return append(all, stand), nil
		}
		stand.Result = r.result(ledgers, question)
		plain := ledgers.Adjusted.Incidents(v.Window, v.From, v.To)
		stand.Incidents.Repair = budget.RepairOf(plain)
		for _, incident := range plain {
			overlapping, err := overlappingExclusions(v.Agreement, incident)
			if err != nil {
				return nil, err
			}
			stand.Incidents.Incidents = append(stand.Incidents.Incidents, Incident{Incident: incident, Exclusions: overlapping})
		}
		all = append(all, stand)
	}
	return all, nil
}

// Fired is a stretch of time in which an alert of Prometheus' own fired.
type Fired struct {
	Name     string
	From, To time.Time
}

// Fired are the alerts for the agreement that fired between two instants, to
// the minute or, over long times, as well as ten thousand looks can tell.
func (e *Engine) Fired(ctx context.Context, a *agreement.Agreement, from, to time.Time) (all []Fired, err error) {
	defer recovered(&err)
	fired, err := e.firing(ctx, a, from, to)
	if err != nil {
		return nil, fmt.Errorf("which alerts fired: %w", err)
	}
	whole := scope.Union(scope.Interval{From: from.UnixMilli(), To: to.UnixMilli()})
	for name, spans := range fired.spans {
		for _, span := range scope.Union(spans...).Intersect(whole) {
			all = append(all, Fired{name, time.UnixMilli(span.From).UTC(), time.UnixMilli(span.To).UTC()})
		}
	}
	slices.SortFunc(all, func(a, b Fired) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}
