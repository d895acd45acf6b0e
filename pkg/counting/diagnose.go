package counting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// foundFor is how long findings about the queries are cached.
const foundFor = time.Hour

const hour = 60 * minute

// maxListed is how many names or values a finding lists.
const maxListed = 8

// find checks the counts and the data behind them. Its queries are sent once an hour for windows that
// end about now. What the server does not answer gives no finding and affects no figure.
func (s *Service) find(ctx context.Context, r *Result) []Finding {
	t := r.task
	found := t.insane(r)
	if t.recording != nil {
		if !r.measured() {
			text := fmt.Sprintf("no slot counts are recorded as %s: load the rules of `accord export rules` into Prometheus, anew when the definition has changed",
				t.recording.Selector(sli.RecordedTotal, t.resolution))
			found = append(found, Finding{problem.Warning, "total", text, true})
		}
		return found
	}
	end := ""
	if t.now.Sub(r.To) > foundFor {
		end = r.To.String()
	}
	d := &diagnosis{Result: r, service: s, from: r.From.UnixMilli(), to: r.To.UnixMilli()}
	for _, group := range r.groups {
		sum := group.View.Sum(d.from, d.to)
		d.hasGood, d.hasBad = d.hasGood || sum.Bad < sum.Total, d.hasBad || sum.Bad > 0
	}
	// The start is not in the key: for windows with equal flags the findings hardly depend on it.
	key := fmt.Sprintf("%s %v %s %t %t %t %t %t %t", t.key, t.objective.Select, end, r.measured(), d.measuredLately(), d.hasGood, d.hasBad, r.partSeen, r.partLately)
	looked, _ := s.findings.do(ctx, key, foundFor, d.look)
	found = append(found, looked...)
	incomparable := func(f Finding) bool { return f.Field == "groupBy" && f.Severity == problem.Error }
	if !slices.ContainsFunc(found, incomparable) {
		found = append(found, t.lacking(r)...)
	}
	return found
}

// lacking reports the groups for which good or bad counted something and total has nothing:
// their events are in no figure.
func (t *task) lacking(r *Result) []Finding {
	if len(r.lacking) == 0 || !r.measured() {
		return nil
	}
	more := ""
	if n := len(r.lacking) - maxListed; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return []Finding{{Severity: problem.Error, Field: "groupBy", Text: fmt.Sprintf(
		"groupBy %s: the %s query has events of %s%s, of which total has no series: give both of the same labels and values, or leave it out",
		strings.Join(t.plan.GroupBy, ", "), t.plan.PartName(), strings.Join(r.lacking[:min(len(r.lacking), maxListed)], " and "), more)}}
}

// diagnosis examines the data behind a result in (from, to].
type diagnosis struct {
	*Result
	service         *Service
	from, to        int64
	hasGood, hasBad bool // whether any was counted
	found           []Finding
	// isLate is true for a diagnosis of only the last hour, of an SLI that was measured before it.
	isLate bool
}

func (d *diagnosis) add(severity problem.Severity, field, format string, values ...any) {
	if text := fmt.Sprintf(format, values...); !slices.ContainsFunc(d.found, func(f Finding) bool { return f.Text == text }) {
		d.found = append(d.found, Finding{Severity: severity, Field: field, Text: text})
	}
}

// look runs all checks. Its error is of those that the server may answer on a retry; whatever else it
// does not answer, it never will.
func (d *diagnosis) look(ctx context.Context) ([]Finding, error) {
	checks := []func(context.Context) error{d.lookAtGauge}
	if !d.task.isGauge() {
		checks = []func(context.Context) error{d.lookAtTotal, d.lookAtPart, d.lookAtGroups, d.lookAtCounters}
	}
	var errs []error
	for _, check := range append(checks, d.lookAtInterval, d.lookLately) {
		if err := check(ctx); GoesOnLater(err) {
			errs = append(errs, err)
		}
	}
	return d.found, errors.Join(errs...)
}

// lookAtTotal reports why no total was measured, or which of several terms of it have no series.
func (d *diagnosis) lookAtTotal(ctx context.Context) error {
	terms := d.task.plan.Total
	if !d.measured() || len(terms) == 1 {
		return d.lookForSeries(ctx, "total", terms)
	}
	for _, term := range terms {
		if err := d.lookForTerm(ctx, "total", term, "none of its events are counted as total"); err != nil {
			return err
		}
	}
	return nil
}

// lookForTerm reports a term without series, with the consequence so.
func (d *diagnosis) lookForTerm(ctx context.Context, field string, term sli.Term, so string) error {
	absent, reason, err := d.absence(ctx, term)
	if absent {
		d.add(problem.Warning, field, "%s, so %s", noSeries(field, reason), so)
	}
	return err
}

func (d *diagnosis) lookForSeries(ctx context.Context, field string, terms []sli.Term) error {
	if d.measured() {
		return nil
	}
	for _, term := range terms {
		absent, reason, err := d.absence(ctx, term)
		if err != nil {
			return err
		}
		if absent {
			d.found = append(d.found, Finding{problem.Warning, field, noSeries(field, reason), true})
			return nil
		}
	}
	return nil
}

