package statement

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/wire"
)

// Verification is the result of checking a statement.
type Verification struct {
	Agreement string    `json:"agreement"`
	Period    string    `json:"period"`
	Number    int       `json:"number"`
	Digest    string    `json:"digest"`
	FrozenAt  time.Time `json:"frozenAt"`
	// Verified is true if there are no Differences.
	Verified bool  `json:"verified"`
	Basis    Basis `json:"basis"`
	// Differences are what differs, and why.
	Differences []Difference `json:"differences"`
	// Notes are remarks that change no figure.
	Notes []string `json:"notes"`
	// Figures are those that a restatement would change.
	Figures []FigureChange `json:"figures"`
}

// Basis is what a statement was checked against.
type Basis string

// The bases. On every basis the figures are recomputed from the slots stored in the
// statement.
const (
	OnEngine Basis = "engine" // also, every slot was counted again
	OnBoth   Basis = "partly" // also, the slots that Prometheus still has were counted again
	OnSlots  Basis = "slots"  // Prometheus has no slots, failed for an objective, or was not queried
)

// Kind is why something differs.
type Kind string

// The kinds of differences.
const (
	Tampered    Kind = "digest"     // the file was changed after it was frozen
	Arithmetic  Kind = "arithmetic" // figures do not follow from the stored slots
	Samples     Kind = "samples"    // Prometheus has other samples now
	MethodKind  Kind = "method"     // Prometheus is counted by another method now
	TargetKind  Kind = "target"     // the target was changed since
	Excluded    Kind = "exclusion"  // an exclusion was added, approved, changed or removed
	Redefined   Kind = "definition" // the definition was changed since
	AlertsKind  Kind = "alerts"     // Prometheus has other alerts now
	NotCompared Kind = "error"      // a comparison failed, or the agreement has errors now
)

// Difference is one thing that differs.
type Difference struct {
	Kind Kind `json:"kind"`
	// Text describes the difference for people.
	Text      string            `json:"text"`
	Objective string            `json:"objective,omitempty"`
	Group     map[string]string `json:"group,omitempty"`
	// Field is a field of the statement, Was and Now its value then and now, as JSON.
	Field string `json:"field,omitempty"`
	Was   string `json:"was,omitempty"`
	Now   string `json:"now,omitempty"`
	// Day is the day in the objective's zone on which samples differ, Slots the slots,
	// MoreTotal and MoreBad how much more they count now.
	Day       string       `json:"day,omitempty"`
	Slots     []SlotChange `json:"slots,omitempty"`
	MoreTotal float64      `json:"moreTotal,omitempty"`
	MoreBad   float64      `json:"moreBad,omitempty"`
}

// SlotChange is a slot whose counts differ; figures are absent where nothing was
// measured.
type SlotChange struct {
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	WasTotal budget.Figure `json:"wasTotal"`
	WasBad   budget.Figure `json:"wasBad"`
	NowTotal budget.Figure `json:"nowTotal"`
	NowBad   budget.Figure `json:"nowBad"`
}

// FigureChange has the figures of a group in the statement and in a restatement.
// Was is nil for a new group, Now for one that no longer exists.
type FigureChange struct {
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Was       *GroupStatus      `json:"was"`
	Now       *GroupStatus      `json:"now"`
}

// GroupStatus is a state with its figures.
type GroupStatus struct {
	State budget.State `json:"state"`
	budget.Balance
}

// Today is what a statement is checked against besides itself.
type Today struct {
	Engine  *measure.Service
	Archive *Archive
	// Agreement is the agreement in the documents now, nil if they have none.
	Agreement *agreement.Agreement
}

// NewToday returns what to check the statement against, with its agreement from the catalog.
func NewToday(e *measure.Service, archive *Archive, c *catalog.Catalog, s *Statement) *Today {
	a := c.Named(s.Agreement)
	if _, isSLO := c.Find(catalog.ID{Kind: "SLO", Name: s.Agreement}); isSLO && (a == nil || a.IsSLO) {
		a = nil
	}
	return &Today{Engine: e, Archive: archive, Agreement: a}
}

// tolerance is the tolerance of figures for [isSame]: processors differ by far less.
const tolerance = 1e-9

// Verify checks that a statement was not changed, that its figures follow from its slots and definition, and,
// if today is not nil, that the documents and Prometheus still agree with it. The error is that of ctx, of an
// inconsistent statement, or of [scope.Occurrences]; other failures are differences.
func Verify(ctx context.Context, s *Statement, today *Today) (*Verification, error) {
	v := &verifier{statement: s, Verification: Verification{Agreement: s.Agreement, Period: s.Period.Name, Number: s.Number,
		Digest: s.Digest, FrozenAt: s.Frozen.At, Basis: OnSlots, Differences: []Difference{}, Notes: []string{}, Figures: []FigureChange{}}}
	var err error
	if v.stored, err = s.evidence(ctx); err == nil {
		err = v.itself(ctx)
	}
	if err == nil && today != nil {
		err = v.against(ctx, today)
	}
	v.Verified = len(v.Differences) == 0
	return &v.Verification, err
}

