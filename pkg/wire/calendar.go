package wire

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/scope"
)

// Team is a party with what it promised and what it was promised.
type Team struct {
	Named
	Labels  map[string]string `json:"labels"`
	Members []string          `json:"members"`
	// Contacts have no target where it is secret.
	Contacts []agreement.Contact `json:"contacts"`
	// Provides and Consumes are names of agreements.
	Provides []string        `json:"provides"`
	Consumes []string        `json:"consumes"`
	Place    agreement.Place `json:"place"`
}

// Calendar is when what is promised counts, over a range of time.
type Calendar struct {
	Span
	// Exclusions are those that occur in the range, by name.
	Exclusions []Excluded `json:"exclusions"`
	// SupportHours are those of each calendar, by name.
	SupportHours []SupportHours `json:"supportHours"`
}

// Excluded is an exclusion with what of it falls into the range.
type Excluded struct {
	Exclusion
	// Occurrences are uncut.
	Occurrences []Span `json:"occurrences"`
	// Concerns are the agreements that it is about, by name.
	Concerns []Concern `json:"concerns"`
	// Approvers are the teams whose approval would give it effect in an
	// agreement in which it has none.
	Approvers []string        `json:"approvers"`
	Place     agreement.Place `json:"place"`
}

// Concern is an agreement that an exclusion is about.
type Concern struct {
	Agreement string `json:"agreement"`
	HasEffect bool   `json:"hasEffect"`
}

// SupportHours are the hours of a calendar in the range, cut at its edges.
type SupportHours struct {
	Named
	TimeZone string `json:"timeZone"`
	// Agreements are those that it holds for, by name.
	Agreements []string  `json:"agreements"`
	Spans      []Span    `json:"spans"`
	Holidays   []Holiday `json:"holidays"`
}

// Holiday is a day on which no support hours are kept.
type Holiday struct {
	Date string `json:"date"` // in the calendar's time zone
	Name string `json:"name,omitempty"`
}

// NewTeams lists the teams by name, with their agreements.
func NewTeams(c *catalog.Catalog) []Team {
	return named(c.Teams, func(t *agreement.Team) Team {
		team := Team{Named: Named{t.Name, t.DisplayName}, Labels: labels(t.Labels), Members: List(t.Members),
			Contacts: Each(t.Contacts, agreement.Contact.WithoutSecrets), Provides: []string{}, Consumes: []string{}, Place: t.Place}
		for _, a := range c.Agreements {
			if a.Provider == t.Name {
				team.Provides = append(team.Provides, a.Name)
			}
			if slices.Contains(a.Consumers, t.Name) {
				team.Consumes = append(team.Consumes, a.Name)
			}
		}
		return team
	})
}

// NewCalendar finds exclusions and support hours between two instants. The
// error is that of [scope.Occurrences].
func NewCalendar(ctx context.Context, c *catalog.Catalog, from, to time.Time) (Calendar, error) {
	answer := Calendar{Span: Span{from, to}, Exclusions: []Excluded{}}
	occurrences, err := scope.Occurrences(ctx, c.Exclusions, from, to)
	if err != nil {
		return answer, err
	}
	for i, x := range c.Exclusions {
		if len(occurrences[i]) > 0 {
			answer.Exclusions = append(answer.Exclusions, newExcluded(c, x, occurrences[i]))
		}
	}
	answer.SupportHours = named(c.Calendars, func(calendar *agreement.Calendar) SupportHours {
		return newSupportHours(c, calendar, from, to)
	})
	return answer, nil
}

func newExcluded(c *catalog.Catalog, x *agreement.Exclusion, occurrences []scope.Interval) Excluded {
	e := Excluded{Exclusion: NewExclusion(x), Occurrences: Spans(occurrences), Concerns: []Concern{}, Approvers: Approvers(c.Agreements, x), Place: x.Place}
	for _, a := range c.Agreements {
		if slices.Contains(a.Exclusions, x) {
			e.Concerns = append(e.Concerns, Concern{a.Name, x.HasEffectIn(a)})
		}
	}
	slices.SortFunc(e.Concerns, func(a, b Concern) int { return cmp.Compare(a.Agreement, b.Agreement) })
	return e
}

// Approvers are the teams whose approval would give the exclusion effect in one of
// the agreements in which it has none, by name.
func Approvers(agreements []*agreement.Agreement, x *agreement.Exclusion) []string {
	approvers := map[string]bool{}
	for _, a := range agreements {
		if !slices.Contains(a.Exclusions, x) || x.HasEffectIn(a) {
			continue
		}
		for _, party := range append([]string{a.Provider}, a.Consumers...) {
			if party != x.RequestedBy {
				approvers[party] = true
			}
		}
	}
	return List(slices.Sorted(maps.Keys(approvers)))
}

func newSupportHours(c *catalog.Catalog, calendar *agreement.Calendar, from, to time.Time) SupportHours {
	h := SupportHours{Named: Named{calendar.Name, calendar.DisplayName}, TimeZone: calendar.Zone.String(), Agreements: []string{},
		Spans: Spans(scope.SupportHours(calendar, from, to)), Holidays: []Holiday{}}
	for _, a := range c.Agreements {
		if a.SupportHours == calendar {
			h.Agreements = append(h.Agreements, a.Name)
		}
	}
	slices.Sort(h.Agreements)
	for _, day := range scope.Holidays(calendar, from, to.Add(-1)) {
		h.Holidays = append(h.Holidays, Holiday{day.Date.Midnight(time.UTC).Format(time.DateOnly), day.Name})
	}
	return h
}
