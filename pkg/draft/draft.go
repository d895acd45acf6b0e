// Package draft writes the documents of a new agreement from a form, as filled in in Grafana or by
// `accord init`. It can derive the form from the query of a dashboard panel, and offers metrics and
// labels of Prometheus for its fields. It measures nothing and writes no files.
package draft

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/sli"
)

// By is how a form defines what is measured.
type By string

// The ways to define what is measured.
const (
	Events  By = "events"  // a counter, and matchers of its good or bad events
	Latency By = "latency" // a histogram, and the bucket bound up to which an event is good
	Queries By = "queries" // PromQL of all events, and of the good or bad ones
	Value   By = "value"   // PromQL of a value, and the limit within which it is good
	SLO     By = "slo"     // an SLO of the folder
)

// Form holds what a new agreement needs. Numbers are strings as people type them, so that each error
// can be reported at its field.
type Form struct {
	// Name defaults to <service>-for-<first consumer>.
	Name        string   `json:"name"`
	DisplayName string   `json:"displayName"`
	Service     string   `json:"service"`
	Provider    string   `json:"provider"`
	Consumers   []string `json:"consumers"`
	// TimeZone defaults to UTC.
	TimeZone     string `json:"timeZone"`
	SupportHours string `json:"supportHours"`

	By By `json:"by"`
	// Metric is the counter of events, or the bucket counter of a histogram. Where selects the series
	// of all events, Part the good or bad ones among them.
	Metric     string    `json:"metric"`
	Where      []Matcher `json:"where"`
	Part       []Matcher `json:"part"`
	PartIsGood bool      `json:"partIsGood"`
	// Below is a bucket bound (le) of the histogram.
	Below string `json:"below"`
	// TotalQuery and PartQuery are PromQL of counts, ValueQuery is PromQL of a value.
	TotalQuery string       `json:"totalQuery"`
	PartQuery  string       `json:"partQuery"`
	ValueQuery string       `json:"valueQuery"`
	Op         agreement.Op `json:"op"`
	Limit      string       `json:"limit"`
	SLO        string       `json:"slo"`

	// Target is a ratio or a percentage: 0.999 or 99.9%.
	Target string `json:"target"`
	// Window is a duration such as 30d, or one of day, week, month, quarter, year.
	Window string `json:"window"`
}

// Matcher is a label matcher of a series selector.
type Matcher struct {
	Label string `json:"label"`
	Op    string `json:"op"` // =, !=, =~ or !~
	Value string `json:"value"`
}

// Complaint says what is missing or wrong in a field of the form. Field is its JSON name.
type Complaint struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Document is a document made from a form.
type Document struct {
	catalog.ID
	Text string `json:"text"`
}

// WithDefaults returns the form with defaults for its empty fields.
func (f Form) WithDefaults() Form {
	f.By = cmp.Or(f.By, Events)
	f.TimeZone = cmp.Or(f.TimeZone, "UTC")
	f.Op = cmp.Or(f.Op, agreement.Less)
	f.Target = cmp.Or(strings.TrimSpace(f.Target), "99.9%")
	f.Window = cmp.Or(f.Window, "30d")
	f.Consumers = append([]string{}, f.Consumers...)
	f.Where, f.Part = append([]Matcher{}, f.Where...), append([]Matcher{}, f.Part...)
	if f.Name == "" && f.Service != "" && len(f.Consumers) > 0 {
		f.Name = f.Service + "-for-" + f.Consumers[0]
	}
	return f
}

// Known reports whether the folder has the document.
type Known func(catalog.ID) bool

// Complaints returns what is missing or wrong in a form with defaults: in its indicator, and in the rest.
func (f Form) Complaints(known Known) (ofIndicator, ofRest []Complaint) {
	ofIndicator = f.indicatorComplaints()
	names := map[string][]string{"service": {f.Service}, "provider": {f.Provider}, "consumers": f.Consumers}
	if len(f.Consumers) == 0 {
		names["consumers"] = []string{""}
	}
	for _, field := range []string{"service", "provider", "consumers"} {
		for _, name := range names[field] {
			switch {
			case name == "":
				ofRest = append(ofRest, required(field))
			case !document.IsName(name):
				ofRest = append(ofRest, Complaint{field, fmt.Sprintf("%q: %s", name, document.NameRule)})
			case field == "consumers" && name == f.Provider:
				ofRest = append(ofRest, Complaint{field, name + " is the provider, and cannot agree with itself"})
			}
		}
	}
	switch {
	case f.Name == "": // its service or consumer is missing, which is reported above
	case !document.IsName(f.Name):
		ofRest = append(ofRest, Complaint{"name", fmt.Sprintf("%q: %s", f.Name, document.NameRule)})
	case known(catalog.ID{Kind: "Agreement", Name: f.Name}):
		ofRest = append(ofRest, Complaint{"name", "There is an agreement of that name: choose another one"})
	}
	_, err := agreement.ParseRatio(f.Target)
	window, windowErr := agreement.ParseWindow(f.Window)
	if window.Offset != 0 {
		windowErr = fmt.Errorf("window %q: nobody can promise a past period, write %s", f.Window, window.Calendar)
	}
	return ofIndicator, append(ofRest, slices.Concat(complaint("target", err), complaint("window", windowErr))...)
}

func complaint(field string, err error) []Complaint {
	if err == nil {
		return nil
	}
	return []Complaint{{field, err.Error()}}
}

func required(field string) Complaint { return Complaint{field, "Required"} }

func (f Form) indicatorComplaints() (all []Complaint) {
	needed := map[By][][2]string{
		Events:  {{"metric", f.Metric}},
		Latency: {{"metric", f.Metric}, {"below", f.Below}},
		Queries: {{"totalQuery", f.TotalQuery}, {"partQuery", f.PartQuery}},
		Value:   {{"valueQuery", f.ValueQuery}, {"limit", f.Limit}},
		SLO:     {{"slo", f.SLO}},
	}[f.By]
	if needed == nil {
		all = append(all, Complaint{"by", fmt.Sprintf("%q: must be events, latency, queries, value or slo", f.By)})
	}
	for _, need := range needed {
		switch field, value := need[0], need[1]; {
		case strings.TrimSpace(value) == "":
			all = append(all, required(field))
		case field == "below" || field == "limit":
			_, err := number(value)
			all = append(all, complaint(field, err)...)
		}
	}
	_, err := parsed(f.Where)
	part, partErr := parsed(f.Part)
	if f.By == Events && partErr == nil && len(part) == 0 {
		all = append(all, required("part"))
	}
	return append(all, slices.Concat(complaint("where", err), complaint("part", partErr))...)
}

func number(text string) (float64, error) {
	value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return 0, fmt.Errorf("%q: must be a number such as 0.3", text)
	}
	return value, nil
}

// FromPanel returns a form made from the query and title of a dashboard panel, and notes on what to
// check in it. From an empty query it fills in only the title.
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

// extraMatchers returns the matchers that the part has beyond those of all events. It is not ok if
// they are of different metrics, or the part is not a narrower selection.
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

// hasVariable reports whether a dashboard variable is left, except in range windows, which measuring sets.
func (f Form) hasVariable() bool {
	texts := []string{f.TotalQuery, f.PartQuery, f.ValueQuery}
	for _, m := range slices.Concat(f.Where, f.Part) {
		texts = append(texts, m.Value)
	}
	return variable.MatchString(window.ReplaceAllString(strings.Join(texts, " "), ""))
}
