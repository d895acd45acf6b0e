package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/problem"
)

// Alerting is a file of Grafana's alerting provisioning.
type Alerting struct {
	APIVersion    int            `yaml:"apiVersion"`
	ContactPoints []contactPoint `yaml:"contactPoints,omitempty"`
	Policies      []policyTree   `yaml:"policies,omitempty"`
	Groups        []alertGroup   `yaml:"groups"`
}

type (
	alertGroup struct {
		OrgID    int         `yaml:"orgId"`
		Name     string      `yaml:"name"`
		Folder   string      `yaml:"folder"`
		Interval string      `yaml:"interval"`
		Rules    []alertRule `yaml:"rules"`
	}
	alertRule struct {
		UID           string            `yaml:"uid"`
		Title         string            `yaml:"title"`
		Condition     string            `yaml:"condition"`
		Data          []alertQuery      `yaml:"data"`
		For           string            `yaml:"for"`
		KeepFiringFor string            `yaml:"keepFiringFor,omitempty"`
		NoDataState   string            `yaml:"noDataState"`
		ExecErrState  string            `yaml:"execErrState"`
		Labels        map[string]string `yaml:"labels,omitempty"`
		Annotations   map[string]string `yaml:"annotations"`
		Notification  *notification     `yaml:"notification_settings,omitempty"`
	}
	alertQuery struct {
		RefID         string         `yaml:"refId"`
		DatasourceUID string         `yaml:"datasourceUid"`
		TimeRange     *timeRange     `yaml:"relativeTimeRange,omitempty"`
		Model         map[string]any `yaml:"model"`
	}
	timeRange struct {
		From int `yaml:"from"`
		To   int `yaml:"to"`
	}
	notification struct {
		Receiver string   `yaml:"receiver"`
		GroupBy  []string `yaml:"group_by"`
	}
	policyTree struct {
		OrgID    int      `yaml:"orgId"`
		Receiver string   `yaml:"receiver"`
		GroupBy  []string `yaml:"group_by"`
		Routes   []route  `yaml:"routes"`
	}
	route struct {
		Receiver string      `yaml:"receiver"`
		Matchers [][3]string `yaml:"object_matchers"`
	}
)

// DefaultDatasource is the default uid of the data source.
const DefaultDatasource = "accord"

// GrafanaOptions configures the rules of [Grafana].
type GrafanaOptions struct {
	// Datasource is the uid of the data source that the rules query.
	Datasource string
	// Folder is the title of the folder that holds the rules.
	Folder string
	// Policies routes by notification policies, which replace all existing ones, instead of by each rule.
	Policies bool
}

// receiverLabel is the label by which notification policies route alerts.
const receiverLabel = "accord_receiver"

var grouping = []string{"grafana_folder", "alertname", "agreement"}

// Grafana returns alert rules on the data source. An active agreement with an escalation has a page
// rule per step, which waits for the step's time, and a ticket rule. The others share a page and a
// ticket rule, routed by existing policies. One rule has the notices of all, and one fires if nothing
// can be measured. Shared rules are split by mostNames.
func Grafana(agreements []*agreement.Agreement, teams map[string]*agreement.Team, o GrafanaOptions) (Alerting, problem.Losses) {
	x := &grafanaExporter{GrafanaOptions: o, teams: teams, contacts: map[string]agreement.Contact{}, common: map[string]bool{},
		points: map[string]contactPoint{}, ruleUIDs: agreement.Names{}, receiverUIDs: agreement.Names{}}
	for _, team := range teams {
		for _, contact := range team.Contacts {
			_, x.common[contact.Name] = x.contacts[contact.Name]
			x.contacts[contact.Name] = contact
		}
	}
	o.Folder = escapeSetting(o.Folder)
	steps := alertGroup{OrgID: 1, Name: "escalation", Folder: o.Folder, Interval: "1m"}
	rest := alertGroup{OrgID: 1, Name: "error budgets", Folder: o.Folder, Interval: "1m"}
	var active, others []string
	var escalated []*agreement.Agreement
	for _, a := range agreements {
		if a.Stage != agreement.Active {
			continue
		}
		active = append(active, a.Name)
		for _, o := range a.Objectives {
			if len(o.Alerts[agreement.Page].Annotations)+len(o.Alerts[agreement.Ticket].Annotations) > 0 {
				x.losses.Add(o.Place, subject(a, o), "the annotations of its alerts have no place: a rule is of all objectives; take labels, which each alert has of its own")
			}
		}
		switch {
		case len(a.Escalation) > 0:
			escalated = append(escalated, a)
		case a.IsSLO && slices.ContainsFunc(escalated, func(e *agreement.Agreement) bool { return e.Name == a.Name }): // queries name no kind
			x.losses.Add(a.Place, a.Kind()+" "+a.Name, "its alerts go where those of Agreement %s go; rename one of them", a.Name)
		default:
			others = append(others, a.Name)
		}
	}
	for _, severity := range []agreement.Severity{agreement.Page, agreement.Ticket} {
		rest.Rules = append(rest.Rules, x.shared(severity, others)...)
	}
	rest.Rules = append(rest.Rules, x.notices(active)...)
	rest.Rules = append(rest.Rules, x.blind())
	for _, a := range escalated { // after the shared rules, whose uids must not change
		steps.Rules = append(steps.Rules, x.escalation(a)...)
	}
	file := Alerting{APIVersion: 1, ContactPoints: x.contactPoints()}
	if len(steps.Rules) > 0 {
		file.Groups = append(file.Groups, steps)
	}
	file.Groups = append(file.Groups, rest)
	if o.Policies {
		file.Policies = []policyTree{x.policies()}
	}
	return file, x.losses.Distinct()
}

