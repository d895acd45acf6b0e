package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/formats/loss"
	"github.com/accord-sla/accord/pkg/sli"
)

// Prometheus are the rules of the agreements, active or not: a group for each
// thing that is counted, so that all that is made of a count is made right
// after it.
func Prometheus(agreements []*agreement.Agreement, o Options) ([]Group, loss.List) {
	x := &exporter{Options: o, groups: map[string]*counted{}}
	for _, a := range agreements {
		for _, objective := range a.Objectives {
			x.objective(a, objective)
		}
		if a.Stage == agreement.Active && len(a.Escalation) > 0 {
			x.losses.Add(a.Place, kind(a)+" "+a.Name, "escalation: whom to tell and when is for Alertmanager to say (route on the labels team and severity); or take accord export grafana")
		}
	}
	var groups []Group
	for _, id := range x.order {
		groups = append(groups, x.groups[id].split()...)
	}
	return groups, x.losses
}

type exporter struct {
	Options
	groups map[string]*counted // by what is counted
	order  []string
	losses loss.List
}

// counted is one thing that is counted, with the rules that are made of it.
type counted struct {
	group     Group
	recording sli.Recording
	slot      time.Duration
	groupBy   []string
	// ends are where the rules of each objective end.
	ends []int
	// windows are the rules over whole windows, evaluated once a slot: they read
	// a month of counts.
	windows []Rule
}

// maxRules of a group: more than the operator's users want to look at in one,
// and what multi-tenant rulers allow by default.
const maxRules = 20

// split are the group's rules in groups that are not too long, those of an
// objective together where that can be.
func (c *counted) split() (groups []Group) {
	add := func(suffix, interval string, rules []Rule) {
		for piece := range slices.Chunk(rules, maxRules) {
			group := c.group
			group.Name, group.Interval, group.Rules = group.Name+suffix, interval, piece
			if len(groups) > 0 {
				group.Name = fmt.Sprintf("%s (%d)", group.Name, len(groups)+1)
			}
			groups = append(groups, group)
		}
	}
	start, end := 0, 0
	for _, next := range c.ends {
		if next-start > maxRules && end > start {
			add("", c.group.Interval, c.group.Rules[start:end])
			start = end
		}
		end = next
	}
	add("", c.group.Interval, c.group.Rules[start:])
	add(", windows", agreement.FormatDuration(c.slot), c.windows)
	return groups
}

func (x *exporter) objective(a *agreement.Agreement, o *agreement.Objective) {
	counts, ok := x.counts(a, o)
	if !ok {
		return
	}
	counts.group.Objectives = append(counts.group.Objectives, a.Name+"/"+o.Name)
	counts.add(Rule{Record: infoMetric, Expr: "vector(1)", Labels: map[string]string{
		sli.CountsLabel: counts.recording.ID(), "agreement": a.Name, "objective": o.Name, "service": a.Service}})
	if a.Stage == agreement.Active { // another one promises nothing, so nothing alerts
		x.alerts(a, o, counts)
	}
	counts.ends = append(counts.ends, len(counts.group.Rules))
}

// counts is the group that records what the objective counts.
func (x *exporter) counts(a *agreement.Agreement, o *agreement.Objective) (*counted, bool) {
	refuse := func(why any) (*counted, bool) {
		x.losses.Add(o.Place, subject(a, o), "not recorded: %s", why)
		return nil, false
	}
	if o.OtherConnection != "" {
		return refuse(o.OtherConnection)
	}
	plan, err := sli.NewPlan(o.SLI, o.Select, o.GroupBy)
	if err != nil {
		return refuse(err)
	}
	if slices.Contains(plan.GroupBy, sli.CountsLabel) {
		return refuse("groupBy has the label " + sli.CountsLabel + ", by which recorded counts are told apart")
	}
	slot := x.Resolution
	if o.Budgeting != agreement.Occurrences {
		slot = min(slot, o.TimeSliceWindow)
	}
	c := &counted{recording: plan.Recording(o), slot: slot, groupBy: plan.GroupBy}
	id := c.recording.Name(sli.RecordedTotal, slot) + c.recording.ID()
	if known, ok := x.groups[id]; ok {
		return known, true
	}
	c.group = Group{Service: a.Service, Name: a.Name + "/" + o.Name, Interval: agreement.FormatDuration(sli.RuleInterval(slot))}
	for _, part := range []sli.RecordedPart{sli.RecordedTotal, sli.RecordedBad} {
		expr, err := c.recording.Rule(part, x.Method, slot)
		if err != nil {
			return refuse(err)
		}
		c.add(Rule{Record: c.recording.Name(part, slot), Expr: expr, Labels: map[string]string{sli.CountsLabel: c.recording.ID()}})
	}
	x.groups[id] = c
	x.order = append(x.order, id)
	return c, true
}

// over is a function of the slots in the time up to the last one that is over,
// exactly so many as it holds. A millisecond less, because ranges are closed
// on the left before Prometheus 3. A lag is by how much later a slot is read.
func (c *counted) over(function, of string, length, lag time.Duration) string {
	offset := ""
	if lag > 0 {
		offset = " offset " + agreement.FormatDuration(lag)
	}
	return fmt.Sprintf("%s((%s)[%s:%s]%s)", function, of,
		agreement.FormatDuration(length-time.Millisecond), agreement.FormatDuration(c.slot), offset)
}

func (c *counted) query(part sli.RecordedPart) string { return c.recording.Query(part, c.slot) }
