package conformance

import (
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// forecastSpan is how far back the rate reaches from which figures are
// projected.
const forecastSpan = 7 * 24 * time.Hour

// inexact is what an entry's derived figures may be when its counts may be off:
// the tolerance of the counts carried through each figure's formula.
type inexact struct {
	entry     Entry
	tolerance Tolerance // of the counts over the entry's window
	unsure    func(from, to time.Time) counts
	share     float64 // of the events, the part that is in scope
	target    float64
	// Error budgets as ratios: of the target now, and the largest one.
	budget, largestBudget float64
	revised               bool
}

// bands are the figures the method may report, by path; nulls are left out.
func (e Entry) bands(method string) map[string]band {
	bands := map[string]band{}
	for path, want := range e.Figures {
		if want != nil {
			bands[path] = exactly(*want)
		}
	}
	x, ok := e.inexact(method)
	if !ok {
		return bands
	}
	x.countBands(bands, "", *e.Figures["total"], *e.Figures["bad"])
	if raw, there := e.Figures["raw.total"]; there {
		x.countBands(bands, "raw.", *raw, *e.Figures["raw.bad"])
	}
	x.budgetBands(bands)
	for path, want := range e.Figures {
		if window, isBurn := strings.CutPrefix(path, "burn."); isBurn && want != nil {
			bands[path] = x.burnBand(*want, window)
		}
	}
	if want := e.Figures["projected"]; want != nil {
		bands["projected"] = x.projectedBand(*want)
	}
	return bands
}

func (e Entry) inexact(method string) (inexact, bool) {
	total, bad := e.Figures["total"], e.Figures["bad"]
	if total == nil || bad == nil || method == samplesMethod {
		return inexact{}, false
	}
	i, err := e.indicator()
	if err != nil || i.Is != "" {
		return inexact{}, false // gauges are exact by every method
	}
	x := inexact{
		entry: e, tolerance: e.Tolerance[method], share: 1,
		unsure: func(from, to time.Time) counts {
			return i.count(e.scenario, from, to, method)
		},
		target: i.objective.Target, revised: len(i.objective.Revisions) > 0,
	}
	if raw := e.Figures["raw.total"]; raw != nil && *raw > 0 {
		x.share = *total / *raw
	}
	x.budget, x.largestBudget = 1-x.target, 1-x.target
	for _, revision := range i.objective.Revisions {
		x.largestBudget = max(x.largestBudget, 1-revision.Target)
	}
	if stands := e.Figures["target"]; stands != nil {
		x.budget = 1 - *stands
	}
	return x, true
}

// countBands sets a total, a bad and the compliance that follows from them.
func (x inexact) countBands(bands map[string]band, prefix string, total, bad float64) {
	totals, bads := around(total, x.tolerance.Total), around(bad, x.tolerance.Bad)
	bands[prefix+"total"], bands[prefix+"bad"] = totals, bads
	if _, there := bands[prefix+"compliance"]; there {
		bands[prefix+"compliance"] = bads.over(totals).oneLess()
	}
}

func (x inexact) budgetBands(bands map[string]band) {
	allowed, there := bands["allowed"]
	if !there || x.tolerance == (Tolerance{}) {
		return
	}
	allowed = around(allowed.lo, x.tolerance.Total*x.largestBudget)
	bands["allowed"] = allowed
	if x.revised {
		bands["target"] = allowed.over(bands["total"]).oneLess()
	}
	if _, there := bands["consumed"]; there && x.largestBudget > 0 {
		bands["consumed"] = bands["bad"].over(allowed)
		bands["remaining"] = bands["consumed"].oneLess()
	}
}

// burnBand carries through what may be missing within the burn rate's own
// window; it reaches back over a period's start, so the entry's tolerance says
// nothing about it.
func (x inexact) burnBand(want float64, window string) band {
	length, err := model.ParseDuration(window)
	if err != nil || x.largestBudget == 0 {
		return exactly(want)
	}
	c := x.unsure(x.entry.At.Add(-time.Duration(length)), x.entry.At)
	if c.unsure == (Tolerance{}) || c.total == 0 {
		return exactly(want)
	}
	total := c.total * x.share
	burnt := around(want*total*x.budget, c.unsure.Bad)
	return burnt.over(around(total*x.budget, c.unsure.Total*x.budget))
}

// projectedBand adds what may be missing so far to what may be missing in the
// days whose rate is carried forward: a bound on the quotient of the two sums.
func (x inexact) projectedBand(want float64) band {
	c := x.unsure(x.entry.At.Add(-forecastSpan), x.entry.At)
	total := *x.entry.Figures["total"]
	if total == 0 || c.total == 0 {
		return exactly(want)
	}
	recent := c.total * x.share
	missing := x.tolerance.Bad/total + c.unsure.Bad/recent
	return around(want, missing+(1-want)*(x.tolerance.Total/total+c.unsure.Total/recent))
}
