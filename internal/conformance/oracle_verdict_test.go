package conformance

import (
	"math"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// verdict is what a report must say of one objective and group.
type verdict struct {
	states   []string // any of which is right
	from, to time.Time
	figures  map[string]*float64
	// leastSure are figures that the rules leave open.
	leastSure []string
	// open is what the rules leave open: a group that was there before anything
	// need be read, and not at the beginning of what is, so that who reads less
	// thinks it born later; and a past period that ends within a slot, which may
	// be measured up to there or scaled.
	open bool
	// exhausted says whether exhaustion is an instant or null.
	exhausted answer
}

func (v *verdict) set(path string, value float64) { v.figures[path] = &value }

// setUnless sets the figure, or null.
func (v *verdict) setUnless(absent bool, path string, value float64) {
	if absent {
		v.figures[path] = nil
		return
	}
	v.set(path, value)
}

// judge calculates everything about the window.
func (o *oracle) judge(w windowSpec, in *time.Location) verdict {
	v := verdict{figures: map[string]*float64{}}
	window, period := o.windowSpans(w, in)
	v.from, v.to = time.Unix(window.from, 0).UTC(), time.Unix(window.to, 0).UTC()
	closed := w.Calendar != "" && w.Offset < 0
	if closed && (window.to <= o.scope.from || window.from >= o.scope.until) {
		v.states = []string{"inactive", "no_data"}
		return v
	}
	if !closed && (o.at < o.scope.from || o.at >= o.scope.until) {
		v.states = []string{"inactive"}
		return v
	}
	sum, raw := o.tally(window, true), o.tally(window, false)
	allowed, target := sum.allowed, 1-sum.allowed/sum.total
	fixed := w.Calendar != "" && (o.meaning.isTime() || o.objective.isSliced())
	if fixed {
		whole := 0.0
		allowed, whole = o.fixedBudget(period)
		target = 1 - allowed/whole
	} else if sum.total == 0 {
		target = o.objective.targetAt(floorDiv(window.to-1, o.r)*o.r, o.zone)
	}
	sum.allowed = allowed

	v.balance(sum)
	if !math.IsNaN(target) {
		v.set("target", target)
	}
	v.set("raw.total", raw.total)
	v.set("raw.bad", raw.bad)
	v.setUnless(raw.total == 0, "raw.compliance", 1-raw.bad/raw.total)
	if !closed {
		for name, length := range burnWindows {
			burned := o.tally(span{o.at - int64(length/time.Second), o.at}, true)
			v.setUnless(burned.total == 0 && burned.inScope > 0 && burned.measured == 0, "burn."+name, o.burn(burned))
		}
	}
	o.state(&v, sum, window, period, closed, fixed)
	return v
}

// consumed is the share of the budget.
func (t tally) consumed() float64 {
	switch {
	case t.allowed > 0:
		return t.bad / t.allowed
	case t.bad > 0:
		return math.Inf(1)
	}
	return 0
}

// balance sets what follows from the sum.
func (v *verdict) balance(sum tally) {
	v.set("total", sum.total)
	v.set("bad", sum.bad)
	v.setUnless(sum.total == 0, "compliance", 1-sum.bad/sum.total)
	v.set("allowed", sum.allowed)
	v.setUnless(sum.total == 0, "consumed", sum.consumed())
	v.setUnless(sum.total == 0, "remaining", 1-sum.consumed())
	v.setUnless(sum.inScope == 0, "coverage", sum.measured/sum.inScope)
}

// state follows docs/figures.md, «States», with both sides of every edge.
func (o *oracle) state(v *verdict, sum tally, window, period span, closed, fixed bool) {
	breaches := no
	if closed {
		v.exhausted = open
	} else {
		breaches = o.outlook(v, sum, window, period, fixed)
	}
	covered := no
	if o.objective.MinCoverage > 0 && sum.inScope > 0 {
		covered = above(o.objective.MinCoverage, sum.measured/sum.inScope)
	}
	if math.Abs(sum.bad-sum.allowed) <= near*max(1, sum.total) {
		v.exhausted = open
	}
	if sum.total == 0 || covered == yes {
		v.states = []string{"no_data"}
		return
	}
	if covered == open {
		v.states = append(v.states, "no_data")
	}
	spent := no
	if sum.bad > sum.allowed {
		spent = yes
	}
	if math.Abs(sum.bad-sum.allowed) <= noise*sum.total && sum.allowed > 0 {
		spent = no // all of it, and not more: the rest is noise
	}
	if spent == yes {
		v.states = append(v.states, "breached")
		return
	}
	risk := breaches
	if !closed {
		if sum.consumed() > 0.75+noise {
			risk = yes
		}
		risk = max(risk, o.alertFires(period))
	}
	switch {
	case closed || risk == no:
		v.states = append(v.states, "met")
	case risk == yes:
		v.states = append(v.states, "at_risk")
	default:
		v.states = append(v.states, "met", "at_risk")
	}
}

// outlook sets projected and exhaustion, as far as they are certain.
func (o *oracle) outlook(v *verdict, sum tally, window, period span, fixed bool) answer {
	soon := no
	if sum.bad > sum.allowed {
		v.exhausted = yes
	} else {
		v.exhausted, soon = o.lasts(sum, window, period, fixed)
	}
	if o.rolling {
		return soon
	}
	f := o.forecast(sum, period, fixed)
	switch {
	case !f.known:
		return open // nothing was measured of late, whatever it is counted as
	case f.total == 0:
		v.figures["projected"] = nil
		return no
	}
	v.set("projected", 1-f.bad/f.total)
	if !f.sure {
		v.leastSure = append(v.leastSure, "projected")
	}
	if math.Abs(f.bad-f.allowed) <= noise*f.total {
		return no
	}
	answer := no
	if f.bad > f.allowed {
		answer = yes
	}
	if !f.sure {
		answer = open
	}
	return answer
}

// oracleBook is a scenario as the oracle knows it.
type oracleBook struct {
	*oracleDocuments
	scenario *Scenario
	method   string // by which events are counted: by samples, unless a copy says another
	series   []Series
	scopes   map[string]*oracleScope
}

func newOracleBook(s *Scenario) (*oracleBook, error) {
	d, err := readOracleDocuments(s.Documents)
	if err != nil {
		return nil, err
	}
	b := &oracleBook{oracleDocuments: d, scenario: s, series: s.Series(), method: samplesMethod, scopes: map[string]*oracleScope{}}
	for name, a := range d.agreements {
		b.scopes[name] = newOracleScope(d, a, s.Start.AddDate(-2, 0, 0), s.End.AddDate(1, 1, 0))
	}
	return b, nil
}

// verdicts are those of an objective by group; a group without samples of total
// in the window has none.
func (b *oracleBook) verdicts(agreementName string, objective oracleObjective, override windowSpec, at time.Time) (map[string]verdict, error) {
	a := b.agreements[agreementName]
	o, w, sloZone, err := b.resolved(objective)
	if err != nil {
		return nil, err
	}
	in := a.TimeZone.location()
	if sloZone != nil && a.TimeZone.Location == nil {
		in = sloZone
	}
	if override != (windowSpec{}) {
		w = override
	}
	key := o.SLO
	if key == "" {
		key = agreementName + "/" + o.Name
	}
	m := b.scenario.meaning[key]
	r := int64(b.scenario.Resolution / time.Second)
	if o.isSliced() {
		r = min(r, int64(o.TimeSliceWindow.std()/time.Second))
	}
	all := map[string]verdict{}
	for _, group := range groupsOf(b.series, m, o) {
		one := oracle{meaning: m, objective: o, scope: b.scopes[agreementName], zone: a.TimeZone.location(), r: r, at: at.Unix(), rolling: w.Calendar == ""}
		one.counts = countSlots(b.series, m, o, group, r, at.Unix(), b.method)
		window, _ := one.windowSpans(w, in)
		if group != nil && !one.seen(window) {
			continue
		}
		v := one.judge(w, in)
		v.open = group != nil && one.bornBeforeReading(window) || window.to < one.at && window.to%r != 0
		all[groupName(group)] = v
	}
	return all, nil
}

// bornBeforeReading reports whether the group has samples before the window and
// its burn rates, but none where they begin.
func (o *oracle) bornBeforeReading(window span) bool {
	reads := window.from
	if window.to == o.at {
		reads = min(reads, o.at-3*secondsADay)
	}
	noData := o.objective.NoData == string(agreement.NoDataGood) || o.objective.NoData == string(agreement.NoDataBad)
	first := o.counts.slots[floorDiv(reads, o.r)]
	return noData && o.counts.begins < reads && (first == nil || first.measured < float64(o.r))
}

// seen reports whether total has a sample in the window.
func (o *oracle) seen(window span) bool {
	for k, slot := range o.counts.slots {
		if slot.measured > 0 && (k+1)*o.r > window.from && k*o.r < window.to {
			return true
		}
	}
	return false
}

var badness = []string{"inactive", "met", "no_data", "at_risk", "breached"}

// worst are the states that an agreement may have, given what its objectives'
// may be.
func worst(all []verdict) []string {
	states := []string{"inactive"}
	for _, v := range all {
		var next []string
		for _, one := range states {
			for _, other := range v.states {
				w := badness[max(slices.Index(badness, one), slices.Index(badness, other))]
				if !slices.Contains(next, w) {
					next = append(next, w)
				}
			}
		}
		states = next
	}
	return states
}
