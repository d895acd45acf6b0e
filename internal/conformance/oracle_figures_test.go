package conformance

import (
	"math"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// oracle calculates the figures of one objective and group as of an instant.
type oracle struct {
	meaning   meaning
	objective oracleObjective
	scope     *oracleScope
	zone      *time.Location
	counts    oracleCounts
	r         int64 // slot length, seconds
	at        int64 // Unix seconds
	rolling   bool
}

// span is from < s ≤ to, in Unix seconds.
type span struct{ from, to int64 }

// tally is what a span comes to.
type tally struct {
	total, bad, allowed float64
	// inScope and measured are in seconds.
	inScope, measured float64
}

// tally sums a span up, with or without regard to scope.
func (o *oracle) tally(s span, scoped bool) tally {
	if o.objective.isSliced() {
		return o.tallySlices(s, scoped)
	}
	var sum tally
	for k := floorDiv(s.from, o.r); k*o.r < s.to; k++ {
		one := o.slot(k, s, scoped)
		sum.add(one.total, one.bad, o.budgetAt(k*o.r))
		sum.inScope += one.inScope
		sum.measured += one.measured
	}
	return sum
}

func (t *tally) add(total, bad, budget float64) {
	t.total += total
	t.bad += bad
	t.allowed += total * budget
}

// budgetAt is E of the target in force.
func (o *oracle) budgetAt(t int64) float64 { return 1 - o.objective.targetAt(t, o.zone) }

// slot is the part of the slot k that lies in the span and in scope.
func (o *oracle) slot(k int64, s span, scoped bool) tally {
	start, end := k*o.r, min((k+1)*o.r, o.known())
	from, to := max(start, s.from), min(end, s.to)
	if from >= to {
		return tally{}
	}
	in, good := o.inScope(from, to, scoped)
	length := float64(end - start)
	truth := o.counts.slots[k]
	if truth == nil {
		truth = &slotTruth{}
	}
	measured := min(truth.measured, length)
	weight := in / length
	one := tally{
		total: truth.total * weight, bad: truth.bad * (in - good) / length,
		inScope: in, measured: measured * weight,
	}
	if o.meaning.isTime() && o.objective.NoData != "" && o.objective.NoData != string(agreement.NoDataIgnore) {
		unknown := (o.owed(start, end) - measured) * weight
		one.total += unknown
		if o.objective.NoData == string(agreement.NoDataBad) {
			one.bad += unknown
		}
	}
	return one
}

// known is the instant up to which anything is: a minute that has not ended
// has no point yet, and is not unknown either.
func (o *oracle) known() int64 {
	if o.meaning.isTime() {
		return floorDiv(o.at, 60) * 60
	}
	return o.at
}

func (o *oracle) inScope(from, to int64, scoped bool) (in, good float64) {
	if !scoped {
		return float64(to - from), 0
	}
	i, g := o.scope.seconds(from, to)
	return float64(i), float64(g)
}

// owed are the seconds that have to be known: a group's begin with its first
// sample.
func (o *oracle) owed(start, end int64) float64 {
	if len(o.objective.GroupBy) > 0 {
		start = max(start, o.counts.begins)
	}
	return float64(max(0, end-start))
}

// tallySlices judges each slice by what lies of it in the span and in scope.
func (o *oracle) tallySlices(s span, scoped bool) tally {
	length := int64(o.objective.TimeSliceWindow.std() / time.Second)
	var sum tally
	for j := floorDiv(s.from, length); j*length < s.to; j++ {
		var slice tally
		for k := j * length / o.r; k*o.r < (j+1)*length; k++ {
			one := o.slot(k, s, scoped)
			slice.total += one.total
			slice.bad += one.bad
			slice.inScope += one.inScope
			slice.measured += one.measured
		}
		sum.inScope += slice.inScope
		sum.measured += slice.measured
		weight, bad := slice.inScope/float64(length), 0.0
		switch {
		case slice.total == 0 && o.owed(j*length, min((j+1)*length, s.to)) == 0:
			weight = 0
		case slice.total == 0 && o.objective.NoData == string(agreement.NoDataGood):
		case slice.total == 0 && o.objective.NoData == string(agreement.NoDataBad):
			bad = weight
		case slice.total == 0:
			weight = 0
		case o.objective.BudgetingMethod == string(agreement.RatioTimeslices):
			bad = weight * slice.bad / slice.total
		case slice.total-slice.bad < o.objective.TimeSliceTarget*slice.total-1e-9*math.Abs(slice.total):
			bad = weight
		}
		sum.add(weight, bad, o.budgetAt(j*length))
	}
	return sum
}

// fixedBudget is the allowed and the whole of a period whose budget is fixed
// from its first minute on: seconds, or slices.
func (o *oracle) fixedBudget(period span) (allowed, whole float64) {
	length := o.r
	unit := 1.0
	if o.objective.isSliced() {
		length = int64(o.objective.TimeSliceWindow.std() / time.Second)
		unit = float64(length)
	}
	for k := floorDiv(period.from, length); k*length < period.to; k++ {
		in, _ := o.inScope(max(k*length, period.from), min((k+1)*length, period.to), true)
		allowed += in / unit * o.budgetAt(k*length)
		whole += in / unit
	}
	return allowed, whole
}

func (o oracleObjective) isSliced() bool {
	return o.BudgetingMethod == string(agreement.Timeslices) || o.BudgetingMethod == string(agreement.RatioTimeslices)
}

// burn is the burn rate of a tally by the target in force in the slot that ends at
// or holds the instant.
func (o *oracle) burn(t tally) float64 {
	budget := o.budgetAt(floorDiv(o.at-1, o.r) * o.r)
	switch {
	case t.total == 0:
		return 0
	case budget == 0 && t.bad <= 0:
		return 0
	case budget == 0:
		return math.Inf(1)
	}
	return t.bad / t.total / budget
}

// windowSpans are the window up to the instant, and the whole period of a
// calendar window.
func (o *oracle) windowSpans(w windowSpec, in *time.Location) (window, period span) {
	if w.Calendar == "" {
		window = span{o.at - int64(w.Rolling.std()/time.Second), o.at}
		return window, window
	}
	period = periodOf(o.at, w, in)
	return span{period.from, min(period.to, o.at)}, period
}

// periodOf is the period that holds t, or the one that many before. A period
// is open on the left.
func periodOf(t int64, w windowSpec, in *time.Location) span {
	local := time.Unix(t, 0).In(in)
	if dayStart(local, 0, 0, 0) == t {
		local = local.Add(-time.Second)
	}
	year, month, day := local.Date()
	from, to := [3]int{}, [3]int{}
	switch w.Calendar {
	case agreement.Day:
		from, to = [3]int{0, 0, w.Offset}, [3]int{0, 0, w.Offset + 1}
	case agreement.Week:
		monday := -((int(local.Weekday()) + 6) % 7) + 7*w.Offset
		from, to = [3]int{0, 0, monday}, [3]int{0, 0, monday + 7}
	case agreement.Month:
		from, to = [3]int{0, w.Offset, 1 - day}, [3]int{0, w.Offset + 1, 1 - day}
	case agreement.Quarter:
		first := -((int(month) - 1) % 3) + 3*w.Offset
		from, to = [3]int{0, first, 1 - day}, [3]int{0, first + 3, 1 - day}
	case agreement.Year:
		from, to = [3]int{w.Offset, 1 - int(month), 1 - day}, [3]int{w.Offset + 1, 1 - int(month), 1 - day}
	}
	local = time.Date(year, month, day, 12, 0, 0, 0, in)
	return span{dayStart(local, from[0], from[1], from[2]), dayStart(local, to[0], to[1], to[2])}
}

// dayStart is the first second of the day so many years, months and days from
// t's own: the earliest at which the zone's clock shows that date.
func dayStart(t time.Time, years, months, days int) int64 {
	date := time.Date(t.Year()+years, t.Month()+time.Month(months), t.Day()+days, 0, 0, 0, 0, time.UTC)
	want := date.Format(time.DateOnly)
	for second := date.Unix() - 15*3600; ; second += 60 {
		if time.Unix(second, 0).In(t.Location()).Format(time.DateOnly) == want {
			return second
		}
	}
}
