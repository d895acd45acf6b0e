package measure

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/scope"
)

// Question asks for the status of several agreements.
type Question struct {
	At time.Time
	// Window overrides that of each objective; nil keeps them.
	Window *agreement.Window
	// BurnWindows, default DefaultBurnWindows.
	BurnWindows []time.Duration
	// Unreachable is the error of [Service.Capabilities], if the caller has called it.
	Unreachable error
	// LastKnown asks for the last known figures, and their instant, if the server
	// does not answer: for people to see, never for a decision.
	LastKnown bool
	// Progress, if not nil, is called after each objective, one call at a time, with
	// done from 1 to total.
	Progress func(done, total int)
}

// Result is one objective, or one group of it, as of an instant.
type Result struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	Group     map[string]string // empty without groupBy
	budget.Status
	// Raw is the balance with every slot of the window, in scope or not.
	Raw budget.Balance
	// Measurement says how the counts were obtained.
	Measurement counting.Measurement
	// Err is why the objective could not be measured.
	Err error
}

// Remarks returns what a reader of the figures should know.
func (r Result) Remarks() []string {
	all := slices.Concat(r.Status.Remarks(), r.Measurement.Warnings, r.Measurement.Notes)
	return slices.DeleteFunc(all, func(remark string) bool { return remark == r.Reason })
}

// AgreementResult is an agreement with the results of its objectives, in the order of
// the document, and of its groups within an objective.
type AgreementResult struct {
	Agreement  *agreement.Agreement
	State      budget.State
	Objectives []Result
}

// Status measures the agreements as of an instant. An objective that cannot be measured
// has its error in the result and does not affect the others.
func (s *Service) Status(ctx context.Context, agreements []*agreement.Agreement, q Question) []AgreementResult {
	if q.BurnWindows == nil {
		q.BurnWindows = DefaultBurnWindows()
	}
	// Checked once: otherwise each objective would wait for a server that does not
	// answer.
	if q.Unreachable == nil {
		_, q.Unreachable = s.Capabilities(ctx)
	}
	var mu sync.Mutex
	done, total := 0, 0
	for _, a := range agreements {
		total += len(a.Objectives)
	}
	answers, cost := Together(ctx, s, agreements, func(ctx context.Context, s *Service, a *agreement.Agreement, o *agreement.Objective) ([]Result, error) {
		results := s.objectiveStatus(ctx, a, o, q)
		if q.Progress != nil && s.plan == nil {
			mu.Lock()
			defer mu.Unlock()
			done++
			q.Progress(done, total)
		}
		return results, nil
	})
	results := make([]AgreementResult, len(agreements))
	for i, a := range agreements {
		results[i].Agreement = a
		for _, answer := range answers[:len(a.Objectives)] {
			if answer.Err != nil {
				failed := q
				failed.Unreachable = answer.Err
				answer.Value = s.objectiveStatus(ctx, a, answer.Objective, failed)
			}
			results[i].Objectives = append(results[i].Objectives, answer.Value...)
		}
		answers = answers[len(a.Objectives):]
		results[i].State = agreementState(results[i])
	}
	for i := range results { // the first one has the cost of what was counted together
		if len(results[i].Objectives) > 0 {
			results[i].Objectives[0].Measurement.Cost.Add(cost)
			break
		}
	}
	return results
}

// ByWorst compares results to sort them, the worst first: by state, then by remaining budget.
func ByWorst(a, b Result) int {
	return cmp.Or(budget.ByWorst(a.State, b.State), cmp.Compare(a.Remaining, b.Remaining))
}

// agreementState returns the worst of the objectives' states, Inactive for an agreement
// that is not in its active stage.
func agreementState(result AgreementResult) budget.State {
	if result.Agreement.Stage != agreement.Active {
		return budget.Inactive
	}
	states := make([]budget.State, 0, len(result.Objectives))
	for _, objective := range result.Objectives {
		states = append(states, objective.State)
	}
	return budget.Worst(states...)
}

