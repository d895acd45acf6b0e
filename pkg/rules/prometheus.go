package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/sli"
)

// Prometheus are the rules of the agreements, active or not, in a group for each thing that is counted,
// so that all that is made of a count is made right after it.
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
	return groups, x.losses
}

type exporter struct {
	Options
	groups map[string]*counted // by what is counted
	order  []string
	named  map[string]string // what has a name, as series and groups have it
	losses problem.Losses
}

// counted is one thing that is counted, with the rules that are made of it.
type counted struct {
	group     Group
	recording sli.Recording
	slot      time.Duration
	// ends are where the rules of each objective end.
	ends []int
	// windows are the rules over whole windows, evaluated once a slot: they read a month.
	windows []Rule
}

// maxRules of a group: what multi-tenant rulers allow by default.
const maxRules = 20

// split makes groups that are not too long for a ruler or a resource, the rules of an objective together
// where that can be.
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
	counts.add(Rule{Record: infoMetric, Expr: "vector(1)", Labels: map[string]string{
		sli.CountsLabel: counts.recording.ID(), "agreement": a.Name, "objective": o.Name, "service": a.Service}})
	if a.Stage == agreement.Active { // another one promises nothing, so nothing alerts
		x.alerts(a, o, counts)
	}
	counts.ends = append(counts.ends, len(counts.group.Rules))
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

type groupsSpec struct {
	Groups []Group `yaml:"groups"`
}

// File is the groups as a file that Prometheus (rule_files) and vmalert load.
func File(groups []Group) ([]byte, error) {
	return marshal(groupsSpec{groups}, "accord export rules", "", groups)
}

// maxResource in bytes of JSON: kubectl apply keeps it in an annotation, which may have 262,144.
const maxResource = 240_000

// resource is one of the Prometheus operator.
type resource struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   map[string]string `yaml:"metadata"`
	Spec       groupsSpec        `yaml:"spec"`
}

// Resources are those of the Prometheus operator: one a service, or several where one would be too large.
func Resources(groups []Group) ([]byte, error) {
	groups = slices.Clone(groups)
	slices.SortStableFunc(groups, func(a, b Group) int { return strings.Compare(a.Service, b.Service) })
	var all []resource
	names := agreement.Names{}
	for _, group := range groups {
		names["accord-"+group.Service] = true
	}
	number, size := 0, 0 // of the resource among those of its service; in bytes
	for i, group := range groups {
		isFirst, length := i == 0 || group.Service != groups[i-1].Service, group.jsonLength()
		if isFirst {
			number = 0
		}
		if isFirst || size+length > maxResource {
			number, size = number+1, 0
			name := "accord-" + group.Service
			if number > 1 {
				name = names.Add(name+"-"+strconv.Itoa(number), anotherUID)
			}
			all = append(all, resource{APIVersion: "monitoring.coreos.com/v1", Kind: "PrometheusRule", Metadata: map[string]string{"name": name}})
		}
		spec := &all[len(all)-1].Spec
		spec.Groups = append(spec.Groups, group)
		size += length
	}
	var texts [][]byte
	for _, one := range all {
		text, err := marshal(one, "accord export rules", "", one.Spec.Groups)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return bytes.Join(texts, []byte("---\n")), nil
}

func (g Group) jsonLength() int {
	g.Rules = slices.Clone(g.Rules)
	for i := range g.Rules {
		g.Rules[i].Expr = pretty(g.Rules[i].Expr)
	}
	text, _ := json.Marshal(g) // of texts alone
	return len(text)
}

// marshal writes the value under a comment on what made it, with readable expressions and the objectives
// of each group above it.
func marshal(value any, command, more string, groups []Group) ([]byte, error) {
	var root yaml.Node
	if err := root.Encode(value); err != nil {
		return nil, err
	}
	describe(&root, groups)
	root.HeadComment = "# Made by " + command + "; change the documents, not this file." + more
	return yaml.Dump(&root, yaml.WithIndent(2), yaml.WithLineWidth(-1))
}

func describe(node *yaml.Node, groups []Group) {
	for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch key.Value {
		case "groups":
			for n, group := range value.Content {
				if n < len(groups) && len(groups[n].Objectives) > 1 {
					group.HeadComment = fmt.Sprintf("# For %s.", strings.Join(groups[n].Objectives, ", "))
				}
			}
		case "expr":
			if text := pretty(value.Value); strings.Contains(text, "\n") {
				value.Value, value.Style = text+"\n", yaml.LiteralStyle
			}
		}
	}
	for _, child := range node.Content {
		describe(child, groups)
	}
}

var anyPromQL = parser.NewParser(parser.Options{})

// pretty breaks a long expression into lines; what is no PromQL stays as it is.
func pretty(expr string) string {
	tree, err := anyPromQL.ParseExpr(expr)
	if err != nil {
		return expr
	}
	text := parser.Prettify(tree)
	if strings.Count(text, "\n") >= 30 { // so long a one is for machines
		return expr
	}
	// The printer is younger than the language: what it writes must mean the same.
	again, err := anyPromQL.ParseExpr(text)
	if err != nil || again.String() != tree.String() {
		return expr
	}
	return text
}
