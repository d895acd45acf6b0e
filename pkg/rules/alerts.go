package rules

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	promtemplate "github.com/prometheus/prometheus/template"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/alerting"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/sli"
)

// Metrics recorded for each objective.
const (
	infoMetric       = "accord_counts_info"       // always 1; its labels map an objective to its counts
	burnMetric       = "accord:burn_rate:"        // 1 spends exactly the budget
	eventsMetric     = "accord:burn_counted:"     // events, seconds or slices
	complianceMetric = "accord:compliance:"       // a ratio, over a rolling window
	remainingMetric  = "accord:budget_remaining:" // a ratio of the budget, negative if breached
)

// alertNames are the titles of Grafana's rules as one word.
var alertNames = map[agreement.Severity]string{
	agreement.Page: "ErrorBudgetBurnsFast", agreement.Ticket: "ErrorBudgetBurnsSteadily",
}

// alerts adds rules for the burn rates of an objective and the alerts on them.
func (x *exporter) alerts(a *agreement.Agreement, o *agreement.Objective, c *counted) {
	if why := x.inexpressible(a, o, c); why != "" {
		x.losses.Add(o.Place, subject(a, o), "no alerts: %s; take accord export grafana", why)
		return
	}
	x.differences(a, o)
	from, end := o.Window.At(x.At)
	named := named{a, o, alerting.GroupLabels(o.GroupBy)}
	recorded := map[string]bool{}
	record := func(metric, expr string) {
		if !recorded[metric] { // alerts share windows, and vmalert refuses equal rules
			recorded[metric] = true
			c.add(named.record(metric, expr))
		}
	}
	var alerts []Rule
	for _, alert := range budget.AlertsOver(o, end.Sub(from)) {
		if time.Duration(alert.Short)%c.slot != 0 {
			x.losses.Add(o.Place, subject(a, o), "no %s alert over %s: its short window, %s, is not made of slots of %s; export with a shorter --resolution",
				alert.Severity, alert.Long, alert.Short, agreement.FormatDuration(c.slot))
			continue
		}
		if !x.reachable(o, alert) {
			continue // it cannot fire in Accord either, which reports it
		}
		for _, length := range []agreement.Duration{alert.Short, alert.Long} {
			record(burnMetric+length.String(), burnRate(c.window(o, time.Duration(length), c.lag), c.allowance(o, x.At)))
		}
		if o.MinEvents > 0 {
			record(eventsMetric+alert.Long.String(), c.window(o, time.Duration(alert.Long), c.lag).total)
		}
		alerts = append(alerts, named.alert(alert, inEffect(a, x.At)))
	}
	c.group.Rules = append(c.group.Rules, append(alerts, named.blind(c, inEffect(a, x.At)))...)
	x.wholeWindow(named, c)
}

// blind returns the notice that the objective was not measured for [budget.BlindNotice]. The counts of a
// slot remain for the length of a slot after its end, so For is shorter by that.
func (n named) blind(c *counted, conditions string) Rule {
	since := agreement.FormatDuration(budget.BlindNotice)
	labels := n.labels(nil, budget.Notice)
	labels[alerting.KindLabel] = string(budget.IsBlind)
	return Rule{Alert: "NothingMeasured", Expr: "absent(sum(" + c.recording.Selector(sli.RecordedTotal, c.slot) + "))" + conditions,
		For: agreement.FormatDuration(max(0, budget.BlindNotice-c.slot)), Labels: labels,
		Annotations: map[string]string{
			"summary":     template(n.agreement.Name+": "+n.objective.Name) + " has not been measured for " + since,
			"description": promised(n.agreement) + "Alerts on its budget cannot fire until it is measured again.",
		}}
}

