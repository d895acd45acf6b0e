package wire

import (
	"fmt"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/problem"
)

// Catalog lists the documents.
type Catalog struct {
	Agreements []Summary `json:"agreements"`
	// SLOs are the SLOs that no agreement names.
	SLOs       []Summary         `json:"slos"`
	Services   []Named           `json:"services"`
	Teams      []Named           `json:"teams"`
	Calendars  []Named           `json:"calendars"`
	Exclusions []Exclusion       `json:"exclusions"`
	Problems   []problem.Problem `json:"problems"`
	// Documents is the number of documents without errors.
	Documents int `json:"documents"`
}

// Summary is an agreement in a list, or an SLO that no agreement names.
type Summary struct {
	Named
	Stage      agreement.Stage   `json:"stage"`
	Service    string            `json:"service"`
	Provider   string            `json:"provider,omitempty"`
	Consumers  []string          `json:"consumers"`
	Labels     map[string]string `json:"labels"`
	Objectives []Objective       `json:"objectives"`
	// ReviewDue is when the next review of an active agreement is due; null
	// without a review interval or a date to count from.
	ReviewDue *time.Time `json:"reviewDue"`
}

// Definition is what an agreement promises, resolved: every reference followed and
// every default filled in, with the names and values that documents use.
type Definition struct {
	Named
	Description  string                `json:"description,omitempty"`
	Service      string                `json:"service"`
	Provider     string                `json:"provider"`
	Consumers    []string              `json:"consumers"`
	Stage        agreement.Stage       `json:"stage"`
	TimeZone     string                `json:"timeZone"`
	Effective    agreement.Period      `json:"effective"`
	SupportHours *SupportHours         `json:"supportHours,omitempty"`
	Objectives   []Objective           `json:"objectives"`
	Exclusions   []AppliedExclusion    `json:"exclusions"`
	Consequences string                `json:"consequences,omitempty"`
	Signatures   []agreement.Signature `json:"signatures"`
}

// SupportHours are the hours of a Calendar.
type SupportHours struct {
	Name     string        `json:"name"`
	TimeZone string        `json:"timeZone"`
	Weekly   []WeeklyHours `json:"weekly"`
	Holidays []Holiday     `json:"holidays"`
}

// WeeklyHours is a row of support hours, such as mon to fri, 08:00 to 18:00.
type WeeklyHours struct {
	Days []string `json:"days"`
	From string   `json:"from"`
	To   string   `json:"to"`
}

// Holiday is a day without support hours: a date, a day of each year, or the holidays of a country.
type Holiday struct {
	Name    string `json:"name,omitempty"`
	On      string `json:"on,omitempty"`
	Yearly  string `json:"yearly,omitempty"`
	Country string `json:"country,omitempty"`
}

// Objective is one promised figure.
type Objective struct {
	Named
	SLO string `json:"slo,omitempty"`
	// Indicator is omitted in lists.
	Indicator *Indicator `json:"indicator,omitempty"`
	// Op and Value are the condition of a threshold indicator.
	Op        agreement.Op         `json:"op,omitempty"`
	Value     *float64             `json:"value,omitempty"`
	Target    float64              `json:"target"` // ratio, in force until the first revision
	Revisions []agreement.Revision `json:"revisions"`
	Window    string               `json:"window"`
	// WindowTimeZone is the time zone of a calendar window, if it has its own.
	WindowTimeZone  string              `json:"windowTimeZone,omitempty"`
	BudgetingMethod agreement.Budgeting `json:"budgetingMethod"`
	TimeSliceTarget *float64            `json:"timeSliceTarget,omitempty"`
	TimeSliceWindow agreement.Duration  `json:"timeSliceWindow,omitzero"`
	Select          map[string]string   `json:"select,omitempty"`
	GroupBy         []string            `json:"groupBy,omitempty"`
	NoData          agreement.NoData    `json:"noData"`
	MinEvents       float64             `json:"minEvents,omitempty"`
	MinCoverage     float64             `json:"minCoverage,omitempty"`
	// OtherConnection says why this connection does not measure it; empty if it does.
	OtherConnection string `json:"unmeasured,omitempty"`
}

// Indicator is the SLI of an objective.
type Indicator struct {
	Name  string            `json:"name,omitempty"`
	Kind  agreement.SLIKind `json:"kind"`
	Good  *agreement.Query  `json:"good,omitempty"`
	Bad   *agreement.Query  `json:"bad,omitempty"`
	Total *agreement.Query  `json:"total,omitempty"`
	Gauge *agreement.Query  `json:"gauge,omitempty"`
	// PerPeriod says that samples are counts of a period to add up, and not counters.
	PerPeriod bool `json:"perPeriod,omitempty"`
	// Recorded says that the counts are read from what recording rules made of the queries.
	Recorded bool `json:"recorded,omitempty"`
}

