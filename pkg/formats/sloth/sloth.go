// Package sloth imports the SLOs of Sloth: its own file, prometheus/v1, and the
// Kubernetes resource PrometheusServiceLevel, which has the same fields in another
// spelling. docs/importing.md describes what each field becomes.
package sloth

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
)

// The supported documents.
const (
	Version    = "prometheus/v1"
	APIVersion = "sloth.slok.dev/v1"
	Kind       = "PrometheusServiceLevel"
)

// DefaultWindow is the default period of Sloth's SLOs, which its files do not contain.
const DefaultWindow = "30d"

// Import adds the SLOs of a document, which is not a list, to the set.
func Import(set *imports.Set, d *document.Document, window string) {
	switch {
	case d.APIVersion == "" && d.Kind == "":
		importFile(set, d, window)
	case d.APIVersion == APIVersion && d.Kind == Kind:
		importResource(set, d, window)
	case d.APIVersion == APIVersion && d.Kind == "AlertWindows":
		d.Warnf("spec", "has no place: the burn-rate alerts are those of the SRE workbook, scaled to the window of each SLO (--window); an objective of an agreement may say others (alerts)")
	case d.APIVersion != "" && !strings.HasPrefix(d.APIVersion, "sloth"):
		d.Warnf("kind", "%s of %s is no document of Sloth, and is passed over", d.Kind, d.APIVersion)
	default:
		d.Errorf("kind", "%s of %s is no document of Sloth: it must have version: %s, or apiVersion: %s and kind: %s",
			cmp.Or(d.Kind, "(nothing)"), cmp.Or(d.APIVersion, "(nothing)"), Version, APIVersion, Kind)
	}
}

func importFile(set *imports.Set, d *document.Document, window string) {
	d.Kind, d.Name = d.TextAt("version"), d.TextAt("service")
	var file file
	if !d.DecodeForeign(&file) {
		return
	}
	if d.OneOf("version", file.Version, Version); d.Failed() {
		return
	}
	w := writer{set, d, imports.SLO{Window: window, Labels: imports.Texts(file.Labels)}}
	w.all(&file.definition)
}

func importResource(set *imports.Set, d *document.Document, window string) {
	var resource imports.Resource[definition]
	d.UseDialect(resourceDialect)
	if !d.DecodeForeign(&resource) {
		return
	}
	d.Rename(resourcePaths.Replace)
	spec, head := &resource.Spec, &resource.Metadata
	if !d.Required("metadata.name", head.Name) {
		return
	}
	w := writer{set, d, imports.SLO{Window: window, Namespace: head.Namespace,
		Labels: imports.Texts(head.Labels, spec.Labels), Annotations: head.OwnAnnotations()}}
	w.each.Annotations["sloth.slok.dev/resource"] = strings.TrimPrefix(head.Namespace+"/"+head.Name, "/")
	w.all(spec)
}

// resourceDialect is the struct tag for fields that the resource spells differently.
const resourceDialect = "resource"

// resourcePaths converts field paths of Sloth's file to those of the resource.
var resourcePaths = strings.NewReplacer(
	"service", "spec.service", "slos", "spec.slos", "slo_plugins", "spec.sloPlugins",
	"error_ratio_query", "errorRatioQuery", "error_query", "errorQuery", "total_query", "totalQuery",
	"page_alert", "pageAlert", "ticket_alert", "ticketAlert",
)

