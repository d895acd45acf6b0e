package datasource

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/wire"
)

// SchemaVersion is the version of the query model.
const SchemaVersion = 1

// QueryType says what a query asks for.
type QueryType string

// The query types.
const (
	StatusQuery     QueryType = "status"
	ComplianceQuery QueryType = "compliance"
	BudgetQuery     QueryType = "budget"
	BurnRateQuery   QueryType = "burnRate"
	AlertQuery      QueryType = "alert"
	SLIQuery        QueryType = "sli"
	EventsQuery     QueryType = "events"
	HistoryQuery    QueryType = "history"
	IncidentsQuery  QueryType = "incidents"
	ExclusionsQuery QueryType = "exclusions"
	// OutsideHoursQuery asks for the time outside of support hours.
	OutsideHoursQuery QueryType = "outsideHours"
	AgreementsQuery   QueryType = "agreements"
)

// QueryTypes returns all query types, in the order in which users see them.
func QueryTypes() []QueryType {
	return []QueryType{StatusQuery, ComplianceQuery, BudgetQuery, BurnRateQuery, AlertQuery,
		SLIQuery, EventsQuery, HistoryQuery, IncidentsQuery, ExclusionsQuery, OutsideHoursQuery, AgreementsQuery}
}

// Query is the query of a panel or an alert rule, as it is saved in dashboards.
// Every filter is a list of names or /regular expressions/; a row is kept when
// one of them matches, and an empty list keeps all.
type Query struct {
	// SchemaVersion is 1; a query without one is of version 1.
	SchemaVersion int       `json:"schemaVersion"`
	QueryType     QueryType `json:"queryType"`

	Agreements []string `json:"agreements,omitempty"`
	Objectives []string `json:"objectives,omitempty"`
	Services   []string `json:"services,omitempty"`
	Providers  []string `json:"providers,omitempty"`
	Consumers  []string `json:"consumers,omitempty"`
	// Labels are labels of agreements, as name=value.
	Labels []string `json:"labels,omitempty"`

	// Window overrides that of each objective.
	Window *QueryWindow `json:"window,omitempty"`
	// Scope is adjusted (the default) or raw: every slot counts.
	Scope string `json:"scope,omitempty"`
	// BurnWindows are durations, default 5m 30m 1h 2h 6h 1d 3d.
	BurnWindows []string `json:"burnWindows,omitempty"`
	// Severity of an alert query: page, ticket, both (the default), or notice, for
	// what should be known before it becomes an alert.
	Severity string `json:"severity,omitempty"`
	// Periods of a history, default 12.
	Periods int `json:"periods,omitempty"`
}

// QueryWindow is either Rolling or Calendar.
type QueryWindow struct {
	// Rolling is a duration such as 30d.
	Rolling string `json:"rolling,omitempty"`
	// Calendar is day, week, month, quarter or year.
	Calendar string `json:"calendar,omitempty"`
	// Offset picks a past calendar period: -1 is the last whole one.
	Offset int `json:"offset,omitempty"`
}

const minBurnWindow = time.Minute

type question struct {
	Query
	filters     filters
	window      *agreement.Window
	raw         bool
	burnWindows []time.Duration
	severities  []agreement.Severity
	rule        bool // the query is that of an alert rule
}

// parseQuery parses and checks a query; the type beside it applies if its JSON has none.
func parseQuery(text []byte, beside QueryType) (question, error) {
	q := question{}
	err := json.Unmarshal(text, &q.Query) // reads what it can
	if q.SchemaVersion > SchemaVersion || q.SchemaVersion < 0 {
		return q, badQueryf("the query is of schemaVersion %d, and this plugin knows up to %d: it was saved by a newer version, so update the plugin",
			q.SchemaVersion, SchemaVersion)
	}
	if err != nil {
		return q, unreadable(err)
	}
	if err := checkFields(text); err != nil {
		return q, err
	}
	q.QueryType = cmp.Or(q.QueryType, beside)
	for _, read := range []func() error{q.checkType, q.readFilters, q.checkVariables, q.readWindow, q.readBurnWindows, q.readChoices} {
		if err := read(); err != nil {
			return q, err
		}
	}
	return q, nil
}

func unreadable(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		want := map[string]string{"slice": "a list of texts", "int": "a whole number", "string": "a text", "struct": "an object"}[wrong.Type.Kind().String()]
		return badQueryf("%s: must be %s, got a JSON %s", wrong.Field, want, wrong.Value)
	}
	return badQueryf("the query cannot be read: %w", err)
}

// checkFields refuses a misspelled field. A name like none of a query's fields is Grafana's own.
func checkFields(text []byte) error {
	query, window := map[string]any{}, struct{ Window map[string]any }{}
	if err := errors.Join(json.Unmarshal(text, &query), json.Unmarshal(text, &window)); err != nil {
		return unreadable(err)
	}
	known := append(fieldsOf[Query](), "scopes") // Grafana's scopes are not ours
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if hint := problem.DidYouMean(name, known); hint != "" && !isAmong(known, name) {
			return badQueryf("%s: a query has no such field%s", name, hint)
		}
	}
	known = fieldsOf[QueryWindow]()
	for _, name := range slices.Sorted(maps.Keys(window.Window)) {
		if !isAmong(known, name) {
			return badQueryf("window: %s: there is no such field%s; give rolling, or calendar and offset", name, problem.DidYouMean(name, known))
		}
	}
	return nil
}

