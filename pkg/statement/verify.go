package statement

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/wire"
)

// Verification is what was found when a statement was checked.
type Verification struct {
	Agreement string    `json:"agreement"`
	Period    string    `json:"period"`
	Number    int       `json:"number"`
	Digest    string    `json:"digest"`
	FrozenAt  time.Time `json:"frozenAt"`
	// Verified says that nothing differs.
	Verified bool  `json:"verified"`
	Basis    Basis `json:"basis"`
	// Differences are what differs, and why.
	Differences []Difference `json:"differences"`
	// Notes are what the reader should know and changes no figure.
	Notes []string `json:"notes"`
	// Figures are those that a restatement would give otherwise.
	Figures []FigureChange `json:"figures"`
}

// Basis is what a statement was checked against.
type Basis string

// The bases. Whatever the basis, the figures were computed anew from the slots
// that the statement stores.
const (
	OnEngine Basis = "engine" // every slot was counted anew, too
	OnBoth   Basis = "partly" // so was what Prometheus still has of them
	OnSlots  Basis = "slots"  // Prometheus has nothing of them, or was not asked
)

// Kind is why something differs.
type Kind string

// The kinds of differences.
const (
	Tampered    Kind = "digest"     // the file was changed after it was frozen
	Arithmetic  Kind = "arithmetic" // figures are not those of the stored slots
	Samples     Kind = "samples"    // Prometheus has other samples than then
	MethodKind  Kind = "method"     // Prometheus is counted by another method
	TargetKind  Kind = "target"     // the target was changed since
	Excluded    Kind = "exclusion"  // an exclusion was added, approved, changed or removed
	Redefined   Kind = "definition" // the definition was changed since
	AlertsKind  Kind = "alerts"     // other alerts fired than were known
	NotCompared Kind = "error"      // Prometheus could not be asked
)

// Difference is one thing that differs.
type Difference struct {
	Kind Kind `json:"kind"`
	// Text says it in words.
	Text      string            `json:"text"`
	Objective string            `json:"objective,omitempty"`
	Group     map[string]string `json:"group,omitempty"`
	// Field of the statement, with its value then and now, as JSON.
	Field string `json:"field,omitempty"`
	Was   string `json:"was,omitempty"`
	Now   string `json:"now,omitempty"`
	// Day in the objective's zone on which samples differ, the slots, and how
	// much more was counted in them.
	Day       string       `json:"day,omitempty"`
	Slots     []SlotChange `json:"slots,omitempty"`
	MoreTotal float64      `json:"moreTotal,omitempty"`
	MoreBad   float64      `json:"moreBad,omitempty"`
}

// SlotChange is a slot that was counted otherwise; figures are absent where
// nothing was measured.
type SlotChange struct {
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	WasTotal budget.Figure `json:"wasTotal"`
	WasBad   budget.Figure `json:"wasBad"`
	NowTotal budget.Figure `json:"nowTotal"`
	NowBad   budget.Figure `json:"nowBad"`
}

// FigureChange is how a group stands in the statement, and how it would in a
// restatement; Now is absent where it is not there any more, Was where it is
// new.
type FigureChange struct {
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Was       *Standing         `json:"was"`
	Now       *Standing         `json:"now"`
}

// Standing is a state with its figures.
type Standing struct {
	State budget.State `json:"state"`
	wire.Figures
}

// Today is what a statement is checked against beside itself.
type Today struct {
	Engine *measure.Service
	// Agreement as the documents have it now, nil when they have none.
	Agreement *agreement.Agreement
}

// tolerance of figures, relative: what processors differ by is far less.
const tolerance = 1e-9

// Verify checks a statement: that it was not changed, that its figures are those
// of its slots and its definition, and, with today, that documents and
// Prometheus still say the same. The error is that of ctx; whatever else is
// wrong is in the verification.
func Verify(ctx context.Context, s *Statement, today *Today) (*Verification, error) {
	v := &verifier{said: s, Verification: Verification{Agreement: s.Agreement, Period: s.Period.Name, Number: s.Number,
		Digest: s.Digest, FrozenAt: s.Frozen.At, Basis: OnSlots, Differences: []Difference{}, Notes: []string{}, Figures: []FigureChange{}}}
	var err error
	if v.stored, err = s.evidence(); err != nil {
		return nil, err
	}
	if err := v.itself(); err != nil {
		return nil, err
	}
	if today != nil {
		if err := v.against(ctx, today); err != nil {
			return nil, err
		}
	}
	v.Verified = len(v.Differences) == 0
	return &v.Verification, nil
}

type verifier struct {
	Verification
	said   *Statement
	stored stored
	// merged is the evidence of each objective with what Prometheus has now,
	// and with the stored slots where it has nothing any more.
	merged []measure.Evidence
}

func (v *verifier) differs(d Difference) { v.Differences = append(v.Differences, d) }