type (
	file struct {
		Version    string `yaml:"version"`
		definition `yaml:",inline"`
	}
	definition struct {
		Service    string                    `yaml:"service" check:"required"`
		Labels     map[string]document.Plain `yaml:"labels"`
		SLOPlugins *plugins                  `yaml:"slo_plugins" resource:"sloPlugins"`
		SLOs       []slo                     `yaml:"slos"`
	}
	slo struct {
		Name        string                    `yaml:"name" check:"required"`
		Description string                    `yaml:"description"`
		Objective   *float64                  `yaml:"objective" jsonschema:"exclusiveMinimum=0,maximum=100"`
		Labels      map[string]document.Plain `yaml:"labels"`
		Plugins     *plugins                  `yaml:"plugins"`
		SLI         indicator                 `yaml:"sli"`
		Alerting    alerting                  `yaml:"alerting"`
	}
	plugins struct {
		OverridePrevious bool `yaml:"overridePrevious"`
		Chain            []struct {
			ID       string            `yaml:"id"`
			Config   document.Anything `yaml:"config"`
			Priority *float64          `yaml:"priority"`
		} `yaml:"chain"`
	}
	indicator struct {
		Raw *struct {
			ErrorRatioQuery string `yaml:"error_ratio_query" resource:"errorRatioQuery"`
		} `yaml:"raw"`
		Events *events `yaml:"events"`
		Plugin *struct {
			ID      string                    `yaml:"id"`
			Options map[string]document.Plain `yaml:"options"`
		} `yaml:"plugin"`
	}
	events struct {
		ErrorQuery string `yaml:"error_query" resource:"errorQuery"`
		TotalQuery string `yaml:"total_query" resource:"totalQuery"`
	}
	alerting struct {
		Name        string      `yaml:"name" lost:"has no place: alerts are named after agreement and objective"`
		Labels      labels      `yaml:"labels"`
		Annotations annotations `yaml:"annotations"`
		Page        alert       `yaml:"page_alert" resource:"pageAlert"`
		Ticket      alert       `yaml:"ticket_alert" resource:"ticketAlert"`
	}
	alert struct {
		Disable     bool        `yaml:"disable"`
		Labels      labels      `yaml:"labels"`
		Annotations annotations `yaml:"annotations"`
	}
	// Labels and annotations of alerts may be templates.
	labels      map[string]document.Plain
	annotations map[string]document.Plain
)

// Check warns about templates, which are not expanded in labels.
func (l labels) Check(d *document.Document, field string) {
	for _, name := range slices.Sorted(maps.Keys(l)) {
		if strings.Contains(string(l[name]), "{{") {
			d.Warnf(field+"."+name, "is a template, which has no place in a label: it stands as it is")
		}
	}
}

// ofSloth matches template variables that mean something else outside of Sloth's alerts.
var ofSloth = regexp.MustCompile(`\bsloth_\w+|\$value\b|\.Value\b`)

// Check warns about templates that depend on Sloth's alerts.
func (a annotations) Check(d *document.Document, field string) {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		text := string(a[name])
		if _, template, ok := strings.Cut(text, "{{"); ok && ofSloth.MatchString(template) {
			d.Warnf(field+"."+name, "has %s, which is another thing here: the value of an alert is its burn rate, and its labels are agreement, objective, service and severity; write the template anew", ofSloth.FindString(template))
		}
	}
}

// alerts returns the alert settings by severity, without severities that have none.
func (a *alerting) alerts() map[agreement.Severity]agreement.Alerts {
	all := map[agreement.Severity]agreement.Alerts{}
	for severity, of := range map[agreement.Severity]alert{agreement.Page: a.Page, agreement.Ticket: a.Ticket} {
		labels, annotations := imports.Texts(a.Labels, of.Labels), imports.Texts(a.Annotations, of.Annotations)
		if of.Disable || len(labels)+len(annotations) > 0 {
			all[severity] = agreement.Alerts{Disabled: of.Disable, Labels: labels, Annotations: annotations}
		}
	}
	return all
}

// Check warns that SLO plugins are lost.
func (p *plugins) Check(d *document.Document, field string) {
	ids := make([]string, len(p.Chain))
	for i, plugin := range p.Chain {
		ids[i] = plugin.ID
	}
	if len(ids) > 0 || p.OverridePrevious {
		d.Warnf(field, "has no place: SLO plugins change the rules that Sloth generates, and here none are needed (%s)", strings.Join(ids, ", "))
	}
}

type writer struct {
	set *imports.Set
	d   *document.Document
	// each holds what all SLOs of the document share.
	each imports.SLO
}

func (w *writer) all(of *definition) {
	if w.d.Check(of); of.Service == "" {
		return
	}
	w.each.Service = of.Service
	if len(of.SLOs) == 0 {
		w.d.Errorf("slos", "must hold at least one SLO")
	}
	for i := range of.SLOs {
		w.slo(document.Item("slos", i), &of.SLOs[i])
	}
}

func (w *writer) slo(at string, s *slo) {
	if s.Objective == nil {
		w.d.Errorf(at+".objective", "is required: the target in percent, as 99.9")
		return
	}
	if _, ok := w.d.Percent(at+".objective", *s.Objective); !ok || s.Name == "" {
		return
	}
	slo := w.each
	var ok bool
	if slo.SLI, slo.GroupBy, ok = w.indicator(at+".sli", &s.SLI); !ok {
		return
	}
	slo.Name, slo.NameField, slo.Description = slo.Service+"-"+s.Name, at+".name", strings.TrimSpace(s.Description)
	slo.Labels = maps.Clone(slo.Labels)
	maps.Copy(slo.Labels, imports.Texts(s.Labels))
	slo.Alerts, slo.TargetPercent = s.Alerting.alerts(), *s.Objective
	w.set.Add(w.d, slo)
}

