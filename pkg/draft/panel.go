package draft

import (
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/sli"
)

// FromPanel is the form that the query of a dashboard's panel makes, and what
// whoever goes on with it should look at. An empty query makes an empty form.
func FromPanel(query, title string) (f Form, notes []string) {
	f.DisplayName, f.By = title, Events
	if query = strings.TrimSpace(query); query == "" {
		return f, nil
	}
	p, isCount := sli.ReadPanel(query)
	part, ofSameMetric := extraMatchers(p)
	switch {
	case !isCount:
		f.By, f.ValueQuery = Value, query
		notes = append(notes, "The query shows a value, not counts. Give the limit within which it is good.")
	case p.IsHistogram:
		f.By, f.Metric = Latency, p.Total.Metric
		f.Where = matchersOf(slices.DeleteFunc(p.Total.Matchers, func(m *labels.Matcher) bool { return m.Name == labels.BucketLabel }))
		notes = append(notes, "The query is of a histogram. Choose the bound below which an event is good.")
	case ofSameMetric:
		f.Metric, f.Where, f.Part, f.PartIsGood = p.Total.Metric, matchersOf(p.Total.Matchers), matchersOf(part), p.PartIsGood
	default:
		f.By, f.TotalQuery, f.PartQuery, f.PartIsGood = Queries, p.Total.Query, p.Part.Query, p.PartIsGood
	}
	if isCount && !p.IsHistogram && p.Part.Query == "" {
		notes = append(notes, "The query counts all events. Choose which of them are bad.")
	}
	if f.hasVariable() {
		notes = append(notes, "The query has variables of its dashboard. Put values in their place.")
	}
	return f, notes
}

// extraMatchers are those by which the part of a panel is told from all events;
// not ok where they are not of one metric.
func extraMatchers(p sli.Panel) (extra []*labels.Matcher, ok bool) {
	if p.Part.Query == "" {
		return nil, p.Total.Metric != ""
	}
	has := func(all []*labels.Matcher, m *labels.Matcher) bool {
		return slices.ContainsFunc(all, func(other *labels.Matcher) bool { return other.String() == m.String() })
	}
	for _, m := range p.Part.Matchers {
		if !has(p.Total.Matchers, m) {
			extra = append(extra, m)
		}
	}
	missing := slices.ContainsFunc(p.Total.Matchers, func(m *labels.Matcher) bool { return !has(p.Part.Matchers, m) })
	return extra, p.Total.Metric != "" && p.Total.Metric == p.Part.Metric && !missing && len(extra) > 0
}

func matchersOf(all []*labels.Matcher) (matchers []Matcher) {
	for _, m := range all {
		matchers = append(matchers, Matcher{m.Name, m.Type.String(), m.Value})
	}
	return matchers
}

var (
	window   = regexp.MustCompile(`\[[^\]]*\]`)
	variable = regexp.MustCompile(`\$\{?[A-Za-z_]`)
)

// hasVariable reports whether something is left to be filled in beside windows,
// which are filled in wherever they are measured.
func (f Form) hasVariable() bool {
	texts := []string{f.TotalQuery, f.PartQuery, f.ValueQuery}
	for _, m := range slices.Concat(f.Where, f.Part) {
		texts = append(texts, m.Value)
	}
	return variable.MatchString(window.ReplaceAllString(strings.Join(texts, " "), ""))
}