func noSeries(field, reason string) string {
	if strings.HasPrefix(reason, "select ") {
		return reason
	}
	return strings.TrimSuffix(fmt.Sprintf("no series match the %s query: %s", field, reason), ": ")
}

// lookAtPart checks each term of good or bad that has counted nothing. A bucket bound that no
// series has is an error, never «all is bad»; any other term without series would make the figure
// 100% good, or bad, for ever.
func (d *diagnosis) lookAtPart(ctx context.Context) error {
	plan, part := d.task.plan, d.task.plan.PartName()
	counted := d.measured() && d.partSeen || d.hasBad && !plan.PartIsGood || d.hasGood && plan.PartIsGood
	if counted && len(plan.Part) == 1 {
		return d.lookAtPartLately(ctx, part)
	}
	for _, term := range slices.Concat(plan.Total, plan.Part) {
		if err := d.lookForBound(ctx, term); err != nil {
			return err
		}
	}
	for _, term := range plan.Part {
		if _, _, isBucket := term.Bounds(); isBucket || !d.measured() {
			continue
		}
		known, err := d.knowsSelect(ctx, part, term)
		if err == nil && !known {
			err = d.lookForTerm(ctx, part, term, "none of its events are counted as "+part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lookForBound checks that the histogram has the bucket bound of the term, if the term is a bucket.
func (d *diagnosis) lookForBound(ctx context.Context, term sli.Term) error {
	every, asked, ok := term.Bounds()
	if !ok {
		return nil
	}
	bounds, err := d.values(ctx, every, "le", asked...)
	field := d.task.plan.PartName()
	switch {
	case err != nil || slices.ContainsFunc(asked, func(le string) bool { return slices.Contains(bounds, le) }):
		return err
	case len(bounds) > 0:
		slices.SortFunc(bounds, func(a, b string) int { return cmp.Compare(sli.BoundValue(a), sli.BoundValue(b)) })
		d.add(problem.Error, field, "no bucket has le=%q; the bounds there are: %s", asked[0], strings.Join(bounds, ", "))
	case d.measured() || len(d.found) == 0: // total has series, or lookAtTotal would have reported why not
		d.add(problem.Error, field, "no series match the bucket %s, though there are some of the total: check its name and labels", term.Selector())
	}
	return nil
}

// knowsSelect reports whether only the objective's select leaves the part without series. That alone is
// fine, since what is selected may have had no errors yet. It adds an error if the part lacks the
// label, or seems to spell its values differently than total.
func (d *diagnosis) knowsSelect(ctx context.Context, part string, term sli.Term) (known bool, err error) {
	total := d.task.plan.Total[0]
	for _, m := range term.Selected {
		values, err := d.values(ctx, term.Without(term.Selected...), m.Name)
		if err != nil || len(values) == 0 {
			return false, err
		}
		if slices.Equal(values, []string{""}) {
			d.add(problem.Error, "select", "select %s: no series of the %s query has the label %s, which those of total have: give both of the same labels, or leave it out",
				m, part, m.Name)
			continue
		}
		all := len(values)
		for range 2 { // the first pass looks back only until it finds one of them
			totals, err := d.values(ctx, total.Without(total.Selected...), m.Name, values...)
			if err != nil {
				return false, err
			}
			values = slices.DeleteFunc(values, func(value string) bool { return slices.Contains(totals, value) })
		}
		// A value unlike the selected one belongs to something else.
		if n := len(values); n > 0 && (n == all || values[0] == "" || problem.DidYouMean(m.Value, values) != "") {
			d.add(problem.Error, "select", "select %s: the %s query has %s, which total lacks: give both of the same values, or leave it out", m, part, listed(values))
		}
	}
	return len(term.Selected) > 0, nil
}

// lookAtGroups finds labels of groupBy that no series of a query has, and groups of
// the part that total lacks.
func (d *diagnosis) lookAtGroups(ctx context.Context) error {
	if !d.measured() {
		return nil
	}
	part := d.task.plan.PartName()
	for _, label := range d.task.plan.GroupBy {
		totals := d.groupValues(label)
		nobody := len(totals) == 1 && totals[""]
		if nobody {
			d.add(problem.Warning, "groupBy", "groupBy %s: no series of the total query has that label%s", label, d.labelsOf(ctx, d.task.plan.Total[0], label))
		}
		for _, term := range d.task.plan.Part {
			values, err := d.values(ctx, term, label)
			if err != nil {
				return err
			}
			nowhere := slices.Equal(values, []string{""})
			lacking := slices.DeleteFunc(values, func(value string) bool { return totals[value] })
			for _, total := range d.task.plan.Total { // a group with series that were not measured is not lacking
				if total.Negative || len(lacking) == 0 {
					continue
				}
				there, err := d.values(ctx, total, label, lacking...)
				if err != nil {
					return err
				}
				lacking = slices.DeleteFunc(lacking, func(value string) bool { return slices.Contains(there, value) })
			}
			switch {
			case nobody || len(lacking) == 0:
			case nowhere:
				d.add(problem.Error, "groupBy", "groupBy %s: no series of the %s query has that label, which those of total have: give both of the same labels, or leave it out", label, part)
			default:
				d.add(problem.Error, "groupBy", "groupBy %s: the %s query has %s, which total lacks: give both of the same values, or leave it out", label, part, listed(lacking))
			}
		}
	}
	return d.lookForGroups(ctx, "total", d.task.plan.Total)
}

func (d *diagnosis) groupValues(label string) map[string]bool {
	values := map[string]bool{}
	for _, group := range d.groups {
		values[group.Labels[label]] = true
	}
	return values
}

// absence reports whether the term has no series in the window and, if that is known, why: which
// matcher or name matches nothing, and what there is instead.
func (d *diagnosis) absence(ctx context.Context, term sli.Term) (absent bool, reason string, err error) {
	has := func(t sli.Term) bool {
		values, failed := d.values(ctx, t, "job")
		err = errors.Join(err, failed)
		return len(values) > 0
	}
	if has(term) || err != nil {
		return false, "", err
	}
	matchers := term.Matchers
	switch selected := term.Selected; {
	case len(selected) > 0 && has(term.Without(selected...)):
		reason = fmt.Sprintf("select {%s} matches no series, though the SLI without it has some", strings.ReplaceAll(slots.GroupKey(d.task.objective.Select), ",", ", "))
		for _, m := range selected {
			if values, _ := d.values(ctx, term.Without(m), m.Name); slices.Equal(values, []string{""}) {
				reason += fmt.Sprintf(": none has the label %s%s", m.Name, d.labelsOf(ctx, term.Without(m), m.Name))
			} else {
				reason += problem.DidYouMean(m.Value, values)
			}
		}
		return true, reason, err
	case term.Metric == "":
		return true, "", err
	case !has(term.Without(matchers...)):
		names, _ := d.service.client.LabelValues(ctx, model.MetricNameLabel, "", time.UnixMilli(d.from), time.UnixMilli(d.to), 0)
		switch meant := problem.DidYouMean(term.Metric, names); {
		case len(names) > 0 && !slices.Contains(names, term.Metric) && (meant != "" || !d.isLate):
			reason = "none is named " + term.Metric + meant
		case len(names) == 0:
			if server, err := d.service.Capabilities(ctx); err == nil && server.HasTenants() {
				reason = prometheus.TenantHint
			}
		}
		return true, reason, err
	}
	for _, m := range matchers {
		values, failed := d.values(ctx, term.Without(m), m.Name)
		switch err = errors.Join(err, failed); {
		case len(values) == 0:
			continue
		case slices.Equal(values, []string{""}):
			return true, fmt.Sprintf("%s has no label %s%s", term.Metric, m.Name, d.labelsOf(ctx, term.Without(m), m.Name)), err
		}
		meant := ""
		if m.Type == labels.MatchEqual {
			meant = problem.DidYouMean(m.Value, values)
		}
		return true, fmt.Sprintf("%s has no %s, only %s%s", term.Metric, m, listed(values), meant), err
	}
	return true, fmt.Sprintf("%s has no series with all of its labels at once", term.Selector()), err
}

// labelsOf suggests the label that was probably meant, or lists those of the term's series.
func (d *diagnosis) labelsOf(ctx context.Context, term sli.Term, label string) string {
	names, err := d.service.client.LabelNames(ctx, term.Selector(), time.UnixMilli(d.from), time.UnixMilli(d.to))
	names = slices.DeleteFunc(names, func(name string) bool { return name == model.MetricNameLabel })
	if err != nil || len(names) == 0 {
		return ""
	}
	return cmp.Or(problem.DidYouMean(label, names), "; it has "+listed(names))
}

// listed quotes and joins names, or values of a label, which are "" for series without it.
func listed(names []string) string {
	quoted := make([]string, min(len(names), maxListed))
	for i := range quoted {
		if quoted[i] = strconv.Quote(names[i]); names[i] == "" {
			quoted[i] = "series without that label"
		}
	}
	if more := len(names) - maxListed; more > 0 {
		quoted = append(quoted, fmt.Sprintf("%d more", more))
	}
	return strings.Join(quoted, ", ")
}

// values returns the values of a label among the term's series, sorted, "" for series without it.
// It looks at the last hour and, if that has none, or none of the wanted, at the days of the
// window from the last one back.
func (d *diagnosis) values(ctx context.Context, term sli.Term, label string, wanted ...string) ([]string, error) {
	values := map[string]bool{}
	sink := func(labels map[string]string) func(int64, float64) {
		values[labels[label]] = true
		return nil
	}
	enough := func() bool {
		return len(values) > 0 && (len(wanted) == 0 || slices.ContainsFunc(wanted, func(value string) bool { return values[value] }))
	}
	_, err := d.service.query(ctx, term.Values(label, time.Hour), d.to, d.to, hour, sink)
	for to := d.to; err == nil && !enough() && d.to-d.from > hour && to > d.from; to -= 7 * day {
		first := to - min(6, (to-d.from-1)/day)*day
		_, err = d.service.query(ctx, term.Values(label, 24*time.Hour), first, to, day, sink)
	}
	return slices.Sorted(maps.Keys(values)), err
}
