package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// ExclusionRows is a page of exclusions.
type ExclusionRows struct {
	At   time.Time      `json:"at"`
	Rows []ExclusionRow `json:"rows"`
	Paging
	// All is the number of exclusions, of the agreement or team if one is given, whatever the filters.
	All int `json:"all"`
	// Phases and Approvals are the values of these filters, with the number of rows that have them and
	// match the other filters.
	Phases    []Choice `json:"phases"`
	Approvals []Choice `json:"approvals"`
	Permission
}

// ExclusionRow is an exclusion with its current or next occurrence, or its last if all are past.
type ExclusionRow struct {
	wire.Named
	Reason   string `json:"reason,omitempty"`
	Category string `json:"category"`
	Phase    Phase  `json:"phase"`
	// Approval is whether it has an effect; ApprovalText explains that or says who can approve.
	Approval     Approval  `json:"approval"`
	ApprovalText string    `json:"approvalText"`
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
	TimeZone     string    `json:"timeZone"`
	Repeats      string    `json:"repeats,omitempty"` // its rule in words
	// Agreements are the first affected agreements; MoreAgreements is the number of the others.
	Agreements     []wire.Named `json:"agreements"`
	MoreAgreements int          `json:"moreAgreements"`
	RequestedBy    *wire.Named  `json:"requestedBy"`
	ApprovedBy     *wire.Named  `json:"approvedBy"`

	searched  string
	exclusion *agreement.Exclusion
}

// Phase is whether an exclusion is running, planned or past.
type Phase string

// An exclusion that repeats is planned between its occurrences.
const (
	Running Phase = "running"
	Planned Phase = "planned"
	Past    Phase = "past"
)

// Approval is whether an exclusion has an effect on figures.
type Approval string

// Unused is an exclusion that affects no agreement, so that nobody can approve it.
const (
	Proposed Approval = "proposed"
	Partly   Approval = "partly"
	Approved Approval = "approved"
	Unused   Approval = "unused"
)

// ExclusionPage is an exclusion with what the user may do with it.
type ExclusionPage struct {
	ExclusionRow
	Mode        agreement.ExclusionMode `json:"mode"`
	Occurrences []wire.Span             `json:"occurrences"`
	Concerns    []Concerned             `json:"concerns"`
	Approvers   []Approver              `json:"approvers"`
	// Hash is the value for If-Match; empty for a document that cannot be changed on its own.
	Hash       string     `json:"hash"`
	Permission Permission `json:"permission"`
	// ApproveAs is the team for which the user may approve it; null if there is none.
	ApproveAs *wire.Named `json:"approveAs"`
	// ApprovedText is the document with that approval. Tried is the document to preview: if it is only
	// proposed, with an approval, else without any.
	ApprovedText string `json:"approvedText,omitempty"`
	Tried        string `json:"tried,omitempty"`
	// TriedText says what the preview of Tried shows.
	TriedText string `json:"triedText,omitempty"`
}

// Concerned is an agreement that an exclusion affects.
type Concerned struct {
	wire.Named
	HasEffect bool `json:"hasEffect"`
}

// Approver is a team that can approve.
type Approver struct {
	wire.Named
	Members []string `json:"members"`
}

// The next occurrence is looked for nearby first, where most are. Package scope refuses rules without
// an occurrence within comesWithin.
const (
	nearby      = 100 * 24 * time.Hour
	comesWithin = 20 // years
)

// occurrences returns the current and next occurrences of an exclusion, or its last if all are past.
func occurrences(ctx context.Context, x *agreement.Exclusion, at time.Time) ([]scope.Interval, error) {
	for _, to := range []time.Time{at.Add(nearby), at.AddDate(comesWithin, 0, 0)} {
		if coming, err := occurrencesIn(ctx, x, at, to); err != nil || len(coming) > 0 {
			return coming, err
		}
	}
	past, err := occurrencesIn(ctx, x, at.AddDate(-comesWithin, 0, 0), at)
	if len(past) == 0 {
		return []scope.Interval{{From: x.From.UnixMilli(), To: x.To.UnixMilli()}}, err
	}
	return past[len(past)-1:], err
}