// wholeWindow adds compliance and remaining budget of a rolling window where PromQL can express them:
// not for calendar windows, slices, or windows with time out of scope, and no budget if the target
// changes after the start of the window.
func (x *exporter) wholeWindow(n named, c *counted) {
	length := n.objective.Window.Rolling
	from := x.At.Add(-length)
	if n.objective.Window.IsCalendar() || n.objective.Budgeting != agreement.Occurrences || length%c.slot != 0 ||
		n.agreement.Effective.From.After(from) || len(exclusionsAfter(n.agreement, from)) > 0 {
		return
	}
	// The rule may be evaluated up to an interval before the group that records its slots.
	w, suffix := c.window(n.objective, length, sli.RuleInterval(c.slot)), agreement.FormatDuration(length)
	badRatio, ends := fmt.Sprintf("(%s) / ((%s) > 0)", w.bad, w.total), inEffect(n.agreement, x.At)
	c.windows = append(c.windows, n.record(complianceMetric+suffix, "1 - "+badRatio+ends))
	changes := slices.ContainsFunc(n.objective.Revisions, func(r agreement.Revision) bool { return r.From.After(from) })
	if budgetRatio := agreement.BudgetRatio(n.objective.TargetAt(x.At)); budgetRatio > 0 && !changes {
		c.windows = append(c.windows, n.record(remainingMetric+suffix, "1 - "+badRatio+" / "+number(budgetRatio)+ends))
	}
}

func (c *counted) add(rule Rule) { c.group.Rules = append(c.group.Rules, rule) }

func (x *exporter) reachable(o *agreement.Objective, alert budget.Alert) bool {
	return alert.CanFire(o.TargetAt(x.At)) || slices.ContainsFunc(o.Revisions, func(r agreement.Revision) bool {
		return r.From.After(x.At) && alert.CanFire(r.Target)
	})
}

func (x *exporter) inexpressible(a *agreement.Agreement, o *agreement.Objective, c *counted) string {
	slices := o.Budgeting != agreement.Occurrences
	switch {
	case a.SupportHours != nil:
		return "PromQL knows no support hours (Calendar " + a.SupportHours.Name + ")"
	case slices && o.TimeSliceWindow != c.slot:
		return fmt.Sprintf("slices of %s are cut by the windows of alerts, which PromQL cannot tell", agreement.FormatDuration(o.TimeSliceWindow))
	case slices && o.SLI.Kind.TimeBased() && o.NoData != agreement.NoDataIgnore:
		return "within a slice, seconds without data count as " + string(o.NoData)
	}
	return ""
}

// differences lists how the alerts differ from those of Accord.
func (x *exporter) differences(a *agreement.Agreement, o *agreement.Objective) {
	about, lookback := subject(a, o), o.LongestAlert()
	for _, exclusion := range exclusionsAfter(a, x.At.Add(-lookback)) {
		x.losses.Add(exclusion.Place, "Exclusion "+exclusion.Name, "does not keep the alerts of %s quiet: silence them in Alertmanager for that time", a.Name)
	}
	for _, severity := range slices.Sorted(maps.Keys(o.Alerts)) {
		of := o.Alerts[severity].Annotations
		for _, name := range slices.Sorted(maps.Keys(of)) {
			if err := notTemplate(of[name]); err != nil {
				x.losses.Add(o.Place, about, "the annotation %s of its alerts is no template, and stands as it is: %s", name, err)
			}
		}
	}
	if length, varies := x.periodLength(o.Window); varies {
		x.losses.Add(o.Place, about, "the factors of its alerts are those of %s (%s), and change with the length of the %s: export again then",
			o.Window.Period(x.At).Name(), agreement.FormatDuration(length), o.Window.Calendar)
	}
	if from := a.Effective.From; from.After(x.At.Add(-lookback)) {
		x.losses.Add(o.Place, about, "in the first %s after %s its alerts look at the time before, too", agreement.FormatDuration(lookback), from.Format(time.DateOnly))
	}
	if len(o.GroupBy) > 0 && o.NoData != agreement.NoDataIgnore && (o.SLI.Kind.TimeBased() || o.Budgeting != agreement.Occurrences) {
		x.losses.Add(o.Place, about, "in the first %s of a new group the time before its first sample counts as %s", agreement.FormatDuration(lookback), o.NoData)
	}
}

// exclusionsAfter returns the exclusions in effect that recur or end after from.
func exclusionsAfter(a *agreement.Agreement, from time.Time) []*agreement.Exclusion {
	return slices.DeleteFunc(a.ExclusionsInEffect(), func(e *agreement.Exclusion) bool { return e.Recurrence == "" && !e.To.After(from) })
}