func (v *verifier) note(format string, args ...any) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
}

// itself checks the statement by itself.
func (v *verifier) itself() error {
	digest, err := v.said.computedDigest()
	if err != nil {
		return err
	}
	if digest != v.said.Digest {
		v.differs(Difference{Kind: Tampered, Field: "digest", Was: text(v.said.Digest), Now: text(digest),
			Text: "the file was changed after it was frozen: its digest is not that of what stands in it"})
	}
	again, err := build(v.stored.agreement, v.stored.period, v.stored.found, v.stored.alerts)
	if err != nil {
		return err
	}
	again.Number, again.Replaces = v.said.Number, v.said.Replaces
	found, err := changes(v.said.Content, again, tolerance)
	if err != nil {
		return err
	}
	for _, c := range found {
		v.differs(Difference{Kind: Arithmetic, Field: c.Path, Was: c.Was, Now: c.Now,
			Text: fmt.Sprintf("%s is stated as %s, and computed from the stored slots and the definition it is %s", c.Path, orNone(c.Was), orNone(c.Now))})
	}
	return nil
}

func orNone(text string) string {
	if text == "" {
		return "not there"
	}
	return text
}

// against checks what documents and Prometheus say now.
func (v *verifier) against(ctx context.Context, today *Today) error {
	if err := v.definition(today.Agreement); err != nil {
		return err
	}
	if err := v.samples(ctx, today.Engine); err != nil {
		return err
	}
	if len(v.Differences) == 0 || today.Agreement == nil || v.merged == nil {
		return nil
	}
	return v.restated(ctx, today)
}

// samples counts every slot anew, by the definition of the statement.
func (v *verifier) samples(ctx context.Context, engine *measure.Service) error {
	forgotten, known := 0, 0
	var merged []measure.Evidence
	for i, o := range v.stored.agreement.Objectives {
		then := v.stored.found[i]
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
		v.remember(o.Name, c)
		merged = append(merged, c.merged)
	}
	switch {
	case len(merged) < len(v.stored.found): // one could not be compared
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

// remember tells what a comparison found.
func (v *verifier) remember(objective string, c comparison) {
	switch {
	case c.forgotten > 0 && c.known == 0:
		v.note("%s: Prometheus has nothing of the period any more; verified from the stored slots only", objective)
	case c.forgotten > 0:
		v.note("%s: Prometheus has nothing any more of before %s; until then verified from the stored slots only", objective, c.knownFrom.Format("2006-01-02 15:04 UTC"))
	}
	if c.then.Measurement.Method != c.now.Measurement.Method && c.known > 0 {
		was, now := string(c.then.Measurement.Method), string(c.now.Measurement.Method)
		if len(c.days) == 0 {
			v.note("%s: counted by the method %s then, by %s now, with the same result", objective, was, now)
		} else {
			v.differs(Difference{Kind: MethodKind, Objective: objective, Field: "method", Was: text(was), Now: text(now),
				Text: fmt.Sprintf("%s was counted by the method %s, and this Prometheus is by %s: the slots below may differ by that alone", objective, was, now)})
		}
	}
	for _, day := range c.days {
		day.Objective = objective
		day.Text = day.words(v.unit(objective))
		v.differs(day)
	}
}

func (v *verifier) unit(objective string) agreement.Unit {
	for _, o := range v.stored.agreement.Objectives {
		if o.Name == objective && o.SLI.Kind.TimeBased() {
			return agreement.Seconds
		}
	}
	return agreement.Events
}

// alerts compares those that fired.
func (v *verifier) alerts(ctx context.Context, engine *measure.Service) error {
	from, to := bounds(v.stored.agreement, v.stored.period)
	fired, err := engine.FiredAlerts(ctx, v.stored.agreement, from, to)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		v.differs(Difference{Kind: NotCompared, Text: err.Error()})
		return nil
	}
	was, now := map[string]bool{}, map[string]bool{}
	for _, alert := range v.stored.alerts {
		was[alertText(alert)] = true
	}
	for _, alert := range fired {
		now[alertText(alert)] = true
	}
	for _, alert := range slices.Sorted(maps.Keys(now)) {
		if !was[alert] {
			v.differs(Difference{Kind: AlertsKind, Field: "alerts", Now: text(alert), Text: "alert " + alert + " was not known to have fired"})
		}
	}
	for _, alert := range slices.Sorted(maps.Keys(was)) {
		if !now[alert] {
			v.differs(Difference{Kind: AlertsKind, Field: "alerts", Was: text(alert), Text: "Prometheus does not know any more that alert " + alert + " fired"})
		}
	}
	return nil
}

func alertText(a measure.FiredAlert) string {
	return a.Name + " from " + a.From.Format("2006-01-02 15:04") + " to " + a.To.Format("2006-01-02 15:04 UTC")
}

// restated makes the statement of today, and tells the figures that it gives
// otherwise.
func (v *verifier) restated(ctx context.Context, today *Today) error {
	var found []measure.Evidence
	for _, o := range today.Agreement.Objectives {
		evidence, err := v.evidenceOf(ctx, today, o)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			v.note("%s, as it is defined now, could not be measured, so what a restatement would say is not told: %v", o.Name, err)
			return nil
		}
		found = append(found, evidence)
	}
	content, err := build(today.Agreement, v.stored.period, found, v.stored.alerts)
	if err != nil {
		v.note("what a restatement would say cannot be told: %v", err)
		return nil
	}
	v.Figures = figureChanges(v.said.Content, content)
	return nil
}