type grafanaExporter struct {
	GrafanaOptions
	teams    map[string]*agreement.Team
	contacts map[string]agreement.Contact // of one team each: an escalation cannot name others
	common   map[string]bool              // the names of contacts that several teams have, each its own
	points   map[string]contactPoint      // by name
	losses   problem.Losses

	ruleUIDs, receiverUIDs agreement.Names // before uid shortens them
}

var titles = map[agreement.Severity]string{
	agreement.Page: "Error budget burns fast", agreement.Ticket: "Error budget burns steadily", budget.Notice: "An SLA needs a look",
}

// mostNames is the most agreements that the data source accepts in a query.
const mostNames = 1000

// shared returns one rule for every mostNames agreements.
func (x *grafanaExporter) shared(severity agreement.Severity, agreements []string) (all []alertRule) {
	name, title := "rest-"+string(severity), titles[severity]
	for names := range slices.Chunk(agreements, mostNames) {
		if n := len(all) + 1; n > 1 {
			name, title = fmt.Sprintf("rest-%s-%d", severity, n), fmt.Sprintf("%s (%d)", titles[severity], n)
		}
		all = append(all, x.rule(name, title, severity, names, 0, ""))
	}
	return all
}

// escalation returns a page rule per step. Tickets notify only the first step: escalating one means to page.
func (x *grafanaExporter) escalation(a *agreement.Agreement) []alertRule {
	steps := slices.Clone(a.Escalation)
	slices.SortStableFunc(steps, func(a, b agreement.EscalationStep) int { return cmp.Compare(a.After, b.After) })
	var all []alertRule
	for i, step := range steps {
		receiver := x.receiver(a, step.Notify)
		title := fmt.Sprintf("%s: %s", a.Name, titles[agreement.Page])
		if step.After > 0 {
			title += " for " + agreement.FormatDuration(step.After)
		}
		if i > 0 {
			title += fmt.Sprintf(" (step %d)", i+1)
		}
		all = append(all, x.rule(fmt.Sprintf("%s-page-%d", a.Name, i+1), title, agreement.Page, []string{a.Name}, step.After, receiver))
	}
	return append(all, x.rule(a.Name+"-ticket", fmt.Sprintf("%s: %s", a.Name, titles[agreement.Ticket]), agreement.Ticket,
		[]string{a.Name}, steps[0].After, x.receiver(a, steps[0].Notify)))
}

func (x *grafanaExporter) rule(name, title string, severity agreement.Severity, agreements []string, after time.Duration, receiver string) alertRule {
	r := alertRule{
		UID: x.ruleUID(name), Title: title, Condition: "fires", For: agreement.FormatDuration(after),
		NoDataState: "KeepLast", ExecErrState: "KeepLast",
		Data: []alertQuery{
			x.query(map[string]any{"severity": string(severity), "agreements": agreements}),
			{RefID: "fires", DatasourceUID: "__expr__", Model: map[string]any{
				"refId": "fires", "type": "threshold", "expression": "burn",
				"conditions": []any{map[string]any{"evaluator": map[string]any{"type": "gt", "params": []int{1}}}},
			}},
		},
		// One good minute must not resolve the alert.
		KeepFiringFor: map[agreement.Severity]string{agreement.Page: "5m", agreement.Ticket: "30m"}[severity],
		Annotations: map[string]string{
			"summary": `{{ $labels.agreement }}: {{ $labels.objective }} burns its error budget`,
			"description": `{{ with $labels.provider }}{{ . }} promised it to {{ $labels.consumers }}. {{ end }}` +
				`{{ $burn := "NaN" }}{{ with $values.burn }}{{ $burn = printf "%.1f" .Value }}{{ end }}{{ if eq $burn "NaN" }}How fast the budget burns cannot be measured just now; the alert stays until it can.{{ else }}The budget burns at {{ $burn }} times the rate that is worth a {{ $labels.severity }}.{{ end }}`,
			// The app is installed with the data source; dashboards may be missing.
			"details": `{{ externalURL }}a/accord-sla-app/{{ if $labels.provider }}agreements{{ else }}slos{{ end }}/{{ $labels.agreement }}?ds=` + url.QueryEscape(x.Datasource),
		},
	}
	switch {
	case receiver == "":
	case x.Policies:
		r.Labels = map[string]string{receiverLabel: template(escapeSetting(receiver))} // provisioning expands $ and templates
	default:
		r.Notification = &notification{Receiver: receiver, GroupBy: grouping}
	}
	return r
}