type verifier struct {
	Verification
	statement *Statement
	stored    basis
	// merged has the slots that Prometheus has now, else the stored ones; nil unless all were compared.
	merged []measure.Evidence
}

func (v *verifier) differs(d Difference) { v.Differences = append(v.Differences, d) }

func (v *verifier) note(format string, args ...any) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
}

func (v *verifier) itself(ctx context.Context) error {
	digest, err := v.statement.computedDigest()
	if err != nil {
		return err
	}
	if digest != v.statement.Digest {
		v.differs(Difference{Kind: Tampered, Field: "digest", Was: text(v.statement.Digest), Now: text(digest),
			Text: "the file was changed after it was frozen: its digest is not that of what stands in it"})
	}
	again, err := v.stored.content(ctx)
	if err != nil {
		return err
	}
	again.Number, again.Replaces = v.statement.Number, v.statement.Replaces
	for _, c := range changes(v.statement.Content, again, tolerance) {
		v.differs(Difference{Kind: Arithmetic, Field: c.Path, Was: c.Was, Now: c.Now,
			Text: fmt.Sprintf("%s is stated as %s, and computed from the stored slots and the definition it is %s",
				c.Path, cmp.Or(c.Was, "not there"), cmp.Or(c.Now, "not there"))})
	}
	return nil
}

// against compares the statement with the archive, the documents and Prometheus.
func (v *verifier) against(ctx context.Context, today *Today) error {
	err := v.archived(today.Archive)
	if err == nil {
		err = v.definition(ctx, today.Agreement)
	}
	if err == nil {
		err = v.samples(ctx, today.Engine)
	}
	if err != nil || len(v.Differences) == 0 || today.Agreement == nil || today.Agreement.NotRead != "" || v.merged == nil {
		return err
	}
	return v.restated(ctx, today)
}

// archived compares the statement, and the one that it replaces, with those stored under their
// numbers: for slots that Prometheus no longer has there may be no other evidence.
func (v *verifier) archived(archive *Archive) error {
	own, err := v.statement.computedDigest()
	if err != nil {
		return err
	}
	stated := map[int]string{v.Number: own}
	if replaced := v.statement.Replaces; replaced != nil {
		stated[replaced.Number] = replaced.Digest
	}
	for _, number := range slices.Sorted(maps.Keys(stated)) {
		field, what := "digest", "its digest is"
		if number != v.Number {
			field, what = "replaces.digest", fmt.Sprintf("it replaces statement %d with the digest", number)
		}
		kept, _, err := archive.Read(v.Period, v.Agreement, number)
		switch {
		case editing.IsRefused(err, Absent):
			v.note("there is no statement %d of it in the folder of documents to compare it with", number)
			continue
		case err != nil:
			v.differs(Difference{Kind: NotCompared, Text: fmt.Sprintf("statement %d that is kept could not be compared: %v", number, err)})
			continue
		}
		digest, err := kept.computedDigest()
		if err != nil {
			return err
		}
		if digest != stated[number] && (number != v.Number || len(changes(kept.Content, v.statement.Content, tolerance)) > 0) {
			v.differs(Difference{Kind: Tampered, Field: field, Was: text(stated[number]), Now: text(digest),
				Text: fmt.Sprintf("%s %s, and statement %d that is kept has %s", what, stated[number], number, digest)})
		}
	}
	switch _, _, err := archive.Read(v.Period, v.Agreement, v.Number+1); {
	case err == nil:
		v.note("statement %d of the period replaces it", v.Number+1)
	case !editing.IsRefused(err, Absent):
		v.note("whether statement %d of the period replaces it is not known: %v", v.Number+1, err)
	}
	return nil
}

// samples counts every slot again by the statement's definition, and compares.
func (v *verifier) samples(ctx context.Context, engine *measure.Service) error {
	forgotten, known := 0, 0
	var merged []measure.Evidence
	for i, o := range v.stored.agreement.Objectives {
		then := v.stored.measured[i]
		if o.OtherConnection != "" {
			merged = append(merged, then)
			continue
		}
		now, err := engine.WithoutCache(then.Measurement.Resolution).Evidence(ctx, v.stored.agreement, o, v.stored.period)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			v.differs(Difference{Kind: NotCompared, Objective: o.Name,
				Text: fmt.Sprintf("%s could not be compared with Prometheus: %v", o.Name, err)})
			continue
		}
		c := newComparison(then, now)
		forgotten += c.forgotten
		known += c.known
		v.compared(o, c)
		merged = append(merged, c.merged)
	}
	switch {
	case len(merged) < len(v.stored.measured): // one could not be compared
	case forgotten == 0:
		v.Basis, v.merged = OnEngine, merged
		return v.alerts(ctx, engine)
	case known > 0:
		v.Basis, v.merged = OnBoth, merged
	default:
		v.merged = merged
	}
	return nil
}

