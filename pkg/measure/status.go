package measure

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
)

// Question is what is asked of many agreements at once.
type Question struct {
	At time.Time
	// Window overrides that of each objective; nil keeps them.
	Window *agreement.Window
	// BurnWindows, default DefaultBurnWindows.
	BurnWindows []time.Duration
	// Unreachable is the error of [Engine.Asked], where the caller has asked.
	Unreachable error
	// Progress, when not nil, is told how many objectives are done: one call
	// at a time, done from 1 to total.
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
	// Measurement says how the counts were had.
	Measurement Measurement
	// Err is why the objective could not be measured.
	Err error
}

// Measurement says how counts were had.
type Measurement struct {
	Method     sli.Method
	Resolution time.Duration
	// Queries are the PromQL sent for a whole slot, a line each term.
	Queries []string
	// Notes are remarks a reader of the figures should know.
	Notes []string
	Cost  Cost
}

// AgreementResult is an agreement with its objectives' results, in the order
// of the document, and of the group within an objective.
type AgreementResult struct {
	Agreement  *agreement.Agreement
	State      budget.State
	Objectives []Result
}

// Status measures the agreements as of an instant. An objective that cannot be
// measured carries its error, the others are unharmed.
func (e *Engine) Status(ctx context.Context, agreements []*agreement.Agreement, q Question) []AgreementResult {
	if q.BurnWindows == nil {
		q.BurnWindows = DefaultBurnWindows()
	}
	found := make([][][]Result, len(agreements))
	// Asked once: each objective would otherwise wait by itself for a server
	// that does not answer.
	if q.Unreachable == nil {
		_, q.Unreachable = e.Capabilities(ctx)
	}
	var work []func()
	var progress sync.Mutex
	done := 0
	for i, a := range agreements {
		found[i] = make([][]Result, len(a.Objectives))
		for j, o := range a.Objectives {
			work = append(work, func() {
				found[i][j] = e.objectiveStatus(ctx, a, o, q)
				if q.Progress != nil {
					progress.Lock()
					defer progress.Unlock()
					done++
					q.Progress(done, len(work))
				}
			})
		}
	}
	inParallel(work)
	results := make([]AgreementResult, len(agreements))
	for i, a := range agreements {
		results[i] = AgreementResult{Agreement: a, Objectives: slices.Concat(found[i]...)}
		results[i].State = agreementState(results[i])
	}
	return results
}

// inParallel runs the work, a bounded number at once.
func inParallel(work []func()) {
	turns := make(chan struct{}, objectivesAtOnce)
	var wait sync.WaitGroup
	for _, do := range work {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			do()
		})
	}
	wait.Wait()
}

// agreementState is the worst of the objectives' states; an agreement that is
// not active promises nothing yet, or no more.
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

func (e *Engine) objectiveStatus(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, q Question) []Result {
	question := budget.Question{Window: o.Window, Effective: a.Effective, BurnWindows: q.BurnWindows, At: q.At}
	if q.Window != nil {
		question.Window = overridden(*q.Window, a, o)
	}
	single := func(status budget.Status, err error) []Result {
		return []Result{{Agreement: a, Objective: o, Group: map[string]string{}, Status: status, Raw: absentBalance(status), Err: err}}
	}
	if o.OtherConnection != "" {
		return single(budget.UnmeasuredStatus(question.Window, q.At, o.OtherConnection), nil)
	}
	if reason := question.Inactive(); reason != "" {
		return single(budget.InactiveStatus(question.Window, q.At, reason), nil)
	}
	if q.Unreachable != nil {
		return single(budget.UnmeasuredStatus(question.Window, q.At, q.Unreachable.Error()), q.Unreachable)
	}
	results, err := e.measured(ctx, a, o, question)
	if err != nil {
		return single(budget.UnmeasuredStatus(question.Window, q.At, err.Error()), err)
	}
	return results
}

// measured are the results of each group of an objective.
func (e *Engine) measured(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, q budget.Question) (results []Result, err error) {
	defer recovered(&err)
	from := budget.Reach(q.Window, q.BurnWindows, q.At)
	reading, err := e.open(ctx, a, o, from, q.To(), budget.Horizon(q.Window, q.At), func(in scope.Intervals) time.Time {
		return budget.ReadFrom(q, in)
	})
	if err != nil {
		return nil, err
	}
	windowFrom, _ := q.Window.At(q.At)
	for _, ledgers := range reading.groups(windowFrom, q.To()) {
		results = append(results, reading.result(ledgers, q))
	}
	return results, nil
}

