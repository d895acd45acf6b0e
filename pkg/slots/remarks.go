package slots

import (
	"maps"
	"math"

	"github.com/accord-sla/accord/pkg/scope"
)

// Remarks are what users must know about slots besides their counts.
type Remarks struct {
	// Unusable are the slots in which a count is not a number, or the minutes in which a gauge had no single
	// valid value: they are not measured, in the groups concerned.
	Unusable scope.Intervals
	// Unjudged are the slots in which some histograms lack the bound that others have: their events are not
	// measured (docs/queries.md, «How it is counted»).
	Unjudged scope.Intervals
	// Interpolated are the slots in which a threshold lay inside a bucket of a native histogram.
	Interpolated scope.Intervals `json:",omitempty"`
	// Lacking are the slots of each group, by [GroupKey], that have events which are in no figure: the
	// group's Unusable and Unjudged slots, and those in which only the good or the bad counted something.
	Lacking map[string]scope.Intervals `json:",omitempty"`
	// LeftOut are the first samples whose events were not counted, by the start of their slot.
	LeftOut map[int64]LeftOut
}

// LeftOut are first samples of series that were not counted, since it is unknown when their events happened
// (docs/queries.md, «How it is counted»).
type LeftOut struct {
	Samples int
	Events  float64 // in all of them
}

// Add adds others.
func (l *LeftOut) Add(others LeftOut) {
	l.Samples += others.Samples
	l.Events += others.Events
}

// Leave adds first samples to those left out in the slot that begins at the instant.
func (r *Remarks) Leave(slot int64, more LeftOut) {
	if r.LeftOut == nil {
		r.LeftOut = map[int64]LeftOut{}
	}
	all := r.LeftOut[slot]
	all.Add(more)
	r.LeftOut[slot] = all
}

// Lack adds slots to those that are lacking in the group.
func (r *Remarks) Lack(group string, more scope.Intervals) {
	if len(more) == 0 {
		return
	}
	if r.Lacking == nil {
		r.Lacking = map[string]scope.Intervals{}
	}
	r.Lacking[group] = r.Lacking[group].Union(more)
}

// AllLeftOut returns the first samples left out in all slots.
func (r Remarks) AllLeftOut() (all LeftOut) {
	for _, of := range r.LeftOut {
		all.Add(of)
	}
	return all
}

// Add adds the remarks about other slots.
func (r *Remarks) Add(others Remarks) {
	r.Unusable = r.Unusable.Union(others.Unusable)
	r.Unjudged = r.Unjudged.Union(others.Unjudged)
	r.Interpolated = r.Interpolated.Union(others.Interpolated)
	for group, of := range others.Lacking {
		r.Lack(group, of)
	}
	for slot, of := range others.LeftOut {
		r.Leave(slot, of)
	}
}

// Within returns the part of the remarks in (from, to].
func (r Remarks) Within(from, to int64) Remarks {
	return r.without(scope.Intervals{{From: math.MinInt64, To: from}, {From: to, To: math.MaxInt64}})
}

// without returns the remarks about slots outside the set.
func (r Remarks) without(set scope.Intervals) Remarks {
	rest := Remarks{Unusable: r.Unusable.Subtract(set), Unjudged: r.Unjudged.Subtract(set), Interpolated: r.Interpolated.Subtract(set), LeftOut: maps.Clone(r.LeftOut)}
	for group, of := range r.Lacking {
		rest.Lack(group, of.Subtract(set))
	}
	maps.DeleteFunc(rest.LeftOut, func(slot int64, _ LeftOut) bool { return set.Length(slot, slot+1) > 0 })
	return rest
}

func (r Remarks) bytes() int {
	const intervalBytes, entryBytes = 16, 48
	bytes := (len(r.Unusable)+len(r.Unjudged)+len(r.Interpolated))*intervalBytes + len(r.LeftOut)*entryBytes
	for group, of := range r.Lacking {
		bytes += len(group) + entryBytes + len(of)*intervalBytes
	}
	return bytes
}