// isAmong compares names of fields as encoding/json does, ignoring case.
func isAmong(fields []string, name string) bool {
	return slices.ContainsFunc(fields, func(field string) bool { return strings.EqualFold(field, name) })
}

func fieldsOf[T any]() []string {
	return wire.Each(reflect.VisibleFields(reflect.TypeFor[T]()), func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
}

func (q *question) checkType() error {
	if slices.Contains(QueryTypes(), q.QueryType) {
		return nil
	}
	names := wire.Each(QueryTypes(), func(known QueryType) string { return string(known) })
	all := strings.Join(names, ", ")
	if q.QueryType == "" {
		return badQueryf("queryType: missing; give one of %s", all)
	}
	return badQueryf("queryType: there is no %q%s; give one of %s", q.QueryType, problem.DidYouMean(string(q.QueryType), names), all)
}

// checkRule refuses a query that is answered with a table. Query types of series are named as their kind.
func (q *question) checkRule() error {
	if q.QueryType != AlertQuery && !slices.Contains(measure.SeriesKinds(), measure.SeriesKind(q.QueryType)) {
		return badQueryf("queryType: %s answers with a table, which no alert rule can evaluate: take alert, whose number fires above 1 and stays where it cannot be measured, or reduce compliance, budget, burnRate, sli or events",
			q.QueryType)
	}
	return nil
}

// variable matches a template variable that was not replaced. A $ at the end of a
// regular expression, or before its ), is none; nor is [[:alpha:]].
var variable = regexp.MustCompile(`\$\w+|\$\{[^}]*\}|\[\[\w[^\]]*\]\]`)

func (q *question) checkVariables() error {
	w := cmp.Or(q.Window, &QueryWindow{})
	return cmp.Or(withoutVariables("burnWindows", q.BurnWindows...), withoutVariables("scope", q.Scope),
		withoutVariables("severity", q.Severity), withoutVariables("window", w.Rolling, w.Calendar))
}

// withoutVariables refuses variables that were not replaced: alert rules and public
// dashboards replace none, other dashboards only those that exist.
func withoutVariables(field string, values ...string) error {
	for _, value := range values {
		if left := variable.FindString(value); left != "" {
			return badQueryf("%s: the variable %s has no value here; alert rules and public dashboards know no variables, and elsewhere its name may be misspelt: write the names themselves, or a /regular expression/",
				field, left)
		}
	}
	return nil
}

func (q *question) readWindow() error {
	w := q.Window
	if w == nil || *w == (QueryWindow{}) {
		return nil
	}
	text := w.Rolling
	switch {
	case w.Rolling != "" && w.Calendar != "":
		return badQueryf("window: give rolling or calendar, not both")
	case w.Calendar != "":
		text = fmt.Sprintf("%s:%d", w.Calendar, w.Offset)
	case w.Offset != 0:
		return badQueryf("window: offset %d goes with a calendar window, not with a rolling one", w.Offset)
	}
	window, err := agreement.ParseWindow(text)
	if err != nil {
		return badQueryf("window: %w", err)
	}
	switch {
	case q.QueryType == HistoryQuery && (!window.IsCalendar() || window.Offset != 0):
		return badQueryf("window: the periods of a history are day, week, month, quarter or year")
	case q.QueryType == AlertQuery && window.Offset != 0:
		return badQueryf("window: an alert looks at what burns now, so it has no offset")
	}
	q.window = &window
	return nil
}

func (q *question) readBurnWindows() error {
	q.burnWindows = measure.DefaultBurnWindows()
	if len(q.BurnWindows) == 0 {
		return nil
	}
	if len(q.BurnWindows) > measure.MaxBurnWindows {
		return badQueryf("burnWindows: %d given, the limit is %d", len(q.BurnWindows), measure.MaxBurnWindows)
	}
	q.burnWindows = nil
	for _, text := range q.BurnWindows {
		parsed, err := model.ParseDuration(text)
		length := time.Duration(parsed)
		if err != nil || length < minBurnWindow || length > agreement.MaxRolling {
			return badQueryf("burnWindows: %q must be a duration from %s to %s, such as 1h", text,
				agreement.FormatDuration(minBurnWindow), agreement.FormatDuration(agreement.MaxRolling))
		}
		if slices.Contains(q.burnWindows, length) {
			return badQueryf("burnWindows: %s is given twice", agreement.FormatDuration(length))
		}
		q.burnWindows = append(q.burnWindows, length)
	}
	return nil
}

func (q *question) readChoices() error {
	if q.Scope != "" && q.Scope != "adjusted" && q.Scope != "raw" {
		return badQueryf("scope: must be adjusted or raw, got %q", q.Scope)
	}
	q.raw = q.Scope == "raw"
	switch severity := agreement.Severity(q.Severity); severity {
	case "", "both":
		q.severities = []agreement.Severity{agreement.Page, agreement.Ticket}
	case agreement.Page, agreement.Ticket, budget.Notice:
		q.severities = []agreement.Severity{severity}
	default:
		return badQueryf("severity: must be page, ticket, both or notice, got %q", q.Severity)
	}
	if q.Periods < 0 || q.Periods > measure.MaxPeriods {
		return badQueryf("periods: must be from 1 to %d, got %d", measure.MaxPeriods, q.Periods)
	}
	return nil
}