// indicator returns the SLI and the labels to group by; ok is false if it was refused.
func (w *writer) indicator(at string, of *indicator) (sli agreement.SLI, groupBy []string, ok bool) {
	switch given := imports.Given(of.Raw != nil, of.Events != nil, of.Plugin != nil); {
	case given != 1:
		w.d.Errorf(at, "must hold exactly one of events, raw and plugin, got %d", given)
	case of.Plugin != nil:
		w.set.Refuse(w.d, at+".plugin.id", "the SLI plugin %q is a program that Sloth runs to make the queries; write the queries themselves, as sli.events", of.Plugin.ID)
	case of.Raw != nil:
		return w.raw(at+".raw.error_ratio_query", of.Raw.ErrorRatioQuery)
	default:
		return w.events(at+".events", of.Events)
	}
	return sli, nil, false
}

func (w *writer) raw(at, query string) (sli agreement.SLI, groupBy []string, ok bool) {
	if query = strings.TrimSpace(query); !w.d.Required(at, query) {
		return sli, nil, false
	}
	asItStands := agreement.SLI{Kind: agreement.RawFailure, Gauge: &agreement.Query{Expr: query}}
	sli, groupBy, errs := w.measurable(at, at, at, []string{query}, append(countedRatio(query), asItStands))
	switch {
	case sli.Kind == "":
		w.set.RefuseQuery(w.d, at, at, errs[len(errs)-1])
	case sli.Kind == agreement.RawFailure && dividesSums(query):
		w.d.Warnf(at, "is not bad / total, nor 1 - good / total, of counters: the ratio is measured once a minute, and every minute weighs the same")
	}
	return sli, groupBy, sli.Kind != ""
}

func (w *writer) events(at string, e *events) (sli agreement.SLI, groupBy []string, ok bool) {
	part, all := at+".error_query", at+".total_query"
	errors, total := strings.TrimSpace(e.ErrorQuery), strings.TrimSpace(e.TotalQuery)
	hasErrors := w.d.Required(part, errors)
	if !w.d.Required(all, total) || !hasErrors {
		return sli, nil, false
	}
	counted := agreement.SLI{Kind: agreement.Ratio, Bad: &agreement.Query{Expr: errors}, Total: &agreement.Query{Expr: total}}
	summed := counted // Sloth divides the sums of the samples
	summed.PerPeriod = true
	sli, groupBy, errs := w.measurable(at, part, all, []string{errors, total}, append([]agreement.SLI{counted, summed}, sampledSLIs(errors, total)...))
	switch sli.Kind {
	case "":
		w.set.RefuseQuery(w.d, part, all, errs[0])
	case agreement.RawFailure:
		w.d.Warnf(at, "adds up a gauge over the window, which counts no events: the ratio is measured once a minute instead, and every minute weighs the same")
	}
	return sli, groupBy, sli.Kind != ""
}

// measurable returns the first of the queries' SLIs that can be measured and the labels to
// group by, else the errors of all. Lost groupings are warnings at field.
func (w *writer) measurable(field, part, total string, queries []string, slis []agreement.SLI) (sli agreement.SLI, groupBy []string, errs []error) {
	groupBy, several, unsummed := grouping(queries...)
	for _, sli := range slis {
		if err := w.set.Measurable(w.d, part, total, sli, groupBy); err != nil {
			errs = append(errs, err)
			continue
		}
		inPlace := "all is counted as one"
		if sli.Kind == agreement.RawFailure {
			inPlace = "a minute with several results is unknown"
		}
		if several {
			w.d.Warnf(field, "groups in several ways or by without (…), which has no place: %s; group each query by (…) of the same labels for a result each", inPlace)
		} else if unsummed && sli.Kind == agreement.Ratio {
			w.d.Warnf(field, "does not add up the series, of which Sloth makes a result each: all are counted as one; put sum (…) around each query, or sum by (…) for a result each")
			groupBy = nil
		}
		return sli, groupBy, nil
	}
	return sli, nil, errs
}
