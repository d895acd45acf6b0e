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
	Group     map[string]string
	Incidents []Incident
	Repair    budget.Repair
}

// Incident is an incident with what overlaps it.
type Incident struct {
	budget.Incident
	Overlaps
}

// Overlaps are names of what happens during an incident.
type Overlaps struct {
	// Exclusions in effect or not.
	Exclusions []string `json:"exclusions"`
	// Alerts of Prometheus' own for the agreement that fired meanwhile.
	Alerts []string `json:"alerts"`
}

// Incidents are the objective's incidents that began between two instants.
func (s *Service) Incidents(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, from, to time.Time) (all []GroupIncidents, m counting.Measurement, err error) {
	defer parallel.Recover(&err)
	if o.OtherConnection != "" {
		return nil, m, errors.New(o.OtherConnection)
	}
	// The budget that an incident is a share of is that of a whole window.
	earliest, _ := o.Window.At(from)
	if start, _ := o.Window.At(to); start.Before(earliest) {
		earliest = start
	}
	reading, err := s.Read(ctx, a, o, earliest, to, budget.Horizon(o.Window, to))
	if err != nil {
		return nil, m, err
	}
	any := false
	for _, ledgers := range reading.Ledgers(from, to) {
		group, err := groupIncidents(ctx, a, ledgers, o.Window, from, to)
		if err != nil {
			return nil, m, err
		}
		any = any || len(group.Incidents) > 0
		all = append(all, group)
	}
	if any {
		err = s.nameAlerts(ctx, a, all, from, to)
	}
	return all, reading.Measurement, err
}

// groupIncidents are a group's incidents with the exclusions that overlap them.
func groupIncidents(ctx context.Context, a *agreement.Agreement, l Ledgers, window agreement.Window, from, to time.Time) (GroupIncidents, error) {
	incidents := l.Adjusted.Incidents(window, from, to)
	group := GroupIncidents{Group: l.Group, Repair: budget.RepairOf(incidents)}
	for _, incident := range incidents {
		occurrences, err := scope.Occurrences(ctx, a.Exclusions, incident.From, incident.To)
		if err != nil {
			return group, err
		}
		named := Incident{incident, Overlaps{[]string{}, []string{}}}
		for i, x := range a.Exclusions {
			if len(occurrences[i]) > 0 {
				named.Exclusions = append(named.Exclusions, x.Name)
			}
		}
		group.Incidents = append(group.Incidents, named)
	}
	return group, nil
}

// nameAlerts says of each incident which alerts fired meanwhile.
func (s *Service) nameAlerts(ctx context.Context, a *agreement.Agreement, groups []GroupIncidents, from, to time.Time) error {
	alerts, err := s.firedAlerts(ctx, a, from, to)
	if err != nil {
		return err
	}
	for _, group := range groups {
		for i := range group.Incidents {
			incident := &group.Incidents[i]
			incident.Alerts = alerts.during(incident.From, incident.To)
		}
	}
	return nil
}

// FiredAlert is a stretch of time in which an alert of Prometheus' own fired.
type FiredAlert struct {
	Name string    `json:"name"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// FiredAlerts are the alerts for the agreement that fired between two instants,
// to the minute or, over long times, within a ten-thousandth of it.
func (s *Service) FiredAlerts(ctx context.Context, a *agreement.Agreement, from, to time.Time) (all []FiredAlert, err error) {
	defer parallel.Recover(&err)
	alerts, err := s.firedAlerts(ctx, a, from, to)
	if err != nil {
		return nil, err
	}
	whole := scope.Union(scope.Interval{From: from.UnixMilli(), To: to.UnixMilli()})
	for name, spans := range alerts {
		for _, span := range scope.Union(spans...).Intersect(whole) {
			all = append(all, FiredAlert{name, time.UnixMilli(span.From).UTC(), time.UnixMilli(span.To).UTC()})
		}
	}
	slices.SortFunc(all, func(a, b FiredAlert) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

// firedAlerts is when each alert fired, by its name: those of Prometheus' ALERTS
// that carry the agreement's service or its own name as a label.
type firedAlerts map[string][]scope.Interval

// alertPoints bounds the points of the range query for ALERTS.
const alertPoints = 10_000

// firedAlerts asks which alerts fired between two instants.
func (s *Service) firedAlerts(ctx context.Context, a *agreement.Agreement, from, to time.Time) (firedAlerts, error) {
	step := (to.Sub(from) / alertPoints).Truncate(time.Minute) + time.Minute
	query := fmt.Sprintf(`group by (alertname) (ALERTS{alertstate="firing",service=%s} or ALERTS{alertstate="firing",agreement=%s})`,
		strconv.Quote(a.Service), strconv.Quote(a.Name))
	alerts := firedAlerts{}
	next := func(at time.Time) time.Time {
		return time.UnixMilli(slots.Floor(at.UnixMilli(), step.Milliseconds())).Add(step)
	}
	_, err := s.client.QueryRange(ctx, prometheus.Range{Query: query, Start: next(from), End: next(to), Step: step},
		prometheus.SinkFunc(func(labels map[string]string) (func(int64, float64), error) {
			name := labels["alertname"]
			return func(at int64, _ float64) {
				alerts[name] = append(alerts[name], scope.Interval{From: at - step.Milliseconds(), To: at})
			}, nil
		}))
	if err != nil {
		return nil, fmt.Errorf("which alerts fired: %w", err)
	}
	return alerts, nil
}

// during are the names of the alerts that fired within the time, sorted.
func (f firedAlerts) during(from, to time.Time) []string {
	names := []string{}
	for name, spans := range f {
		if scope.Union(spans...).Length(from.UnixMilli(), to.UnixMilli()) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