// periodLength returns the length of the current window, and whether a period of the next 4 years differs.
func (x *exporter) periodLength(w agreement.Window) (length time.Duration, varies bool) {
	from, end := w.At(x.At)
	length = end.Sub(from)
	if !w.IsCalendar() {
		return length, false
	}
	for at := end; at.Before(x.At.AddDate(4, 0, 0)); {
		from, next := w.At(at.Add(time.Second))
		if next.Sub(from) != length {
			return length, true
		}
		at = next
	}
	return length, false
}

type named struct {
	agreement *agreement.Agreement
	objective *agreement.Objective
	// groupLabels maps labels of groupBy to those of the alerts.
	groupLabels map[string]string
}

func (n named) record(metric, expr string) Rule {
	// Backwards, since the new name of a label may be the old one of a later label.
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(n.groupLabels))) {
		if label := n.groupLabels[name]; label != name {
			expr = fmt.Sprintf("label_replace(%s, %q, %q, %q, %q)", expr, label, "$1", name, "(.*)")
		}
	}
	return Rule{Record: metric, Expr: expr, Labels: map[string]string{"agreement": n.agreement.Name, "objective": n.objective.Name}}
}

func (n named) series(metric string) string {
	return fmt.Sprintf("%s{agreement=%q, objective=%q}", metric, n.agreement.Name, n.objective.Name)
}

func (n named) alert(alert budget.Alert, conditions string) Rule {
	long, short := alert.Long.String(), alert.Short.String()
	factor := number(alert.Factor)
	expr := fmt.Sprintf("%s > %s and %s > %s", n.series(burnMetric+long), factor, n.series(burnMetric+short), factor)
	if n.objective.MinEvents > 0 {
		expr += fmt.Sprintf(" and %s >= %s", n.series(eventsMetric+long), number(n.objective.MinEvents))
	}
	annotations := map[string]string{
		"summary": "{{ $labels.agreement }}: {{ $labels.objective }} burns its error budget",
		"description": fmt.Sprintf(`%sThe budget of %s burns at {{ printf "%%.1f" $value }} times the rate that it lasts for; over %s and %s, above %.4g is worth a %s.`,
			promised(n.agreement), n.objective.Window, long, short, alert.Factor, alert.Severity),
	}
	own := n.objective.Alerts[alert.Severity].Annotations
	for _, name := range slices.Sorted(maps.Keys(own)) { // sorted: if two names become one, the result is stable
		text := own[name]
		if notTemplate(text) != nil {
			text = template(text)
		}
		annotations[notInLabel.ReplaceAllString(name, "_")] = text
	}
	labels := n.labels(n.groupLabels, alert.Severity)
	labels[alerting.LongWindowLabel] = long
	return Rule{Alert: alertNames[alert.Severity], Expr: expr + conditions, Labels: labels, Annotations: annotations}
}

func promised(a *agreement.Agreement) string {
	if a.Provider == "" {
		return ""
	}
	return template(a.Provider) + " promised it to " + template(strings.Join(a.Consumers, ", ")) + ". "
}

// labels returns the labels of the data source's alerts without the group labels, which the series have.
func (n named) labels(groupLabels map[string]string, severity agreement.Severity) map[string]string {
	group := map[string]string{}
	for name := range groupLabels {
		group[name] = ""
	}
	all, used := alerting.Labels(n.agreement, n.objective, group, severity), agreement.Names{alerting.LongWindowLabel: true}
	for _, label := range groupLabels {
		delete(all, label)
		used[label] = true
	}
	labels := map[string]string{}
	for _, unclean := range []bool{false, true} { // valid names take precedence
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if clean := notInLabel.ReplaceAllString(name, "_"); (clean != name) == unclean {
				labels[used.Add(clean, "label_")] = template(all[name])
			}
		}
	}
	return labels
}

// notInLabel matches what Prometheus before 3 does not allow in a label name.
var notInLabel = regexp.MustCompile(`^[^a-zA-Z_]|[^a-zA-Z0-9_]`)

func notTemplate(text string) error {
	const known = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"
	return promtemplate.NewTemplateExpander(context.Background(), known+text, "annotation", nil, 0, nil, nil, nil).ParseTest()
}

// template escapes a text so that a Go template prints it unchanged.
func template(text string) string { return strings.ReplaceAll(text, "{{", "{{`{{`}}") }
