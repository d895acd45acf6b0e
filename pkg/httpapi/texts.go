package httpapi

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
)

// Catalog is what there is to choose from.
type Catalog struct {
	Agreements []Summary `json:"agreements"`
	// SLOs are those that no agreement names.
	SLOs       []Summary         `json:"slos"`
	Services   []Named           `json:"services"`
	Teams      []Named           `json:"teams"`
	Calendars  []Named           `json:"calendars"`
	Exclusions []Exclusion       `json:"exclusions"`
	Problems   []catalog.Problem `json:"problems"`
	// Documents is the number of those without errors.
	Documents int `json:"documents"`
}

// Named is something with a name.
type Named struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName,omitempty"`
}

// Summary is an agreement, or an SLO that none names, in a list.
type Summary struct {
	Named
	Stage      agreement.Stage   `json:"stage"`
	Service    string            `json:"service"`
	Provider   string            `json:"provider,omitempty"`
	Consumers  []string          `json:"consumers"`
	Labels     map[string]string `json:"labels"`
	Objectives []Objective       `json:"objectives"`
	// ReviewDue is when the parties of an active agreement should look at it
	// again; null without a rhythm.
	ReviewDue *time.Time `json:"reviewDue"`
}

// Objective is what was promised, in words that a program can read.
type Objective struct {
	Named
	SLO    string  `json:"slo,omitempty"`
	Target float64 `json:"target"` // ratio, in force until the first revision
	Window string  `json:"window"`
	// TimeSliceWindow and TimeSliceTarget are of time slices only.
	Budgeting       agreement.Budgeting `json:"budgeting"`
	TimeSliceWindow string              `json:"timeSliceWindow,omitempty"`
	TimeSliceTarget float64             `json:"timeSliceTarget,omitempty"`
	Select          map[string]string   `json:"select,omitempty"`
	GroupBy         []string            `json:"groupBy,omitempty"`
	NoData          agreement.NoData    `json:"noData,omitempty"`
	MinEvents       float64             `json:"minEvents,omitempty"`
	MinCoverage     float64             `json:"minCoverage,omitempty"`
	Revisions       []Revision          `json:"revisions,omitempty"`
	// OtherConnection says why this connection never asks for it.
	OtherConnection string `json:"unmeasured,omitempty"`
}

// Revision is a target in force from a date on.
type Revision struct {
	From       time.Time `json:"from"`
	Target     float64   `json:"target"`
	Reason     string    `json:"reason,omitempty"`
	ApprovedBy []string  `json:"approvedBy,omitempty"`
}

// Exclusion is time that does not count once the other party agreed.
type Exclusion struct {
	Named
	Reason     string                  `json:"reason"`
	Category   string                  `json:"category"`
	Mode       agreement.ExclusionMode `json:"mode"`
	Services   []string                `json:"services,omitempty"`
	Agreements []string                `json:"agreements,omitempty"`
	// From and To are the first occurrence, Recurrence an RFC 5545 rule.
	From        time.Time  `json:"from"`
	To          time.Time  `json:"to"`
	Recurrence  string     `json:"recurrence,omitempty"`
	TimeZone    string     `json:"timeZone"`
	RequestedBy string     `json:"requestedBy,omitempty"`
	ApprovedBy  string     `json:"approvedBy,omitempty"`
	ApprovedOn  *time.Time `json:"approvedOn,omitempty"`
}

func summary(a *agreement.Agreement) Summary {
	s := Summary{Named: Named{a.Name, a.DisplayName}, Stage: a.Stage, Service: a.Service, Provider: a.Provider,
		Consumers: list(a.Consumers), Labels: labels(a.Labels), Objectives: make([]Objective, 0, len(a.Objectives))}
	for _, o := range a.Objectives {
		s.Objectives = append(s.Objectives, objective(o))
	}
	if a.Stage == agreement.Active {
		s.ReviewDue = given(a.ReviewDue())
	}
	return s
}

func objective(o *agreement.Objective) Objective {
	text := Objective{Named: Named{o.Name, o.DisplayName}, SLO: o.SLO, Target: o.Target, Window: o.Window.String(),
		Budgeting: o.Budgeting, TimeSliceTarget: o.TimeSliceTarget, Select: o.Select, GroupBy: o.GroupBy, NoData: o.NoData,
		MinEvents: o.MinEvents, MinCoverage: o.MinCoverage, OtherConnection: o.OtherConnection}
	if o.TimeSliceWindow > 0 {
		text.TimeSliceWindow = agreement.FormatDuration(o.TimeSliceWindow)
	}
	for _, r := range o.Revisions {
		text.Revisions = append(text.Revisions, Revision(r))
	}
	return text
}

func exclusion(x *agreement.Exclusion) Exclusion {
	return Exclusion{Named: Named{x.Name, x.DisplayName}, Reason: x.Reason, Category: x.Category, Mode: x.Mode,
		Services: x.Services, Agreements: x.Agreements, From: x.From, To: x.To, Recurrence: x.Recurrence,
		TimeZone: x.Zone.String(), RequestedBy: x.RequestedBy, ApprovedBy: x.ApprovedBy, ApprovedOn: given(x.ApprovedOn)}
}

// list is never null in JSON.
func list[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

func labels(values map[string]string) map[string]string {
	if values == nil {
		return map[string]string{}
	}
	return values
}

// given is null for the zero time.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