// evidenceOf is what is known of an objective as it is defined now. Where it is
// counted as in the statement, nothing is asked again.
func (v *verifier) evidenceOf(ctx context.Context, today *Today, o *agreement.Objective) (measure.Evidence, error) {
	if o.OtherConnection != "" {
		return measure.Evidence{}, nil
	}
	window, from, to := measure.PeriodOf(today.Agreement, o, v.stored.period)
	for i, known := range v.stored.agreement.Objectives {
		evidence := v.merged[i]
		if known.Name != o.Name || known.OtherConnection != "" || !isCountedAlike(known, o) || !evidence.From.Equal(from) || !evidence.To.Equal(to) {
			continue
		}
		evidence.Agreement, evidence.Objective, evidence.Window = today.Agreement, o, window
		var err error
		evidence.Scope, err = scope.Of(today.Agreement, from, to)
		return evidence, err
	}
	return today.Engine.Evidence(ctx, today.Agreement, o, v.stored.period)
}

// isCountedAlike reports whether the slots of both hold the same.
func isCountedAlike(a, b *agreement.Objective) bool {
	counted := func(o *agreement.Objective) ObjectiveDefinition {
		d := defineObjective(o, time.Time{})
		d.Indicator.Name = ""
		return ObjectiveDefinition{Indicator: d.Indicator, Op: d.Op, Value: d.Value, TimeSliceWindow: d.TimeSliceWindow, Select: d.Select, GroupBy: d.GroupBy}
	}
	found, err := changes(counted(a), counted(b), 0)
	return err == nil && len(found) == 0
}

func figureChanges(was, now Content) []FigureChange {
	type key struct{ objective, group string }
	before, after := map[key]FigureChange{}, map[key]*Standing{}
	var order []key
	for _, o := range was.Objectives {
		for _, g := range o.Groups {
			k := key{o.Name, slots.GroupKey(g.Labels)}
			order = append(order, k)
			before[k] = FigureChange{Objective: o.Name, Group: g.Labels, Was: &Standing{g.State, g.Adjusted}}
		}
	}
	for _, o := range now.Objectives {
		for _, g := range o.Groups {
			k := key{o.Name, slots.GroupKey(g.Labels)}
			after[k] = &Standing{g.State, g.Adjusted}
			if _, known := before[k]; !known {
				order = append(order, k)
				before[k] = FigureChange{Objective: o.Name, Group: g.Labels}
			}
		}
	}
	changed := []FigureChange{}
	for _, k := range order {
		c := before[k]
		c.Now = after[k]
		if found, err := changes(c.Was, c.Now, tolerance); err == nil && len(found) > 0 {
			changed = append(changed, c)
		}
	}
	return changed
}

// words says in one line what a day's samples add.
func (d Difference) words(unit agreement.Unit) string {
	var parts []string
	for _, part := range []struct {
		more float64
		what string
	}{{d.MoreTotal, string(unit)}, {d.MoreBad, "bad " + string(unit)}} {
		switch {
		case part.more > 0:
			parts = append(parts, fmt.Sprintf("%s %s more", exactText(part.more), part.what))
		case part.more < 0:
			parts = append(parts, fmt.Sprintf("%s %s fewer", exactText(-part.more), part.what))
		}
	}
	if parts == nil {
		parts = []string{"the same in sum, in other slots"}
	}
	first, last := d.Slots[0], d.Slots[len(d.Slots)-1]
	where := fmt.Sprintf("the slot %s–%s UTC", first.From.Format("15:04"), first.To.Format("15:04"))
	if len(d.Slots) > 1 {
		where = fmt.Sprintf("%d slots between %s and %s UTC", len(d.Slots), first.From.Format("15:04"), last.To.Format("15:04"))
	}
	name := d.Objective
	if len(d.Group) > 0 {
		name += " {" + strings.ReplaceAll(slots.GroupKey(d.Group), ",", ", ") + "}"
	}
	why := "late samples"
	if d.MoreTotal < 0 {
		why = "samples are gone, or were written anew"
	}
	return fmt.Sprintf("%s: on %s %s, in %s: %s", name, d.Day, strings.Join(parts, " and "), where, why)
}