func occurrencesIn(ctx context.Context, x *agreement.Exclusion, from, to time.Time) ([]scope.Interval, error) {
	all, err := scope.Occurrences(ctx, []*agreement.Exclusion{x}, from, to)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// concernedBy returns the agreements that each exclusion affects.
func concernedBy(c *catalog.Catalog) map[*agreement.Exclusion][]*agreement.Agreement {
	all := map[*agreement.Exclusion][]*agreement.Agreement{}
	for _, a := range c.Agreements {
		for _, x := range a.Exclusions {
			all[x] = append(all[x], a)
		}
	}
	return all
}

func (n names) exclusionRow(x *agreement.Exclusion, concerned []*agreement.Agreement, next scope.Interval, at time.Time) ExclusionRow {
	row := ExclusionRow{Named: wire.Named{Name: x.Name, DisplayName: x.DisplayName}, Reason: x.Reason, Category: x.Category,
		From: time.UnixMilli(next.From).UTC(), To: time.UnixMilli(next.To).UTC(), TimeZone: x.Zone.String(), Repeats: tables.RecurrenceText(x.Recurrence), exclusion: x}
	switch {
	case row.From.After(at):
		row.Phase = Planned
	case row.To.After(at):
		row.Phase = Running
	default:
		row.Phase = Past
	}
	row.RequestedBy, row.ApprovedBy = n.someTeam(x.RequestedBy), n.someTeam(x.ApprovedBy)
	agreements := wire.Each(concerned, nameOf)
	row.Agreements, row.MoreAgreements = firstOf(maxConsumers, agreements)
	inEffect := len(slices.DeleteFunc(slices.Clone(concerned), func(a *agreement.Agreement) bool { return !x.HasEffectIn(a) }))
	approvers := strings.Join(wire.Each(wire.Approvers(concerned, x), n.teamText), ", ")
	approved := "Approved by " + n.approvedBy(x)
	switch {
	case len(concerned) == 0:
		row.Approval, row.ApprovalText = Unused, "No agreement is concerned"
	case inEffect == len(concerned):
		row.Approval, row.ApprovalText = Approved, approved
	case inEffect > 0:
		row.Approval, row.ApprovalText = Partly, fmt.Sprintf("%s, in effect in %d of %d agreements", approved, inEffect, len(concerned))
	case x.RequestedBy == "":
		row.Approval, row.ApprovalText = Proposed, "Needs requestedBy, the team that asks, before another can approve it"
	default:
		row.Approval, row.ApprovalText = Proposed, "Needs the approval of one of: "+approvers
	}
	row.searched = strings.Join([]string{x.Name, x.DisplayName, x.Reason, x.Category, row.ApprovalText}, "\n")
	for _, a := range agreements {
		row.searched += "\n" + a.Name + "\n" + a.DisplayName
	}
	return row
}

var approvalWords = map[string]string{string(Proposed): "Proposed", string(Partly): "Approved for some", string(Approved): "Approved", string(Unused): "Concerns nothing"}

func exclusionList() list[ExclusionRow] {
	byTime := order[ExclusionRow]{compare: func(a, b ExclusionRow) int { return a.From.Compare(b.From) }}
	phaseOrder := []Phase{Running, Planned, Past}
	return list[ExclusionRow]{
		text: func(x ExclusionRow) string { return x.searched },
		filters: map[string]func(ExclusionRow) []string{
			"phase": func(x ExclusionRow) []string { return []string{string(x.Phase)} }, "approval": func(x ExclusionRow) []string { return []string{string(x.Approval)} },
		},
		sorts: map[string]order[ExclusionRow]{
			// Past exclusions come latest first.
			"": {compare: func(a, b ExclusionRow) int {
				return cmp.Or(cmp.Compare(slices.Index(phaseOrder, a.Phase), slices.Index(phaseOrder, b.Phase)), byTime.directed(a, b, a.Phase == Past))
			}},
			"when": byTime, "name": byText(func(x ExclusionRow) string { return x.Title() }),
			"approval": byText(func(x ExclusionRow) string { return string(x.Approval) }),
		},
	}
}

func (h *handlers) listExclusions(r *http.Request, c *catalog.Catalog) (any, error) {
	at, query := h.Present(), r.URL.Query()
	rows, err := h.exclusionRows(r, c, at)
	if err != nil {
		return nil, err
	}
	l := exclusionList()
	page, paging, err := l.page(query, rows)
	return ExclusionRows{At: at, Rows: page, Paging: paging, All: len(rows),
		Phases:     l.choices(query, rows, "phase", tables.Capitalized),
		Approvals:  l.choices(query, rows, "approval", func(value string) string { return approvalWords[value] }),
		Permission: h.permission(r.Context(), "", "")}, err
}

// exclusionRows returns all exclusions, or those of agreements or teams.
func (h *handlers) exclusionRows(r *http.Request, c *catalog.Catalog, at time.Time) ([]ExclusionRow, error) {
	rows, concerned, query := []ExclusionRow{}, concernedBy(c), r.URL.Query()
	for _, x := range c.Exclusions {
		if !isAbout(concerned[x], query) {
			continue
		}
		coming, err := occurrences(r.Context(), x, at)
		if err != nil {
			return nil, err
		}
		rows = append(rows, names{c}.exclusionRow(x, concerned[x], coming[0], at))
	}
	return rows, nil
}

// isAbout reports whether one of the agreements has one of the names and one of the parties of the query;
// without either, always.
func isAbout(agreements []*agreement.Agreement, query url.Values) bool {
	return query.Get("agreement") == "" && query.Get("team") == "" || slices.ContainsFunc(agreements, func(a *agreement.Agreement) bool {
		return hasEach(query["agreement"], []string{a.Name}) && hasEach(query["team"], a.Parties())
	})
}

func (h *handlers) exclusion(r *http.Request, c *catalog.Catalog) (any, error) {
	at, n := h.Present(), names{c}
	id := catalog.ID{Kind: "Exclusion", Name: r.PathValue("name")}
	document, err := h.Folder.Read(c, id)
	if editing.IsRefused(err, editing.ReadOnly) { // it is shown nevertheless
		listed, _ := c.Find(id)
		listed.Hash = ""
		document, err = &editing.Document{Listed: listed}, nil
	}
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(c.Exclusions, func(x *agreement.Exclusion) bool { return x.Name == document.Name })
	if i < 0 {
		return nil, Refuse(http.StatusConflict, "the exclusion %s has errors: see it among the documents", document.Name)
	}
	x := c.Exclusions[i]
	coming, err := occurrences(r.Context(), x, at)
	if err != nil {
		return nil, err
	}
	concerned := slices.DeleteFunc(slices.Clone(c.Agreements), func(a *agreement.Agreement) bool { return !slices.Contains(a.Exclusions, x) })
	page := ExclusionPage{ExclusionRow: n.exclusionRow(x, concerned, coming[0], at), Mode: x.Mode, Approvers: []Approver{},
		Occurrences: wire.Spans(coming[:min(maxOccurrencesShown, len(coming))]),
		Concerns: wire.Each(concerned, func(a *agreement.Agreement) Concerned {
			return Concerned{nameOf(a), x.HasEffectIn(a)}
		}), Hash: document.Hash, Permission: h.permission(r.Context(), document.File, document.Hash)}
	user := h.user(r.Context())
	for _, team := range wire.Approvers(concerned, x) {
		members := wire.List(cmp.Or(c.Teams[team], &agreement.Team{}).Members)
		page.Approvers = append(page.Approvers, Approver{n.team(team), members})
		// A second approval would replace the one of another team.
		if page.Hash != "" && page.Approval == Proposed && page.ApproveAs == nil && user.IsMember(members) {
			page.ApproveAs = new(n.team(team))
		}
	}
	if page.Hash == "" || x.RequestedBy == "" {
		return page, nil
	}
	err = page.try(document.Text, x, at)
	return page, err
}

const maxOccurrencesShown = 10

// try sets the texts for approving the exclusion and for previewing its effect.
func (p *ExclusionPage) try(text []byte, x *agreement.Exclusion, at time.Time) error {
	if p.ApproveAs != nil {
		approved, err := editing.Approve(text, p.ApproveAs.Name, at.In(x.Zone))
		if err != nil {
			return err
		}
		p.ApprovedText = string(approved)
	}
	tried, err := editing.WithoutApproval(text)
	p.TriedText = "How it would be without this exclusion"
	if p.Approval == Proposed && len(p.Approvers) > 0 {
		tried, err = editing.Approve(text, p.Approvers[0].Name, at.In(x.Zone))
		p.TriedText = "How it would be once " + p.Approvers[0].Title() + " approves"
	}
	p.Tried = string(tried)
	return err
}

// Timeline shows support hours and exclusions over a range of time.
type Timeline struct {
	wire.Span
	// Lanes are the support hours, then the exclusions in the order of their table.
	Lanes []Lane `json:"lanes"`
	// MoreLanes is the number of lanes beyond the limit.
	MoreLanes int `json:"moreLanes"`
}

// Lane is a calendar with its hours, or an exclusion with its occurrences.
type Lane struct {
	wire.Named
	Kind  LaneKind    `json:"kind"`
	Spans []wire.Span `json:"spans"`
}

// LaneKind is how the time of a lane counts.
type LaneKind string

// NotApproved is an exclusion without effect in any agreement.
const (
	SupportHours LaneKind = "supportHours"
	Excluded     LaneKind = "excluded"
	CountsAsGood LaneKind = "countsAsGood"
	NotApproved  LaneKind = "notApproved"
)

const (
	maxLanes        = 20
	longestTimeline = 100 * 24 * time.Hour
)

// timeline returns the support hours, and the exclusions that match the filters of their table.
func (h *handlers) timeline(r *http.Request, c *catalog.Catalog) (any, error) {
	span, err := readSpan(r.URL.Query(), wire.Span{})
	if err != nil {
		return nil, err
	}
	if span.To.Sub(span.From) > longestTimeline {
		return nil, badRequest("from, to: are more than 100 days apart, the limit: choose a shorter time range")
	}
	t := Timeline{Span: span, Lanes: supportHours(c, r.URL.Query(), span)}
	rows, err := h.exclusionRows(r, c, h.Present())
	if err != nil {
		return nil, err
	}
	if rows, err = exclusionList().kept(r.URL.Query(), rows); err != nil {
		return nil, err
	}
	for _, row := range rows {
		found, err := occurrencesIn(r.Context(), row.exclusion, span.From, span.To)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			t.Lanes = append(t.Lanes, Lane{row.Named, row.laneKind(), wire.Spans(found)})
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

// supportHours returns the calendars of the agreements that the query is about.
func supportHours(c *catalog.Catalog, query url.Values, span wire.Span) []Lane {
	of := map[*agreement.Calendar]bool{}
	for _, a := range c.Agreements {
		if a.SupportHours != nil && isAbout([]*agreement.Agreement{a}, query) {
			of[a.SupportHours] = true
		}
	}
	calendars := slices.SortedFunc(maps.Keys(of), func(a, b *agreement.Calendar) int { return cmp.Compare(a.Name, b.Name) })
	return wire.Each(calendars, func(calendar *agreement.Calendar) Lane {
		return Lane{wire.Named{Name: calendar.Name, DisplayName: calendar.DisplayName}, SupportHours,
			wire.Spans(scope.SupportHours(calendar, span.From, span.To))}
	})
}
