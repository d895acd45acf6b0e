package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/sli"
)

// Prometheus returns the rules of the agreements, active or not, and what they cannot express. Each
// distinct count has a group, so that the rules based on it are evaluated right after it.
func Prometheus(agreements []*agreement.Agreement, o Options) ([]Group, problem.Losses) {
	x := &exporter{Options: o, groups: map[string]*counted{}, named: map[string]string{}}
	for _, a := range agreements {
		for _, objective := range a.Objectives {
			x.objective(a, objective)
		}
		if a.Stage == agreement.Active && len(a.Escalation) > 0 {
			x.losses.Add(a.Place, a.Kind()+" "+a.Name, "escalation: whom to tell and when is for Alertmanager to say (route on the labels team and severity); or take accord export grafana")
		}
	}
	var groups []Group
	for _, id := range x.order {
		groups = append(groups, x.groups[id].split()...)
	}
	names := agreement.Names{}
	for i, group := range groups {
		groups[i].Name = names.Add(group.Name, anotherUID) // an objective may be called like a part of another's group
		for j := range group.Rules {
			group.Rules[j].Expr = pretty(group.Rules[j].Expr)
		}
	}
	return groups, x.losses.Distinct()
}

type exporter struct {
	Options
	groups map[string]*counted // by metric and ID of the recording
	order  []string
	named  map[string]string // subjects by agreement/objective, which series and groups use as names
	losses problem.Losses
}

// counted is a recorded count with the rules based on it.
type counted struct {
	group     Group
	recording sli.Recording
	slot      time.Duration
	// lag delays what alerts read that may be evaluated before the last slot is recorded, such as those outside
	// of the group that records it. Without it they would end for that evaluation.
	lag time.Duration
	// ends are the indexes in group.Rules at which the rules of each objective end.
	ends []int
	// windows are the rules over whole windows. They read much data, so they are evaluated once per slot.
	windows []Rule
}

// maxRules is the default limit of multi-tenant rulers for the rules of a group.
const maxRules = 20

// split returns groups that fit a ruler (maxRules) and a resource (maxResource). It keeps the rules of an
// objective together if possible.
func (c *counted) split() (groups []Group) {
	add := func(suffix, interval string, rules []Rule) {
		for len(rules) > 0 {
			n, size := 0, 0
			for n < min(len(rules), maxRules) {
				if size += len(rules[n].Expr); n > 0 && size > maxResource {
					break
				}
				n++
			}
			group := c.group
			group.Name, group.Interval, group.Rules = group.Name+suffix, interval, rules[:n]
			rules = rules[n:]
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
	name := a.Name + "/" + o.Name
	if other, taken := x.named[name]; taken {
		x.losses.Add(o.Place, subject(a, o), "not recorded: its series would be those of %s; rename one of them", other)
		return
	}
	counts, ok := x.counts(a, o)
	if !ok {
		return
	}
	x.named[name] = subject(a, o)
	counts.group.Objectives = append(counts.group.Objectives, name)
	before, lags := *counts, []time.Duration{0, 2 * sli.RuleInterval(counts.slot)}
	if x.Method == sli.MetricsQL {
		lags = lags[1:] // vmalert writes what it records some seconds later
	}
	for _, counts.lag = range lags {
		counts.group.Rules, counts.ends, counts.windows = before.group.Rules, before.ends, before.windows
		counts.add(Rule{Record: infoMetric, Expr: "vector(1)", Labels: map[string]string{
			sli.CountsLabel: counts.recording.ID(), "agreement": a.Name, "objective": o.Name, "service": a.Service}})
		if a.Stage == agreement.Active { // others promise nothing
			x.alerts(a, o, counts)
		}
		counts.ends = append(counts.ends, len(counts.group.Rules))
		if len(counts.split()[0].Rules) == len(counts.group.Rules) {
			break
		}
	}
}

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
	slot := o.Slot(x.Resolution)
	c := &counted{recording: plan.Recording(o), slot: slot}
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
		if len(expr) > maxResource {
			return refuse(fmt.Sprintf("its rule would have %d bytes, and %d are the most that a resource may have: shorten the query", len(expr), maxResource))
		}
		c.add(Rule{Record: c.recording.Name(part, slot), Expr: expr, Labels: map[string]string{sli.CountsLabel: c.recording.ID()}})
	}
	x.groups[id] = c
	x.order = append(x.order, id)
	return c, true
}

