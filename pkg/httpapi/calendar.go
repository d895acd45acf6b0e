package httpapi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/scope"
)

// Calendar is when what is promised counts, over a range of time.
type Calendar struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
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

// Span is the time between two instants.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Holiday is a day on which no support hours are kept.
type Holiday struct {
	Date string `json:"date"` // in the calendar's time zone
	Name string `json:"name,omitempty"`
}

// longestCalendar bounds how many occurrences an answer may have.
const longestCalendar = 100 * 24 * time.Hour

func (o Options) calendar(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	from, to, err := calendarRange(r)
	if err != nil {
		return nil, err
	}
	answer := Calendar{From: from, To: to, Exclusions: []Excluded{}, SupportHours: []SupportHours{}}
	for _, x := range c.Exclusions {
		occurrences, err := scope.Occurrences(x, from, to)
		if err != nil {
			return nil, fmt.Errorf("exclusion %s: %w", x.Name, err)
		}
		if len(occurrences) > 0 {
			answer.Exclusions = append(answer.Exclusions, excluded(c, x, occurrences))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Calendars)) {
		answer.SupportHours = append(answer.SupportHours, supportHours(c, c.Calendars[name], from, to))
	}
	return answer, nil
}

func calendarRange(r *http.Request) (from, to time.Time, err error) {
	instant := func(name string) (t time.Time) {
		text := r.URL.Query().Get(name)
		t, parsed := time.Parse(time.RFC3339, text)
		if parsed != nil && err == nil {
			err = failure{http.StatusBadRequest, fmt.Errorf("%s %q: must be an instant such as 2026-11-23T09:00:00Z", name, text)}
		}
		return t.UTC()
	}
	from, to = instant("from"), instant("to")
	switch {
	case err != nil:
	case !from.Before(to):
		err = failure{http.StatusBadRequest, fmt.Errorf("to %s: must be after from, %s", to.Format(time.RFC3339), from.Format(time.RFC3339))}
	case to.Sub(from) > longestCalendar:
		err = failure{http.StatusBadRequest, fmt.Errorf("from %s to %s are more than 100 days, the limit: ask for less at once", from.Format(time.RFC3339), to.Format(time.RFC3339))}
	}
	return from, to, err
}

func excluded(c *catalog.Catalog, x *agreement.Exclusion, occurrences []scope.Interval) Excluded {
	e := Excluded{Exclusion: exclusion(x), Occurrences: spans(occurrences), Concerns: []Concern{}, Approvers: []string{}, Place: x.Place}
	approvers := map[string]bool{}
	for _, a := range c.Agreements {
		if !slices.Contains(a.Exclusions, x) {
			continue
		}
		e.Concerns = append(e.Concerns, Concern{a.Name, x.HasEffectIn(a)})
		if x.HasEffectIn(a) {
			continue
		}
		for _, party := range append([]string{a.Provider}, a.Consumers...) {
			if party != x.RequestedBy {
				approvers[party] = true
			}
		}
	}
	slices.SortFunc(e.Concerns, func(a, b Concern) int { return strings.Compare(a.Agreement, b.Agreement) })
	e.Approvers = append(e.Approvers, slices.Sorted(maps.Keys(approvers))...)
	return e
}

func supportHours(c *catalog.Catalog, calendar *agreement.Calendar, from, to time.Time) SupportHours {
	h := SupportHours{Named: Named{calendar.Name, calendar.DisplayName}, TimeZone: calendar.Zone.String(), Agreements: []string{},
		Spans: spans(scope.SupportHours(calendar, from, to)), Holidays: []Holiday{}}
	for _, a := range c.Agreements {
		if a.SupportHours == calendar {
			h.Agreements = append(h.Agreements, a.Name)
		}
	}
	slices.Sort(h.Agreements)
	for _, day := range scope.Holidays(calendar, from, to.Add(-1)) {
		date := fmt.Sprintf("%04d-%02d-%02d", day.Date.Year, day.Date.Month, day.Date.Day)
		h.Holidays = append(h.Holidays, Holiday{date, day.Name})
	}
	return h
}

func spans(of []scope.Interval) []Span {
	all := make([]Span, 0, len(of))
	for _, span := range of {
		all = append(all, Span{time.UnixMilli(span.From).UTC(), time.UnixMilli(span.To).UTC()})
	}
	return all
}