// objectiveStatus returns the results of each group of an objective.
func (s *Service) objectiveStatus(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, q Question) []Result {
	results := s.statusBy(ctx, a, o, q, s.Count)
	why := results[0].Err
	if !q.LastKnown || !counting.GoesOnLater(why) || s.plan != nil {
		return results
	}
	known := s.KnownUntil(ctx, o, q.At)
	if known.IsZero() || q.Window != nil && inOtherPeriod(InZone(*q.Window, a, o), known, q.At) {
		return results
	}
	q.At, q.Unreachable = known, nil
	last := s.statusBy(ctx, a, o, q, s.Remembered)
	if last[0].Err != nil {
		return results
	}
	note := []string{"as of " + agreement.FormatInstant(known.In(cmp.Or(last[0].Window.Zone, time.UTC))) + ": " + why.Error()}
	for i := range last {
		last[i].Measurement.Notes = slices.Concat(note, last[i].Measurement.Notes)
	}
	return last
}

// inOtherPeriod reports whether the window covers another calendar period as of one instant than as of the other.
func inOtherPeriod(window agreement.Window, one, other time.Time) bool {
	return window.IsCalendar() && window.Period(one) != window.Period(other)
}

func (s *Service) statusBy(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, q Question, count counter) []Result {
	question := budget.Question{Window: InZone(*cmp.Or(q.Window, &o.Window), a, o), Effective: a.Effective, BurnWindows: q.BurnWindows, At: q.At}
	return resultsOf(ctx, a, o, question, func() (*Reading, error) {
		if err := cmp.Or(s.Check(q.Window, q.At), q.Unreachable); err != nil && a.NotRead == "" {
			return nil, err
		}
		from := budget.LookbackStart(question.Window, q.BurnWindows, q.At)
		return s.readBy(ctx, a, o, from, question.To(), budget.Horizon(question.Window, q.At), func(in scope.Intervals) time.Time {
			return budget.EarliestNeeded(o, question, in)
		}, count)
	})
}

// resultsOf answers the question for each group of an objective, without a reading if
// nothing needs to be measured.
func resultsOf(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, q budget.Question, read func() (*Reading, error)) []Result {
	reason := q.Inactive()
	switch {
	case a.NotRead != "":
	case o.OtherConnection != "":
		return []Result{single(a, o, q, budget.NoData, o.OtherConnection)}
	case reason != "":
		return []Result{single(a, o, q, budget.Inactive, reason)}
	}
	results, err := func() (all []Result, err error) {
		defer parallel.Recover(&err)
		reading, err := read()
		if err != nil {
			return nil, err
		}
		// Slots that were read beyond what this question needs are ignored, so that a
		// window always has the same figures.
		needed, counted := *reading, *reading.Result
		needed.Result, counted.From = &counted, budget.EarliestNeeded(o, q, reading.Scope.In)
		from, _ := q.Window.At(q.At)
		for ledgers := range needed.Ledgers(ctx, from, q.To()) {
			all = append(all, needed.result(ledgers, q))
		}
		return all, ctx.Err()
	}()
	if err != nil {
		return failed(a, o, q, err)
	}
	return results
}

// failed returns the single result of an objective that could not be measured.
func failed(a *agreement.Agreement, o *agreement.Objective, q budget.Question, err error) []Result {
	result := single(a, o, q, budget.NoData, err.Error())
	result.Err = err
	return []Result{result}
}

// single returns the single result of an objective for which nothing was counted.
func single(a *agreement.Agreement, o *agreement.Objective, q budget.Question, state budget.State, reason string) Result {
	status := budget.EmptyStatus(q.Window, q.At, state, reason)
	return Result{Agreement: a, Objective: o, Group: map[string]string{}, Status: status, Raw: status.Balance}
}

// result returns the status of one group, adjusted and raw.
func (r *Reading) result(l Ledgers, q budget.Question) Result {
	from, _ := q.Window.At(q.At)
	result := Result{Agreement: r.Agreement, Objective: r.Objective, Group: l.Group, Measurement: r.MeasurementIn(from, q.To()),
		Status: l.Adjusted.Status(q), Raw: l.Raw(from).Balance(q.Window, q.At)}
	if result.State == budget.NoData && r.Missing != "" {
		result.Reason = r.Missing
	}
	return result
}