// Exclusion is time that does not count, or counts as good, once a party other than the requester approved it.
type Exclusion struct {
	Named
	Reason     string                  `json:"reason,omitempty"`
	Category   string                  `json:"category"`
	Mode       agreement.ExclusionMode `json:"mode"`
	Services   []string                `json:"services,omitempty"`
	Agreements []string                `json:"agreements,omitempty"`
	// From and To are the first occurrence, Recurrence is an RFC 5545 rule.
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	Recurrence  string    `json:"recurrence,omitempty"`
	TimeZone    string    `json:"timeZone"`
	RequestedBy string    `json:"requestedBy,omitempty"`
	ApprovedBy  string    `json:"approvedBy,omitempty"`
	ApprovedOn  time.Time `json:"approvedOn,omitzero"`
}

// AppliedExclusion is an exclusion with its effect on one agreement.
type AppliedExclusion struct {
	Exclusion
	// HasEffect says whether it changes this agreement's figures.
	HasEffect bool `json:"hasEffect"`
}

// Agreement is an agreement with everything in its document.
type Agreement struct {
	Definition
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	// DependsOn names the agreements that this one depends on; Dependencies says
	// which of them are alternatives.
	DependsOn    []string               `json:"dependsOn"`
	Dependencies []agreement.Dependency `json:"dependencies"`
	Escalation   []Escalation           `json:"escalation"`
	Review       Review                 `json:"review"`
	ReportEvery  agreement.CalendarUnit `json:"reportEvery,omitempty"`
	ReportTo     []string               `json:"reportTo"`
	Links        []agreement.Link       `json:"links"`
	Place        agreement.Place        `json:"place"`
	// Hash is the hash of the document; empty if the document cannot be changed by itself.
	Hash string `json:"hash,omitempty"`
}

// Escalation says whom to notify how many seconds after an alert began.
type Escalation struct {
	AfterSeconds float64 `json:"afterSeconds"`
	Notify       string  `json:"notify"`
}

// Review says how often the parties review the agreement, and when last and next.
type Review struct {
	Every string     `json:"every,omitempty"`
	Last  *time.Time `json:"last"`
	Due   *time.Time `json:"due"`
}

// NewCatalog converts a catalog; services, teams and calendars are sorted by name.
func NewCatalog(c *catalog.Catalog) Catalog {
	return Catalog{Agreements: Each(c.Agreements, newSummary), SLOs: Each(c.SLOs, newSummary),
		Services:   ByName(c.Services, func(s *agreement.Service) Named { return Named{s.Name, s.DisplayName} }),
		Teams:      ByName(c.Teams, func(t *agreement.Team) Named { return Named{t.Name, t.DisplayName} }),
		Calendars:  ByName(c.Calendars, func(c *agreement.Calendar) Named { return Named{c.Name, c.DisplayName} }),
		Exclusions: Each(c.Exclusions, newExclusion), Problems: List(c.Problems), Documents: c.Documents}
}

func newSummary(a *agreement.Agreement) Summary {
	s := Summary{Named: Named{a.Name, a.DisplayName}, Stage: a.Stage, Service: a.Service, Provider: a.Provider,
		Consumers: List(a.Consumers), Labels: Labels(a.Labels), Objectives: Each(a.Objectives, newObjective)}
	if a.Stage == agreement.Active {
		s.ReviewDue = NullTime(a.ReviewDue())
	}
	return s
}

func newObjective(o *agreement.Objective) Objective {
	text := Objective{Named: Named{o.Name, o.DisplayName}, SLO: o.SLO, Op: o.Op, Target: o.Target, Revisions: List(o.Revisions),
		Window: o.Window.String(), BudgetingMethod: o.Budgeting, Select: o.Select, GroupBy: o.GroupBy, NoData: o.NoData,
		MinEvents: o.MinEvents, MinCoverage: o.MinCoverage, OtherConnection: o.OtherConnection}
	if o.SLI.Kind == agreement.Threshold {
		text.Value = &o.Value
	}
	if o.Window.IsCalendar() && o.Window.Zone != nil {
		text.WindowTimeZone = o.Window.Zone.String()
	}
	if o.Budgeting != agreement.Occurrences {
		text.TimeSliceWindow = agreement.Duration(o.TimeSliceWindow)
	}
	if o.Budgeting == agreement.Timeslices {
		text.TimeSliceTarget = &o.TimeSliceTarget
	}
	return text
}

// NewObjective converts an objective with its indicator.
func NewObjective(o *agreement.Objective) Objective {
	text := newObjective(o)
	text.Indicator = &Indicator{o.SLI.Name, o.SLI.Kind, o.SLI.Good, o.SLI.Bad, o.SLI.Total, o.SLI.Gauge, o.SLI.PerPeriod, o.SLI.Recorded}
	return text
}