// notices returns rules for what is not yet worth an alert, and for what is no longer measured.
func (x *grafanaExporter) notices(agreements []string) []alertRule {
	all := x.shared(budget.Notice, agreements)
	for _, r := range all {
		r.Annotations["summary"] = `{{ $labels.agreement }}{{ with $labels.objective }}: {{ . }}{{ end }}: ` +
			`{{ if eq $labels.kind "review_due" }}its review is due` +
			`{{ else if eq $labels.kind "blind" }}nothing has been measured for a quarter of an hour` +
			`{{ else if eq $labels.level "spent" }}its error budget is spent` +
			`{{ else if eq $labels.level "projected" }}it will be breached at this rate` +
			`{{ else if eq $labels.level "three_quarters" }}three quarters of its error budget are spent` +
			`{{ else }}half of its error budget is spent{{ end }}`
		r.Annotations["description"] = `{{ with $labels.provider }}{{ . }} promised it{{ with $labels.consumers }} to {{ . }}{{ end }}. {{ end }}Nobody needs to act at once.`
	}
	return all
}

// blind returns a rule that fires if nothing can be measured, when the other rules keep their last state.
func (x *grafanaExporter) blind() alertRule {
	return alertRule{
		UID: x.ruleUID("rest-blind"), Title: "SLAs cannot be measured", Condition: "never", For: "15m",
		NoDataState: "Alerting", ExecErrState: "Alerting",
		Data: []alertQuery{
			x.query(map[string]any{"severity": string(agreement.Page)}),
			{RefID: "never", DatasourceUID: "__expr__", Model: map[string]any{
				"refId": "never", "type": "classic_conditions",
				"conditions": []any{map[string]any{
					"query":    map[string]any{"params": []string{"burn"}},
					"reducer":  map[string]any{"type": "last"},
					"operator": map[string]any{"type": "and"},
					// No burn rate is negative: only an error or no value fires.
					"evaluator": map[string]any{"type": "lt", "params": []int{-1}},
				}},
			}},
		},
		Labels: map[string]string{"severity": string(agreement.Ticket)},
		Annotations: map[string]string{
			"summary":     "No SLA can be measured, and alerts on error budgets keep the state they had",
			"description": "Save & test of the data source Accord says why.",
		},
	}
}

func (x *grafanaExporter) query(more map[string]any) alertQuery {
	model := map[string]any{"refId": "burn", "schemaVersion": 1, "queryType": "alert"}
	maps.Copy(model, more)
	return alertQuery{RefID: "burn", DatasourceUID: x.Datasource, TimeRange: &timeRange{From: 600}, Model: model}
}

func (x *grafanaExporter) policies() policyTree {
	tree := policyTree{OrgID: 1, Receiver: "grafana-default-email", GroupBy: grouping} // exists in every Grafana
	for _, point := range x.contactPoints() {
		tree.Routes = append(tree.Routes, route{point.Name, [][3]string{{receiverLabel, "=", point.Name}}})
	}
	return tree
}

// escapeSetting escapes $, which would begin an environment variable.
func escapeSetting(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// anotherUID is the prefix of a uid whose name is taken.
const anotherUID = "2-"

func (x *grafanaExporter) ruleUID(name string) string {
	if x.Datasource != DefaultDatasource {
		name = x.Datasource + "_" + name // no agreement has a _ in its name
	}
	return uid(x.ruleUIDs.Add("accord-"+name, anotherUID))
}

// uid returns the name if it is a valid uid in Grafana, else a cut name with its hash.
func uid(name string) string {
	const most = 40
	clean := notInUID.ReplaceAllString(name, "-")
	if len(name) <= most && clean == name {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return clean[:min(len(clean), most-9)] + "-" + hex.EncodeToString(sum[:4])
}

var notInUID = regexp.MustCompile(`[^a-zA-Z0-9_-]`)

// Text returns the file as YAML.
func (a Alerting) Text() ([]byte, error) {
	head := madeBy("accord export grafana")
	if names := a.Variables(); len(names) > 0 {
		head += "# Grafana must have these in its environment: " + strings.Join(names, ", ") + ".\n"
	}
	text, err := yaml.Dump(a, written...)
	return append([]byte(head), text...), err
}
