package httpapi

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/wire"
)

// Timeline is when what was promised counts, over a range of time.
type Timeline struct {
	wire.Span
	// Lanes are of support hours, and then of exclusions as their table lists them.
	Lanes []Lane `json:"lanes"`
	// MoreLanes is the number of those beyond the first.
	MoreLanes int `json:"moreLanes"`
}

// Lane is a calendar or an exclusion: its hours, or its occurrences.
type Lane struct {
	wire.Named
	Kind  LaneKind    `json:"kind"`
	Spans []wire.Span `json:"spans"`
}

// LaneKind is what becomes of the time of a lane.
type LaneKind string

// An exclusion without effect in any agreement leaves its time as it is.
const (
	SupportHours LaneKind = "supportHours"
	Excluded     LaneKind = "excluded"
	CountsAsGood LaneKind = "countsAsGood"
	NotApproved  LaneKind = "notApproved"
)

// maxLanes is how many are told apart on a screen.
const maxLanes = 20

// timeline answers when the agreements count that the parameters of the table
// keep, with the exclusions that it lists.
func (e exclusionPages) timeline(r *http.Request, c *catalog.Catalog) (any, error) {
	span, err := readSpan(r)
	if err != nil {
		return nil, err
	}
	t := Timeline{Span: span, Lanes: supportHours(c, r.URL.Query().Get("agreement"), r.URL.Query().Get("team"), span)}
	rows, err := e.rows(r, c, e.figures.present())
	if err != nil {
		return nil, err
	}
	l := exclusionList()
	if rows, err = l.sort(r.URL.Query(), l.keep(r.URL.Query(), rows, "")); err != nil {
		return nil, err
	}
	for _, row := range rows {
		found, err := scope.Occurrences(r.Context(), []*agreement.Exclusion{row.exclusion}, span.From, span.To)
		if err != nil {
			return nil, err
		}
		if len(found[0]) > 0 {
			t.Lanes = append(t.Lanes, Lane{row.Named, row.laneKind(), wire.Spans(found[0])})
		}
	}
	t.Lanes, t.MoreLanes = firstOf(maxLanes, t.Lanes)
	return t, nil
}

func (row ExclusionRow) laneKind() LaneKind {
	switch {
	case row.Approval != Approved && row.Approval != Partly:
		return NotApproved
	case row.exclusion.Mode == agreement.CountAsGood:
		return CountsAsGood
	}
	return Excluded
}

// supportHours are the hours of the calendars of the agreement and of those of
// the team; empty names are any.
func supportHours(c *catalog.Catalog, name, team string, span wire.Span) []Lane {
	of := map[*agreement.Calendar]bool{}
	for _, a := range c.Agreements {
		if a.SupportHours != nil && isAbout([]*agreement.Agreement{a}, name, team) {
			of[a.SupportHours] = true
		}
	}
	calendars := slices.SortedFunc(maps.Keys(of), func(a, b *agreement.Calendar) int { return cmp.Compare(a.Name, b.Name) })
	return wire.Each(calendars, func(calendar *agreement.Calendar) Lane {
		return Lane{wire.Named{Name: calendar.Name, DisplayName: calendar.DisplayName}, SupportHours,
			wire.Spans(scope.SupportHours(calendar, span.From, span.To))}
	})
}