// NewDefinition converts what an agreement promises.
func NewDefinition(a *agreement.Agreement) Definition {
	d := Definition{Named: Named{a.Name, a.DisplayName}, Description: a.Description, Service: a.Service, Provider: a.Provider,
		Consumers: List(a.Consumers), Stage: a.Stage, TimeZone: a.Zone.String(), Effective: a.Effective,
		Objectives: Each(a.Objectives, NewObjective), Consequences: a.Consequences, Signatures: List(a.Signatures)}
	if c := a.SupportHours; c != nil {
		d.SupportHours = &SupportHours{c.Name, c.Zone.String(), Each(c.Weekly, newWeeklyHours), Each(c.Holidays, newHoliday)}
	}
	d.Exclusions = Each(a.Exclusions, func(x *agreement.Exclusion) AppliedExclusion {
		return AppliedExclusion{newExclusion(x), x.HasEffectIn(a)}
	})
	return d
}

// Weekdays are the days of the week as documents name them, by [time.Weekday].
var Weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func newWeeklyHours(row agreement.WeeklyHours) WeeklyHours {
	days := Each(row.Days, func(day time.Weekday) string { return Weekdays[day] })
	return WeeklyHours{days, agreement.ClockText(row.From), agreement.ClockText(row.To)}
}

func newHoliday(day agreement.Holiday) Holiday {
	text := Holiday{Name: day.Name, Country: day.Country}
	switch {
	case day.Country != "":
	case day.Yearly.Day != 0:
		text.Yearly = fmt.Sprintf("%02d-%02d", day.Yearly.Month, day.Yearly.Day)
	default:
		text.On = day.On.UTC().Format(time.DateOnly)
	}
	return text
}

// newExclusion converts an exclusion; instants stay in their time zones.
func newExclusion(x *agreement.Exclusion) Exclusion {
	return Exclusion{Named: Named{x.Name, x.DisplayName}, Reason: x.Reason, Category: x.Category, Mode: x.Mode,
		Services: x.Services, Agreements: x.Agreements, From: x.From, To: x.To, Recurrence: x.Recurrence,
		TimeZone: x.Zone.String(), RequestedBy: x.RequestedBy, ApprovedBy: x.ApprovedBy, ApprovedOn: x.ApprovedOn}
}

// NewAgreement converts an agreement, without its hash.
func NewAgreement(a *agreement.Agreement) Agreement {
	text := Agreement{Definition: NewDefinition(a), Labels: Labels(a.Labels), Annotations: Labels(a.Annotations),
		DependsOn: List(a.Upstreams()), Dependencies: List(a.DependsOn), Review: Review{Last: NullTime(a.Review.Last)},
		ReportEvery: a.Report.Every, ReportTo: List(a.Report.To), Links: List(a.Links), Place: a.Place}
	text.Escalation = Each(a.Escalation, func(step agreement.EscalationStep) Escalation {
		return Escalation{step.After.Seconds(), step.Notify}
	})
	if a.Review.Every > 0 {
		text.Review.Every, text.Review.Due = agreement.FormatDuration(a.Review.Every), NullTime(a.ReviewDue())
	}
	return text
}

// Team is a team with the agreements that it provides and consumes.
type Team struct {
	Named
	Labels  map[string]string `json:"labels"`
	Members []string          `json:"members"`
	// Contacts have an empty target if that is secret.
	Contacts []agreement.Contact `json:"contacts"`
	// Provides and Consumes are the names of agreements.
	Provides []string        `json:"provides"`
	Consumes []string        `json:"consumes"`
	Place    agreement.Place `json:"place"`
}

// NewTeams returns the teams with their agreements, sorted by name.
func NewTeams(c *catalog.Catalog) []Team {
	provides, consumes := map[string][]string{}, map[string][]string{}
	for _, a := range c.Agreements {
		provides[a.Provider] = append(provides[a.Provider], a.Name)
		for _, consumer := range a.Consumers {
			consumes[consumer] = append(consumes[consumer], a.Name)
		}
	}
	return ByName(c.Teams, func(t *agreement.Team) Team {
		return Team{Named: Named{t.Name, t.DisplayName}, Labels: Labels(t.Labels), Members: List(t.Members),
			Contacts: t.ShownContacts(), Provides: List(provides[t.Name]), Consumes: List(consumes[t.Name]), Place: t.Place}
	})
}

// Approvers returns the teams, sorted, whose approval would put the exclusion into effect in
// an agreement where it has none; none if nobody requested it.
func Approvers(agreements []*agreement.Agreement, x *agreement.Exclusion) []string {
	approvers := []string{}
	for _, a := range agreements {
		if x.RequestedBy != "" && slices.Contains(a.Exclusions, x) && !x.HasEffectIn(a) {
			approvers = append(approvers, a.Parties()...)
		}
	}
	slices.Sort(approvers)
	return slices.DeleteFunc(slices.Compact(approvers), func(team string) bool { return team == x.RequestedBy })
}
