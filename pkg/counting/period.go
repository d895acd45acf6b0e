package counting

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// Period is every slot of an objective in (From, To], as it was counted.
type Period struct {
	Objective *agreement.Objective
	From, To  time.Time
	// Groups are those with a measured slot or with events that are in no figure, sorted by label.
	Groups []GroupSlots
	// Measurement describes how the slots were counted.
	Measurement Measurement
	// Missing says why there is nothing, if that is known.
	Missing string
}

// GroupSlots are the whole slots of one group, from the one that holds the period's start, and in Head
// the part inside the period of the slot that its end cuts.
type GroupSlots struct {
	Labels map[string]string
	Slots  []slots.Slot
	Head   slots.Slot
}

func (g GroupSlots) measured() bool {
	holds := func(slot slots.Slot) bool { return slot.Measured || slot.Total > 0 }
	return holds(g.Head) || slices.ContainsFunc(g.Slots, holds)
}

// FirstSlot returns the start of the first slot of the period.
func (p *Period) FirstSlot() time.Time { return p.slotOf(p.From) }

// HeadFrom returns the start of the slot that the period's end cuts, or To if that is a slot's edge.
func (p *Period) HeadFrom() time.Time { return p.slotOf(p.To) }

// SlotCount returns the number of whole slots of each group.
func (p *Period) SlotCount() int {
	return int(p.HeadFrom().Sub(p.FirstSlot()) / p.Measurement.Resolution)
}

func (p *Period) slotOf(at time.Time) time.Time {
	return time.UnixMilli(floor(at.UnixMilli(), p.Measurement.Resolution.Milliseconds())).UTC()
}

// Result returns the period as a result, from which all figures are computed.
func (p *Period) Result() *Result {
	r := &Result{Measurement: p.Measurement, Objective: p.Objective, From: p.From, To: p.To, KnownTo: p.To,
		Missing: p.Missing, groups: map[string]Group{}}
	for _, found := range p.Groups {
		group := r.empty(found.Labels, p.HeadFrom().UnixMilli(), p.To.UnixMilli())
		group.View.Series, group.View.Head = group.View.Series.With(p.FirstSlot().UnixMilli(), found.Slots), found.Head
		key := slots.GroupKey(found.Labels)
		if r.groups[key] = group; !found.measured() {
			r.remarks.Lack(key, scope.Intervals{{From: p.From.UnixMilli(), To: p.To.UnixMilli()}})
		}
	}
	return r
}

// MaxSlots is the most slots of a [Period], over all its groups: a month of five-minute slots of 400 groups.
const MaxSlots = 3_600_000

// CountPeriod counts every slot of (from, to] without the cache, whose packing may cost fractions their
// last digit. All slots must be closed, see [Service.Settled].
func (s *Service) CountPeriod(ctx context.Context, o *agreement.Objective, from, to time.Time) (*Period, error) {
	fresh := s.WithoutCache(s.options.Resolution)
	t, err := fresh.newTask(ctx, o, to)
	if err != nil {
		return nil, err
	}
	p := &Period{Objective: o, From: from, To: to, Measurement: fresh.measurement(t)}
	groups := groupsOf{p, map[string]*GroupSlots{}}
	var mu sync.Mutex
	var tooMany error
	t.save = func(piece slots.Counts) {
		t.record.Close(piece, t.now)
		mu.Lock()
		defer mu.Unlock()
		tooMany = cmp.Or(tooMany, groups.add(piece))
	}
	r, err := fresh.countTask(ctx, t, from, to)
	switch {
	case err != nil:
		return nil, err
	case tooMany != nil:
		return nil, tooMany
	}
	if err := r.take(fresh.find(ctx, r)); err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(r.groups)) {
		group := groups.of(key, r.groups[key].Labels)
		if group.Head = r.groups[key].View.Head; group.measured() || r.uncounted(key, from, to) {
			p.Groups = append(p.Groups, *group)
		}
	}
	p.Missing, p.Measurement = r.Missing, r.Measurement
	return p, nil
}

type groupsOf struct {
	period *Period
	byKey  map[string]*GroupSlots
}

func (g groupsOf) of(key string, labels map[string]string) *GroupSlots {
	if g.byKey[key] == nil {
		g.byKey[key] = &GroupSlots{Labels: labels, Slots: make([]slots.Slot, g.period.SlotCount())}
	}
	return g.byKey[key]
}

func (g groupsOf) add(piece slots.Counts) error {
	first := (piece.From - g.period.FirstSlot().UnixMilli()) / g.period.Measurement.Resolution.Milliseconds()
	for key, counts := range piece.Groups {
		if g.byKey[key] == nil && (len(g.byKey)+1)*g.period.SlotCount() > MaxSlots {
			return fmt.Errorf("more than %d slots of its groups would have to be kept, which is the limit: take a shorter period, or group by a label with fewer values", MaxSlots)
		}
		copy(g.of(key, counts.Labels).Slots[first:], counts.Slots)
	}
	return nil
}
