package measure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// GroupIncidents are the incidents of one objective and group.
type GroupIncidents struct {
	Agreement *agreement.Agreement
	Objective *agreement.Objective
	Group     map[string]string
	Incidents []Incident
	Repair    budget.Repair
	// Coverage is the measured share of the range's time in scope.
	Coverage budget.Figure
}

// Incident is an incident with what overlaps it.
type Incident struct {
	budget.Incident
	Overlaps
}

// Overlaps names what overlaps an incident.
type Overlaps struct {
	// Exclusions in effect or not.
	Exclusions []string `json:"exclusions"`
	// Alerts of Prometheus for the agreement that fired during it.
	Alerts []string `json:"alerts"`
}

// Incidents returns the objective's incidents that overlap a range. Each is returned in
// full length, whatever the range: more slots before and after the range are read as
// long as incidents extend beyond what was read.
func (s *Service) Incidents(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, from, to time.Time) (all []GroupIncidents, m counting.Measurement, err error) {
	defer parallel.Recover(&err)
	if o.OtherConnection != "" {
		return nil, m, errors.New(o.OtherConnection)
	}
	if err := s.checkSpan("the range", from, to); err != nil {
		return nil, m, err
	}
	for margin := time.Duration(0); ; margin = max(24*time.Hour, 4*margin) {
		reading, err := s.readAround(ctx, a, o, from, to, margin)
		if err != nil {
			return nil, m, err
		}
		all = nil
		whole := true
		for ledgers := range reading.Ledgers(ctx, from, to) {
			group, err := reading.incidents(ctx, ledgers, o.Window, from, to)
			if err != nil {
				return nil, m, err
			}
			all = append(all, group)
			whole = whole && s.areWhole(ledgers, reading, from, to)
		}
		if err := ctx.Err(); err != nil {
			return nil, m, err
		}
		if whole {
			return all, reading.Described(), s.nameAlerts(ctx, a, all)
		}
	}
}

// readAround reads what the incidents of the range need, with a margin around it: an
// incident is a share of the budget of a whole window.
func (s *Service) readAround(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, from, to time.Time, margin time.Duration) (*Reading, error) {
	earliest, _ := o.Window.At(from.Add(-margin))
	if limit := s.limit(); margin > 0 && earliest.Before(limit) {
		earliest = limit
	}
	if latest := s.lastEdge(); to.Before(latest) {
		if o.Window.IsCalendar() { // its budget must not depend on the range
			_, to = o.Window.At(to)
		}
		if to = to.Add(margin); to.After(latest) {
			to = latest
		}
	}
	return s.Read(ctx, a, o, earliest, to, budget.Horizon(o.Window, to))
}

// limit returns the instant up to which incidents are followed back. It is a minute later
// than what can be asked for, because the clock goes on until that is checked.
func (s *Service) limit() time.Time { return s.earliest().Add(time.Minute) }

// lastEdge returns the end of the last slot that has ended.
func (s *Service) lastEdge() time.Time { return s.Now().UTC().Truncate(s.Resolution()) }

// areWhole reports whether no incident of the range can extend beyond what was read, or
// no more can be read there: the share of an incident is that of its full length.
func (s *Service) areWhole(l Ledgers, r *Reading, from, to time.Time) bool {
	begin, end := l.Adjusted.Reach(from, to)
	return begin.IsZero() || (begin.Sub(r.From) > budget.IncidentGap || !r.From.After(s.limit())) &&
		(r.To.Sub(end) > budget.IncidentGap || !r.To.Before(s.lastEdge()))
}

