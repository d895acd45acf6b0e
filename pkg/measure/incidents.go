package measure

import (
	"context"
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/scope"
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
	// Exclusions are the names of those that overlap it, in effect or not.
	Exclusions []string
	// Alerts are the names of Prometheus' own alerts for the agreement that
	// fired meanwhile.
	Alerts []string
}

// Incidents are the objective's incidents that began between two instants.
func (e *Engine) Incidents(ctx context.Context, a *agreement.Agreement, o *agreement.Objective, from, to time.Time) (all []GroupIncidents, m Measurement, err error) {
	defer recovered(&err)
	if o.OtherConnection != "" {
		return nil, Measurement{}, fmt.Errorf("%s", o.OtherConnection)
	}
	// The budget that an incident is a share of is that of a whole window.
	earliest, _ := o.Window.At(from)
	if start, _ := o.Window.At(to); start.Before(earliest) {
		earliest = start
	}
	end := budget.Horizon(o.Window, to)
	reading, err := e.open(ctx, a, o, earliest, to, end, func(scope.Intervals) time.Time { return earliest })
	if err != nil {
		return nil, Measurement{}, err
	}
	begun := false
	for _, ledgers := range reading.groups(from, to) {
		found := GroupIncidents{Group: ledgers.Group}
		plain := ledgers.Adjusted.Incidents(o.Window, from, to)
		found.Repair = budget.RepairOf(plain)
		for _, incident := range plain {
			overlapping, err := overlappingExclusions(a, incident)
			if err != nil {
				return nil, Measurement{}, err
			}
			found.Incidents = append(found.Incidents, Incident{Incident: incident, Exclusions: overlapping})
			begun = true
		}
		all = append(all, found)
	}
	if begun {
		err = e.nameAlerts(ctx, a, all, from, to)
	}
	return all, reading.measurement, err
}

// nameAlerts says of each incident which alerts fired meanwhile.
func (e *Engine) nameAlerts(ctx context.Context, a *agreement.Agreement, groups []GroupIncidents, from, to time.Time) error {
	fired, err := e.firing(ctx, a, from, to)
	if err != nil {
		return fmt.Errorf("which alerts fired: %w", err)
	}
	for _, group := range groups {
		for i := range group.Incidents {
			incident := &group.Incidents[i]
			incident.Alerts = fired.during(incident.From, incident.To)
		}
	}
	return nil
}

func overlappingExclusions(a *agreement.Agreement, incident budget.Incident) ([]string, error) {
	var names []string
	for _, exclusion := range a.Exclusions {
		occurrences, err := scope.Occurrences(exclusion, incident.From, incident.To)
		if err != nil {
			return nil, fmt.Errorf("exclusion %s: %w", exclusion.Name, err)
		}
		if len(occurrences) > 0 {
			names = append(names, exclusion.Name)
		}
	}
	return names, nil
}