func (v *verifier) alerts(ctx context.Context, engine *measure.Service) error {
	from, to := Bounds(v.stored.agreement, v.stored.period)
	fired, err := engine.FiredAlerts(ctx, v.stored.agreement, from, to)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		v.differs(Difference{Kind: NotCompared, Text: err.Error()})
		return nil
	}
	was, now := wire.Each(v.stored.alerts, alertText), wire.Each(fired, alertText)
	for _, alert := range missing(now, was) {
		v.differs(Difference{Kind: AlertsKind, Field: "alerts", Now: text(alert), Text: "alert " + alert + " was not known to have fired"})
	}
	for _, alert := range missing(was, now) {
		v.differs(Difference{Kind: AlertsKind, Field: "alerts", Was: text(alert),
			Text: "Prometheus does not know any more that alert " + alert + " fired"})
	}
	return nil
}

// missing returns the texts that are in one list and not in the other, sorted and without duplicates.
func missing(in, from []string) []string {
	absent := slices.DeleteFunc(slices.Sorted(slices.Values(in)), func(text string) bool { return slices.Contains(from, text) })
	return slices.Compact(absent)
}

func alertText(a measure.FiredAlert) string {
	return a.Name + " from " + a.From.Format("2006-01-02 15:04") + " to " + a.To.Format("2006-01-02 15:04 UTC")
}

// restated computes a statement as of today, and sets the figures that it changes.
func (v *verifier) restated(ctx context.Context, today *Today) error {
	var measured []measure.Evidence
	for _, o := range today.Agreement.Objectives {
		evidence, err := v.evidenceOf(ctx, today, o)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			v.note("%s, as it is defined now, could not be measured, so what a restatement would say is not told: %v", o.Name, err)
			return nil
		}
		measured = append(measured, evidence)
	}
	content, err := basis{today.Agreement, v.stored.period, measured, v.stored.alerts}.content(ctx)
	if err != nil {
		v.note("what a restatement would say cannot be told: %v", err)
		return nil
	}
	v.Figures = figureChanges(v.statement.Content, content)
	return nil
}

// evidenceOf returns the evidence of an objective as defined now; the merged one if it is counted as it was.
func (v *verifier) evidenceOf(ctx context.Context, today *Today, o *agreement.Objective) (measure.Evidence, error) {
	if o.OtherConnection != "" {
		return measure.Evidence{}, nil
	}
	if i := v.stored.known(today.Agreement, o); i >= 0 {
		evidence := v.merged[i]
		evidence.Agreement, evidence.Objective = today.Agreement, o
		evidence.Window, _, _ = measure.PeriodOf(today.Agreement, o, v.stored.period)
		var err error
		evidence.Scope, err = scope.Of(ctx, today.Agreement, evidence.From, evidence.To)
		return evidence, err
	}
	return today.Engine.Evidence(ctx, today.Agreement, o, v.stored.period)
}

// isCountedAlike reports whether two objectives are counted the same way, so that their slots are the same,
// also if the counts of one are recorded.
func isCountedAlike(a, b *agreement.Objective) bool {
	counted := func(o *agreement.Objective) wire.Objective {
		d := wire.NewObjective(o)
		d.Indicator.Name, d.Indicator.Recorded = "", false
		return wire.Objective{Indicator: d.Indicator, Op: d.Op, Value: d.Value, TimeSliceWindow: d.TimeSliceWindow,
			Select: d.Select, GroupBy: d.GroupBy}
	}
	return len(changes(counted(a), counted(b), 0)) == 0
}

// figureChanges returns the groups whose state or figures differ.
func figureChanges(was, now Content) []FigureChange {
	all, place := []FigureChange{}, map[string]int{}
	for side, content := range []Content{was, now} {
		for _, o := range content.Objectives {
			for _, g := range o.Groups {
				key := o.Name + " " + slots.GroupKey(g.Labels)
				if _, known := place[key]; !known {
					place[key] = len(all)
					all = append(all, FigureChange{Objective: o.Name, Group: g.Labels})
				}
				status := &GroupStatus{g.State, g.Adjusted}
				if of := &all[place[key]]; side == 0 {
					of.Was = status
				} else {
					of.Now = status
				}
			}
		}
	}
	return slices.DeleteFunc(all, func(c FigureChange) bool { return len(changes(c.Was, c.Now, tolerance)) == 0 })
}
