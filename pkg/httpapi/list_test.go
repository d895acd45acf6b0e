package httpapi

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

type fruit struct {
	name   string
	colors []string
	weight budget.Figure
}

var fruits = list[fruit]{
	text:    func(f fruit) string { return f.name },
	filters: map[string]func(fruit) []string{"color": func(f fruit) []string { return f.colors }, "name": func(f fruit) []string { return []string{f.name} }},
	sorts: map[string]order[fruit]{
		"": byText(func(f fruit) string { return f.name }), "weight": byFigure(func(f fruit) budget.Figure { return f.weight }),
	},
}

var basket = []fruit{
	{"Red Apple", []string{"red", "ripe=yes", "form=round"}, 150}, {"green apple", []string{"green", "ripe=no", "form=round"}, 140},
	{"banana", []string{"green", "ripe=no", "form=long"}, 120}, {"ghost", nil, budget.Absent}, {"cherry", []string{"red"}, 8},
}

func named(rows []fruit) (names []string) {
	for _, row := range rows {
		names = append(names, row.name)
	}
	return names
}

func TestAListIsFilteredAndSortedByTheURL(t *testing.T) {
	for query, want := range map[string][]string{
		"":                                    {"banana", "cherry", "ghost", "green apple", "Red Apple"},
		"search=APPLE+red":                    {"Red Apple"},
		"search=%3Cb%3E":                      nil,
		"color=red":                           {"cherry", "Red Apple"},
		"color=":                              {"banana", "cherry", "ghost", "green apple", "Red Apple"},
		"color=red&color=green&sort=weight":   {"cherry", "banana", "green apple", "Red Apple"},
		"color=red&name=cherry":               {"cherry"},
		"color=ripe%3Dno&color=form%3Dround":  {"green apple"},
		"color=ripe%3Dno&color=ripe%3Dyes":    {"banana", "green apple", "Red Apple"},
		"sort=weight":                         {"cherry", "banana", "green apple", "Red Apple", "ghost"},
		"sort=-weight":                        {"Red Apple", "green apple", "banana", "cherry", "ghost"},
		"ds=another&sort=-weight&color=green": {"green apple", "banana"},
	} {
		asked, err := url.ParseQuery(query)
		require.NoError(t, err)
		rows, paging, err := fruits.page(asked, fruits.keep(asked, basket, ""))
		require.NoError(t, err)
		assert.Equal(t, want, named(rows), query)
		assert.Equal(t, Paging{len(want), 1, pageSize}, paging, query)
	}
	assert.Equal(t, "Red Apple", basket[0].name, "the rows of the caller keep their order")
}

func TestAListHasPages(t *testing.T) {
	many := make([]fruit, 2*pageSize+1)
	for i := range many {
		many[i].name = fmt.Sprintf("%03d", i)
	}
	for page, want := range map[string]struct{ page, first, rows int }{
		"": {1, 0, pageSize}, "2": {2, pageSize, pageSize}, "3": {3, 2 * pageSize, 1}, "9": {3, 2 * pageSize, 1},
	} {
		rows, paging, err := fruits.page(url.Values{"page": {page}}, many)
		require.NoError(t, err)
		assert.Equal(t, Paging{len(many), want.page, pageSize}, paging)
		assert.Equal(t, many[want.first].name, rows[0].name)
		assert.Len(t, rows, want.rows)
	}
	none, paging, err := fruits.page(url.Values{}, nil)
	require.NoError(t, err)
	assert.NotNil(t, none, "an empty list is no null in JSON")
	assert.Empty(t, none)
	assert.Equal(t, Paging{0, 1, pageSize}, paging)
}

func TestAListRefusesWhatItDoesNotKnow(t *testing.T) {
	for query, want := range map[string]string{
		"sort=wieght": `sort "wieght": must be one of weight, or one behind a minus (did you mean weight?)`,
		"page=0":      `page "0": must be 1, 2, …`,
		"page=two":    `page "two": must be 1, 2, …`,
	} {
		asked, err := url.ParseQuery(query)
		require.NoError(t, err)
		_, _, err = fruits.page(asked, basket)
		assert.EqualError(t, err, want)
	}
}

func TestChoicesCountWhatTheOtherFiltersKeep(t *testing.T) {
	asked := url.Values{"search": {"apple"}, "color": {"red"}}
	upper := func(value string) string { return "~" + value }
	assert.Equal(t, []Choice{{"form=round", "~form=round", 2}, {"green", "~green", 1}, {"red", "~red", 1}, {"ripe=no", "~ripe=no", 1}, {"ripe=yes", "~ripe=yes", 1}},
		fruits.choices(asked, basket, "color", upper))
	assert.Equal(t, []Choice{{"Red Apple", "~Red Apple", 1}}, fruits.choices(asked, basket, "name", upper))
}

func TestTheReasonOfAnAlertIsThatOfItsValue(t *testing.T) {
	alert := func(long time.Duration, burn, value budget.Figure) budget.Alert {
		rule := agreement.AlertRule{Severity: agreement.Page, Long: agreement.Duration(long)}
		return budget.Alert{AlertRule: rule, Short: agreement.Duration(long / 12), LongBurn: burn, ShortBurn: burn, Value: value}
	}
	r := measure.Result{Objective: &agreement.Objective{Name: "api"},
		Status: budget.Status{Alerts: []budget.Alert{alert(time.Hour, 20, 20/14.4), alert(6*time.Hour, 19, 19./6), {AlertRule: agreement.AlertRule{Severity: agreement.Ticket}, Value: 9}}}}
	require.Equal(t, "api burns its error budget 19 times too fast over 6h and 30m", alertReason(r, agreement.Page))
}
