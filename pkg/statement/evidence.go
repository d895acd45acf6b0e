package statement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/sli"
)

// stored is what a statement was made of, as it stands in it.
type stored struct {
	agreement *agreement.Agreement
	period    agreement.CalendarPeriod
	measured  []measure.Evidence
	alerts    []measure.FiredAlert
}

// evidence takes the statement apart. The error names the field that does not
// fit the others, or could not have been written here.
func (s *Statement) evidence(ctx context.Context) (stored, error) {
	of := stored{alerts: s.Alerts}
	var err error
	if of.period, err = agreement.ParsePeriod(s.Period.Name); err != nil || of.period.Name() != s.Period.Name {
		return of, fmt.Errorf("period.name: %.40q is no period", s.Period.Name)
	}
	if of.agreement, err = s.Definition.resolve(); err != nil {
		return of, fmt.Errorf("definition.%w", err)
	}
	switch {
	case s.Agreement == "" || s.Agreement != s.Definition.Name:
		return of, fmt.Errorf("agreement: is %.80q, and its definition is that of %.80q", s.Agreement, s.Definition.Name)
	case s.Number < 1 || (s.Number > 1) != (s.Replaces != nil):
		return of, fmt.Errorf("number: is %d, and only a first statement, number 1, replaces none", s.Number)
	case len(s.Objectives) != len(of.agreement.Objectives):
		return of, fmt.Errorf("objectives: there are %d, and %d in the definition", len(s.Objectives), len(of.agreement.Objectives))
	}
	for i, o := range of.agreement.Objectives {
		v, err := s.Objectives[i].evidence(ctx, of.agreement, o, of.period)
		if err != nil {
			return of, fmt.Errorf("objectives[%.80q].%w", o.Name, err)
		}
		of.measured = append(of.measured, v)
	}
	return of, nil
}

func (o *Objective) evidence(ctx context.Context, a *agreement.Agreement, of *agreement.Objective, period agreement.CalendarPeriod) (v measure.Evidence, err error) {
	v = measure.Evidence{Agreement: a, Period: counting.Period{Objective: of, Missing: o.Missing}}
	if o.Name != of.Name {
		return v, fmt.Errorf("name: is %.80q in the figures", o.Name)
	}
	if of.OtherConnection != "" {
		return v, nil
	}
	v.Window, v.From, v.To = measure.PeriodOf(a, of, period)
	length := time.Duration(o.Resolution)
	if length < time.Minute || (24*time.Hour)%length != 0 {
		return v, fmt.Errorf("resolution: %s: must be whole minutes that divide a day, such as 5m", o.Resolution)
	}
	v.Measurement = counting.Measurement{Method: sli.Method(o.Method), Queries: o.Queries, Notes: o.Notes, Resolution: length}
	if of.Budgeting != agreement.Occurrences && of.TimeSliceWindow%length != 0 {
		return v, fmt.Errorf("resolution: slots of %s do not fit slices of %s", o.Resolution, agreement.FormatDuration(of.TimeSliceWindow))
	}
	if n := len(o.Groups) * v.SlotCount(); n > counting.MaxSlots {
		return v, fmt.Errorf("groups: they have %d slots; the limit is %d", n, counting.MaxSlots)
	}
	if v.Scope, err = scope.Of(ctx, a, v.From, v.To); err != nil {
		return v, err
	}
	for i, group := range o.Groups {
		counted, err := group.counted(v)
		if err != nil {
			return v, fmt.Errorf("groups[%d].%w", i, err)
		}
		v.Groups = append(v.Groups, counted)
	}
	return v, nil
}

func (g *Group) counted(v measure.Evidence) (counted counting.GroupSlots, err error) {
	counted.Labels = g.Labels
	if !g.Slots.From.Equal(v.FirstSlot()) {
		return counted, fmt.Errorf("slots.from: is %s, and the period's first slot begins at %s",
			g.Slots.From.Format(time.RFC3339), v.FirstSlot().Format(time.RFC3339))
	}
	if counted.Slots, err = readCounts(g.Slots.Total, g.Slots.Bad, v.SlotCount()); err != nil {
		return counted, fmt.Errorf("slots.%w", err)
	}
	head := g.Slots.Head
	if (head != nil) != v.HeadFrom().Before(v.To) || head != nil && !head.From.Equal(v.HeadFrom()) {
		return counted, errors.New("slots.head: does not fit the period")
	}
	if head != nil {
		last, err := readCounts(head.Total, head.Bad, 1)
		if err != nil {
			return counted, fmt.Errorf("slots.head.%w", err)
		}
		counted.Head = last[0]
	}
	return counted, nil
}