// incidents returns a group's incidents with the exclusions that overlap them.
func (r *Reading) incidents(ctx context.Context, l Ledgers, window agreement.Window, from, to time.Time) (GroupIncidents, error) {
	incidents := l.Adjusted.Incidents(window, from, to)
	group := GroupIncidents{Agreement: r.Agreement, Objective: r.Objective, Group: l.Group, Repair: budget.RepairOf(incidents),
		Coverage: l.Adjusted.Count(from.UnixMilli(), min(to.UnixMilli(), r.To.UnixMilli())).Coverage()}
	for _, incident := range incidents {
		begin := incident.From
		if begin.Before(r.From) { // of a slot, or slice, of which only the end was read
			begin = r.From
		}
		occurrences, err := scope.Occurrences(ctx, r.Agreement.Exclusions, begin, incident.To)
		if err != nil {
			return group, err
		}
		named := Incident{incident, Overlaps{[]string{}, []string{}}}
		for i, x := range r.Agreement.Exclusions {
			if len(occurrences[i]) > 0 {
				named.Exclusions = append(named.Exclusions, x.Name)
			}
		}
		group.Incidents = append(group.Incidents, named)
	}
	return group, nil
}

// nameAlerts adds to each incident the alerts that fired during it.
func (s *Service) nameAlerts(ctx context.Context, a *agreement.Agreement, groups []GroupIncidents) error {
	var spans []scope.Interval
	limit := s.limit().UnixMilli() // the first slot or slice may begin before it
	for _, group := range groups {
		for _, i := range group.Incidents {
			spans = append(spans, scope.Interval{From: max(limit, i.From.UnixMilli()), To: i.To.UnixMilli()})
		}
	}
	all := scope.Union(spans...)
	if len(all) == 0 {
		return nil
	}
	alerts, err := s.FiredAlerts(ctx, a, time.UnixMilli(all[0].From).UTC(), time.UnixMilli(all[len(all)-1].To).UTC())
	if err != nil {
		return err
	}
	for _, group := range groups {
		for i := range group.Incidents {
			incident := &group.Incidents[i]
			incident.Alerts = During(alerts, incident.From, incident.To)
		}
	}
	return nil
}

// FiredAlert is a stretch of time in which an alert of Prometheus fired.
type FiredAlert struct {
	Name string    `json:"name"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// alertPoints bounds the points of the range query for ALERTS.
const alertPoints = 10_000

// FiredAlerts returns the alerts that fired between two instants: the series of ALERTS whose
// label service is the agreement's service, or whose label agreement is its name. Instants
// are to the minute or, over long ranges, to a ten-thousandth of the range.
func (s *Service) FiredAlerts(ctx context.Context, a *agreement.Agreement, from, to time.Time) (all []FiredAlert, err error) {
	defer parallel.Recover(&err)
	if err := s.checkSpan("the range", from, to); err != nil {
		return nil, err
	}
	step := (to.Sub(from) / alertPoints).Truncate(time.Minute) + time.Minute
	query := fmt.Sprintf(`group by (alertname) (ALERTS{alertstate="firing",service=%s} or ALERTS{alertstate="firing",agreement=%s})`,
		strconv.Quote(a.Service), strconv.Quote(a.Name))
	fired := map[string][]scope.Interval{}
	next := func(at time.Time) time.Time {
		return time.UnixMilli(slots.Floor(at.UnixMilli(), step.Milliseconds())).Add(step)
	}
	_, err = s.client.QueryRange(ctx, prometheus.Range{Query: query, Start: next(from), End: next(to), Step: step},
		func(labels map[string]string) func(int64, float64) {
			name := labels["alertname"]
			return func(at int64, _ float64) {
				fired[name] = append(fired[name], scope.Interval{From: at - step.Milliseconds(), To: at})
			}
		})
	if err != nil {
		return nil, fmt.Errorf("which alerts fired: %w", err)
	}
	whole := scope.Union(scope.Interval{From: from.UnixMilli(), To: to.UnixMilli()})
	for name, spans := range fired {
		for _, span := range scope.Union(spans...).Intersect(whole) {
			all = append(all, FiredAlert{name, time.UnixMilli(span.From).UTC(), time.UnixMilli(span.To).UTC()})
		}
	}
	slices.SortFunc(all, func(a, b FiredAlert) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

// During returns the sorted names of the alerts that fired between two instants.
func During(alerts []FiredAlert, from, to time.Time) []string {
	names := []string{}
	for _, alert := range alerts {
		if alert.From.Before(to) && alert.To.After(from) {
			names = append(names, alert.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
