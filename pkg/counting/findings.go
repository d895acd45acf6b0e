package counting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// Finding is what the data show about an objective's queries, and how to fix it. With an error there
// are no figures; with a warning they may be misleading.
type Finding struct {
	Severity problem.Severity
	// Field is the query concerned: total, good, bad, raw or threshold; or select or groupBy.
	Field string
	Text  string
	// missing is true if the finding is a reason why nothing was counted.
	missing bool
}

// Diagnose counts the objective in (from, to] and returns what only its data can show about its
// queries. The error is that of counting.
func (s *Service) Diagnose(ctx context.Context, o *agreement.Objective, from, to time.Time) ([]Finding, error) {
	r, err := s.countUnjudged(ctx, o, from, to)
	if err != nil {
		return nil, err
	}
	return s.find(ctx, r), nil
}

// take turns findings into an error, the reason why nothing was counted, or warnings.
func (r *Result) take(found []Finding) error {
	var errs []error
	for _, finding := range found {
		switch {
		case finding.Severity == problem.Error:
			errs = append(errs, errors.New(finding.Text))
		case finding.missing && r.total() == 0:
			r.Missing = cmp.Or(r.Missing, finding.Text)
		default:
			r.Warnings = append(r.Warnings, finding.Text)
		}
	}
	if r.unusable != "" && !r.measured() {
		r.Missing = r.unusable
	}
	return errors.Join(errs...)
}

func (r *Result) total() (total float64) {
	for _, group := range r.groups {
		total += group.View.Sum(r.From.UnixMilli(), r.To.UnixMilli()).Total
	}
	return total
}

// insane finds a stretch over which the part cannot be a part of the total (docs/queries.md, «What only
// data can tell»): a day, or the window if it is shorter. Single slots may be off, since two counters are
// scraped at slightly different instants.
func (t *task) insane(r *Result) []Finding {
	from := r.From.UnixMilli()
	for _, key := range slices.Sorted(maps.Keys(r.groups)) {
		group := r.groups[key]
		for to := r.To.UnixMilli(); to > from; to -= day {
			begin := max(from, to-day)
			end := min(r.To.UnixMilli(), begin+day)
			sum := group.View.Sum(begin, end)
			if tolerance := max(1, 0.001*sum.Total); sum.Bad < -tolerance || sum.Bad > sum.Total+tolerance {
				return []Finding{{Severity: problem.Error, Field: t.plan.PartName(), Text: t.insaneText(sum, group.Labels, begin, end)}}
			}
		}
	}
	return nil
}

func (t *task) insaneText(sum slots.Sum, labels map[string]string, from, to int64) string {
	part, mend := sum.Bad, "of what total counts, bad must be a part: check that both are of the same metric and labels"
	if t.plan.PartIsGood {
		part, mend = sum.Total-sum.Bad, "of what total counts, good must be a part: check that both are of the same metric and labels"
	}
	if part < 0 && slices.ContainsFunc(t.plan.Part, func(term sli.Term) bool { return term.Negative }) {
		mend = "a difference is what is added less what is subtracted: check which of them is the larger"
	}
	if sum.Total < 0 {
		mend = "total is below zero, which no count is: check its query"
	}
	if sum.Total == 0 && !t.plan.PerPeriod() {
		mend = "total gained nothing: check its query; where samples are counts of a period, say counter: false"
	}
	if len(labels) > 0 {
		mend += ", in " + slots.GroupKey(labels)
	}
	about := func(events float64) string { return number(math.Round(1000*events) / 1000) } // a slot that is cut has fractions
	return fmt.Sprintf("%s cannot be: %s %s of %s in all from %s to %s; %s",
		t.plan.PartName(), about(part), t.plan.PartName(), about(sum.Total), instantText(from), instantText(to), mend)
}