// over applies the function to the last closed slots, exactly as many as length holds. The range
// is a millisecond shorter because ranges include their start before Prometheus 3. A slot is read
// later by lag.
func (c *counted) over(function, of string, length, lag time.Duration) string {
	offset := ""
	if lag > 0 {
		offset = " offset " + agreement.FormatDuration(lag)
	}
	return fmt.Sprintf("%s((%s)[%s:%s]%s)", function, of,
		agreement.FormatDuration(length-time.Millisecond), agreement.FormatDuration(c.slot), offset)
}

// File encodes the groups as a rule file for Prometheus (rule_files) and vmalert.
func File(groups []Group) ([]byte, error) {
	return listed(groups, madeBy("accord export rules")+"groups:\n", "")
}

// maxResource limits the JSON bytes of a resource, which kubectl apply stores in a 262,144-byte annotation.
const maxResource = 240_000

// resource is the head of a PrometheusRule.
type resource struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   map[string]string `yaml:"metadata"`
}

// Resources encodes the groups for the Prometheus operator: one PrometheusRule per service, more if it is large.
func Resources(groups []Group) ([]byte, error) {
	groups = slices.Clone(groups)
	slices.SortStableFunc(groups, func(a, b Group) int { return strings.Compare(a.Service, b.Service) })
	names := agreement.Names{}
	for _, group := range groups {
		names["accord-"+group.Service] = true
	}
	var texts [][]byte
	for number := 1; len(groups) > 0; number++ {
		n, size := 1, groups[0].jsonLength()
		for ; n < len(groups) && groups[n].Service == groups[0].Service; n++ {
			if size += groups[n].jsonLength(); size > maxResource {
				break
			}
		}
		name := "accord-" + groups[0].Service
		if number > 1 {
			name = names.Add(name+"-"+strconv.Itoa(number), anotherUID)
		}
		head, _ := yaml.Dump(resource{"monitoring.coreos.com/v1", "PrometheusRule", map[string]string{"name": name}}, written...) // strings cannot fail
		text, err := listed(groups[:n], madeBy("accord export rules")+string(head)+"spec:\n  groups:\n", "  ")
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
		if n < len(groups) && groups[n].Service != groups[0].Service {
			number = 0
		}
		groups = groups[n:]
	}
	return bytes.Join(texts, []byte("---\n")), nil
}

func (g Group) jsonLength() int {
	text, _ := json.Marshal(g) // strings cannot fail
	return len(text)
}

// written is the style of exported files, which people compare by lines: quotes are those of yaml.v3.
var written = []yaml.Option{yaml.WithIndent(2), yaml.WithLineWidth(-1), yaml.WithQuotePreference(yaml.QuoteLegacy)}

// madeBy returns the comment at the top of a generated file.
func madeBy(command string) string {
	return "# Made by " + command + "; change the documents, not this file.\n"
}

// listed returns the groups as a list below head, with a comment that names several objectives of a group.
// It encodes them one by one because the YAML tree of all is many times as large as the text.
func listed(groups []Group, head, indent string) ([]byte, error) {
	text := bytes.NewBufferString(head)
	for _, group := range groups {
		if len(group.Objectives) > 1 {
			names := strings.Map(inLine, strings.Join(group.Objectives, ", "))
			fmt.Fprintf(text, "%s# For %s.\n", indent, names)
		}
		item, err := yaml.Dump([]Group{group}, written...)
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(item) {
			if len(line) > 1 {
				text.WriteString(indent)
			}
			text.Write(line)
		}
	}
	return text.Bytes(), nil
}

// inLine replaces what would end a comment or is not allowed in one.
func inLine(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

var anyPromQL = parser.NewParser(parser.Options{})

// pretty breaks a long expression into lines. A very long one, which only machines read, and one that
// is not PromQL stay unchanged.
func pretty(expr string) string {
	if len(expr) > 1000 { // about 60 lines; Prettify takes quadratic time
		return expr
	}
	tree, err := anyPromQL.ParseExpr(expr)
	if err != nil {
		return expr
	}
	text := parser.Prettify(tree)
	if strings.Count(text, "\n") >= 30 {
		return expr
	}
	// Prettify may lag behind the syntax: its output must mean the same.
	again, err := anyPromQL.ParseExpr(text)
	if err != nil || again.String() != tree.String() {
		return expr
	}
	if strings.Contains(text, "\n") {
		text += "\n"
	}
	return text
}
