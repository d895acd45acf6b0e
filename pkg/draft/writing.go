package draft

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/sli"
)

//go:embed documents.yaml.tmpl
var templates string

var written = template.Must(template.New("").Funcs(template.FuncMap{"yaml": inYAML, "source": source}).Parse(templates))

// Documents returns the service and teams of the form that the folder lacks, and last the agreement.
// What is missing in the form is missing in their text.
func (f Form) Documents(known Known) (all []Document) {
	add := func(kind, name string, of any) {
		id := catalog.ID{Kind: kind, Name: name}
		if name == "" && kind != "Agreement" || known(id) || slices.ContainsFunc(all, func(d Document) bool { return d.ID == id }) {
			return
		}
		var text strings.Builder
		if err := written.ExecuteTemplate(&text, kind, of); err != nil {
			panic(err) // a bug in the template, independent of the form
		}
		all = append(all, Document{id, text.String()})
	}
	add("Service", f.Service, catalog.ID{Name: f.Service})
	for _, team := range append([]string{f.Provider}, f.Consumers...) {
		add("Team", team, catalog.ID{Name: team})
	}
	// The agreement is always written: Complaints reports a name that exists.
	known = func(catalog.ID) bool { return false }
	add("Agreement", f.Name, f.texts())
	return all
}

// Text returns the documents as one YAML file.
func Text(documents []Document) string {
	texts := make([]string, len(documents))
	for i, d := range documents {
		texts[i] = d.Text
	}
	return strings.Join(texts, "---\n")
}

// Trial returns a form that can be measured although f is not complete: target and window get their
// defaults, and names get placeholders, where they are missing or wrong.
func (f Form) Trial(known Known) Form {
	_, missing := f.Complaints(known)
	parties := false
	for _, c := range missing {
		switch c.Field {
		case "target":
			f.Target = ""
		case "window":
			f.Window = ""
		default:
			parties = true
		}
	}
	if parties {
		f.Name = "accord-trial"
		for n := 2; known(catalog.ID{Kind: "Agreement", Name: f.Name}); n++ {
			f.Name = fmt.Sprintf("accord-trial-%d", n)
		}
		f.Service, f.Provider, f.Consumers = "accord-trial", "accord-trial", []string{"accord-trial-consumer"}
	}
	return f.WithDefaults()
}

// texts is the input of the agreement template. Target, Window and Limit are YAML, queries PromQL.
type texts struct {
	Form
	Objective, Target, Window, Limit, Total, Part, Value string
}

func (f Form) texts() texts {
	t := texts{Form: f, Objective: "availability", Target: inYAML(f.Target), Window: inYAML(f.Window), Limit: inYAML(f.Limit)}
	if ratio, err := agreement.ParseRatio(f.Target); err == nil {
		t.Target = strconv.FormatFloat(ratio, 'f', -1, 64)
	}
	if window, err := agreement.ParseWindow(f.Window); err == nil && window.IsCalendar() {
		t.Window = "{calendar: " + f.Window + "}"
	} else if err == nil {
		t.Window = "{rolling: " + f.Window + "}"
	}
	if limit, err := number(f.Limit); err == nil {
		t.Limit = strconv.FormatFloat(limit, 'f', -1, 64)
	}
	f.Metric, f.Below = strings.TrimSpace(f.Metric), strings.TrimSpace(f.Below)
	where, _ := parsed(f.Where)
	part, _ := parsed(f.Part)
	t.Total, t.Part, t.Value = f.TotalQuery, f.PartQuery, f.ValueQuery
	switch f.By {
	case Events:
		t.Total, t.Part = sli.Selector(f.Metric, where), sli.Selector(f.Metric, append(where, part...))
	case Latency:
		t.Objective, t.PartIsGood = "latency", true
		t.Total = sli.Selector(strings.TrimSuffix(f.Metric, "_bucket")+"_count", where)
		t.Part = sli.Selector(f.Metric, append(where, labels.MustNewMatcher(labels.MatchEqual, labels.BucketLabel, f.Below)))
	case Value, SLO:
		t.Objective = "objective"
	}
	return t
}

// parsed returns the matchers that have a label and a value.
func parsed(matchers []Matcher) (all []*labels.Matcher, err error) {
	types := map[string]labels.MatchType{"=": labels.MatchEqual, "!=": labels.MatchNotEqual, "=~": labels.MatchRegexp, "!~": labels.MatchNotRegexp}
	for _, m := range matchers {
		of, ok := types[m.Op]
		switch {
		case !ok:
			return nil, fmt.Errorf("%q: must be =, !=, =~ or !~", m.Op)
		case m.Label == "" || m.Value == "":
			continue
		}
		matcher, err := labels.NewMatcher(of, m.Label, m.Value)
		if err != nil {
			return nil, fmt.Errorf("%s%s%q: %w", m.Label, m.Op, m.Value, err)
		}
		all = append(all, matcher)
	}
	return all, nil
}

// Select parses a PromQL selector into the metric and the other matchers.
func Select(selector string) (metric string, where []Matcher, err error) {
	all, err := parser.NewParser(parser.Options{}).ParseMetricSelector(selector)
	if err != nil {
		return "", nil, err
	}
	for _, m := range all {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			metric = m.Value
		}
	}
	return metric, matchersOf(slices.DeleteFunc(all, func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel })), nil
}

var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9/_-]*$`)

// inYAML quotes a string where YAML requires it, also in a flow mapping.
func inYAML(text string) string {
	switch word := strings.ToLower(text); {
	case strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsGraphic(r) }):
		return strconv.QuoteToGraphic(text) // YAML knows all escapes of Go
	case plain.MatchString(text) && !slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}, word):
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

func source(query string) string {
	return "{metricSource: {type: Prometheus, spec: {query: " + inYAML(query) + "}}}"
}