// result is the status of one group, adjusted and raw.
func (r *reading) result(l Ledgers, q budget.Question) Result {
	from, _ := q.Window.At(q.At)
	result := Result{Agreement: r.agreement, Objective: r.task.objective, Group: l.Group, Measurement: r.measurement,
		Status: l.Adjusted.Status(q), Raw: l.Raw(from).Balance(q.Window, q.At)}
	if result.State == budget.NoData && r.missing != "" {
		result.Reason = r.missing
	}
	return result
}

func absentBalance(status budget.Status) budget.Balance {
	raw := status.Balance
	raw.Total, raw.Bad, raw.Compliance = budget.Absent, budget.Absent, budget.Absent
	return raw
}

// overridden is the override in the objective's zone; a rolling window has
// none, so there it is the agreement's.
func overridden(window agreement.Window, a *agreement.Agreement, o *agreement.Objective) agreement.Window {
	if window.Zone == nil {
		window.Zone = o.Window.Zone
	}
	if window.Zone == nil {
		window.Zone = a.Zone
	}
	return window
}

// Ledgers are the ledgers of one group of an objective.
type Ledgers struct {
	Group    map[string]string
	Adjusted *budget.Ledger
	// Raw makes the ledger in which every slot from the instant on counts.
	Raw func(from time.Time) *budget.Ledger
}

// reading is an objective's slots, ready to be counted.
type reading struct {
	task        *task
	agreement   *agreement.Agreement
	scope       scope.Scope
	from, at    time.Time
	end         time.Time
	found       map[string]group
	measurement Measurement
	// missing says why there is nothing, where that can be told.
	missing string
}

// open reads the slots of an objective from the instant that need picks, given
// the time in scope since earliest, up to at. The scope reaches to end.
func (e *Engine) open(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, earliest, at, end time.Time,
	need func(in scope.Intervals) time.Time) (r *reading, err error) {
	defer recovered(&err)
	if end.Before(at) {
		end = at
	}
	inScope, err := scope.Of(a, earliest, end)
	if err != nil {
		return nil, err
	}
	t, err := e.newTask(ctx, o, at)
	if err != nil {
		return nil, err
	}
	from := need(inScope.In)
	found, cost, err := e.read(ctx, t, from.UnixMilli(), at.UnixMilli())
	if err != nil {
		return nil, err
	}
	r = &reading{task: t, agreement: a, scope: inScope, from: from, at: at, end: end, found: found}
	r.measurement = Measurement{Method: t.method, Resolution: t.resolution, Queries: t.queries(), Notes: t.notes(), Cost: cost}
	if r.missing, err = e.diagnose(ctx, r); err != nil {
		return nil, err
	}
	return r, nil
}

func (t *task) queries() []string {
	var queries []string
	if t.recording != nil {
		for _, part := range recordedParts {
			queries = append(queries, t.recording.Query(part, t.resolution))
		}
		return queries
	}
	if t.objective.SLI.Kind.TimeBased() {
		return []string{t.plan.GaugeQuery(t.method)}
	}
	for _, term := range t.terms() {
		queries = append(queries, t.countQuery(term, t.resolution))
	}
	return queries
}

// groups are the ledgers of the groups that have samples of the total between
// the instants, by label; one without any samples when there is none. What is
// not grouped is there also without: its burn rates reach back further.
func (r *reading) groups(from, to time.Time) []Ledgers {
	var all []Ledgers
	keys := make([]string, 0, len(r.found))
	for key := range r.found {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		found := r.found[key]
		sum := found.view.Sum(from.UnixMilli(), to.UnixMilli())
		if sum.Measured > 0 || len(r.task.objective.GroupBy) == 0 {
			all = append(all, r.ledgers(found))
		}
	}
	if len(all) == 0 {
		edge := floor(r.at.UnixMilli(), r.task.step())
		nothing := r.task.known(nil, "", map[string]string{}, edge)
		nothing.view.HeadTo = r.at.UnixMilli()
		all = append(all, r.ledgers(nothing))
	}
	return all
}

func (r *reading) ledgers(found group) Ledgers {
	at := r.at
	if r.task.recording != nil { // what was not recorded yet is not unknown
		at = time.UnixMilli(r.task.edge(floor(r.from.UnixMilli(), r.task.step()), r.at.UnixMilli()))
	}
	basis := budget.Reading{Objective: r.task.objective, Slots: found.view, Scope: r.scope,
		From: r.from, At: at, Grouped: len(r.task.objective.GroupBy) > 0}
	return Ledgers{
		Group:    found.labels,
		Adjusted: budget.NewLedger(basis),
		Raw: func(from time.Time) *budget.Ledger {
			raw := basis
			raw.Scope = scope.Raw(from, r.end)
			return budget.NewLedger(raw)
		},
	}
}
