package measure_test

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// past is a Prometheus with the traffic of a scenario, and Accord in front
// of it.
type past struct {
	*conformance.Scenario
	server *promserver.Server
	engine *measure.Service
}

func pastOf(t *testing.T, name string) past {
	t.Helper()
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), name+".yaml"))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, s.WriteBlocks(dir))
	server, err := promserver.Start(promserver.Options{Dir: dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	client, err := prometheus.New(server.URL(), nil, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	return past{s, server, measure.New(client, counting.Options{Now: func() time.Time { return s.End.Add(time.Hour) }})}
}

// fired is one time that an alert fired; to is empty while it still does.
type fired struct{ severity, long, from, to string }

func byStart(all []fired) []fired {
	slices.SortFunc(all, func(a, b fired) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.long, b.long), cmp.Compare(a.severity, b.severity))
	})
	return all
}

// ruleFile are the alerts as somebody who has never heard of Accord writes them:
// two burn rates of the counters themselves, above the factor of the SRE
// workbook.
func ruleFile(t *testing.T, d planning.Definition) string {
	t.Helper()
	const (
		total = `sum(increase(http_requests_total{job="api"}[%[1]s] anchored))`
		bad   = `(sum(increase(http_requests_total{job="api",code=~"5.."}[%[1]s] anchored)) or vector(0))`
	)
	var file strings.Builder
	file.WriteString("groups:\n- name: burn\n  interval: 5m\n  rules:\n")
	for _, rule := range d.Objective.AlertRules() {
		length := time.Duration(rule.Long)
		if length >= d.Objective.Window.Rolling {
			continue // does not exist
		}
		factor := max(1, rule.Share*d.Objective.Window.Rolling.Hours()/length.Hours())
		limit := factor * (1 - d.Objective.Target)
		long, short := length.String(), (length / 12).String()
		expr := fmt.Sprintf(bad+" / "+total+" > %[2]v", long, limit) + " and " + fmt.Sprintf(bad+" / "+total+" > %[2]v", short, limit)
		if least := d.Objective.MinEvents; least > 0 {
			expr += " and " + fmt.Sprintf(total+" >= %[2]v", long, least)
		}
		fmt.Fprintf(&file, "  - alert: burn\n    expr: %q\n    labels: {severity: %s, long: %s}\n", expr, rule.Severity, rule.Long)
	}
	path := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(path, []byte(file.String()), 0o600))
	return path
}

// byRuleManager is what the rule manager of Prometheus fires after from when it
// evaluates the rules at each edge of a slot.
func (h past) byRuleManager(t *testing.T, d planning.Definition, from time.Time) []fired {
	t.Helper()
	alerts := t.TempDir() // what it records itself
	written, err := promserver.Start(promserver.Options{Dir: alerts})
	require.NoError(t, err)
	defer func() { require.NoError(t, written.Close()) }()
	manager := rules.NewManager(&rules.ManagerOptions{
		Context: t.Context(), ExternalURL: &url.URL{}, AppendableV2: written.DB, Queryable: h.server.DB,
		QueryFunc:  conformance.RuleQuery(h.server.Engine, h.server.DB, h.End, 5*time.Minute),
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {},
		Parser:     parser.NewParser(parser.Options{}),
	})
	groups, errs := manager.LoadGroups(5*time.Minute, labels.EmptyLabels(), "", nil, false, ruleFile(t, d))
	require.Empty(t, errs)
	require.Len(t, groups, 1)
	var done []fired
	open := map[string]*fired{}
	for _, group := range groups {
		group.RestoreForState(h.Start)
		for at := range budget.Instants(t.Context(), h.Start, h.End, 5*time.Minute) {
			if group.Eval(t.Context(), at); !at.After(from) {
				continue
			}
			for _, rule := range group.Rules() {
				require.NoError(t, rule.LastError())
				alerting, ok := rule.(*rules.AlertingRule)
				require.True(t, ok)
				key := alerting.Labels().Get("severity") + " " + alerting.Labels().Get("long")
				firing := alerting.State() == rules.StateFiring
				switch now := at.UTC().Format(time.RFC3339); {
				case firing && open[key] == nil:
					open[key] = &fired{alerting.Labels().Get("severity"), alerting.Labels().Get("long"), now, ""}
				case !firing && open[key] != nil:
					open[key].to = now
					done = append(done, *open[key])
					delete(open, key)
				}
			}
		}
	}
	for _, still := range open {
		done = append(done, *still)
	}
	return byStart(done)
}

func byBacktest(found []budget.Firing) (all []fired) {
	for _, f := range found {
		one := fired{string(f.Severity), f.Long.String(), f.From.UTC().Format(time.RFC3339), ""}
		if f.To != nil {
			one.to = f.To.UTC().Format(time.RFC3339)
		}
		all = append(all, one)
	}
	return byStart(all)
}

// The alerts of a backtest are those that the rule manager of Prometheus fires
// on the same history, to the evaluation, whatever is tried.
func TestBacktestAlertsAreThoseOfTheRuleManager(t *testing.T) {
	week := agreement.Window{Rolling: 7 * 24 * time.Hour}
	trials := map[string]planning.Trial{
		"present":           {},
		"target and window": {Target: 0.99, Window: &week},
		"alerts": {Target: 0.999, Alerts: []agreement.AlertRule{
			{Severity: agreement.Page, Share: 0.01, Long: agreement.Duration(time.Hour)}, {Severity: agreement.Ticket, Share: 0.05, Long: agreement.Duration(2 * time.Hour)},
			{Severity: agreement.Ticket, Share: 0.02, Long: agreement.Duration(12 * time.Hour)}}},
	}
	for _, of := range []struct {
		scenario string
		// objective of the first agreement
		objective int
		trials    []string
		atLeast   int // alerts, all trials together
	}{
		{"burn-rates", 0, []string{"present"}, 2},
		{"burn-rates", 1, []string{"present"}, 0}, // minEvents keeps it quiet
		{"burst-at-slot-edge", 0, []string{"present", "target and window"}, 8},
		{"day-night", 0, []string{"present", "alerts"}, 20},
		{"counter-resets", 0, []string{"present", "alerts"}, 2},
	} {
		t.Run(of.scenario+" "+fmt.Sprint(of.objective), func(t *testing.T) {
			t.Parallel()
			h := pastOf(t, of.scenario)
			a := read(t, h.Documents).Agreements[0]
			compared := 0
			for _, tried := range of.trials {
				d := trials[tried].Of(planning.Present(a, a.Objectives[of.objective]))
				// Before half of every short window is measured, an alert is null here.
				from := h.Start.Add(3 * time.Hour)
				groups, _, err := planning.RunBacktest(t.Context(), h.engine, d, planning.BacktestQuestion{From: from, To: h.End})
				require.NoError(t, err)
				require.Len(t, groups, 1)
				want := h.byRuleManager(t, d, from)
				assert.Equal(t, want, byBacktest(groups[0].Firings), tried)
				compared += len(want)
			}
			assert.GreaterOrEqual(t, compared, of.atLeast, "too few alerts to compare")
		})
	}
}

// A definition is tried on what is remembered: nothing is asked twice but how
// often the series are scraped.
func TestABacktestAsksForNoSlotTwice(t *testing.T) {
	s, address := scenario(t, "burn-rates")
	proxy := watch(t, address)
	engine := engineAt(t, proxy.URL, s.End.Add(time.Hour))
	a := read(t, s.Documents).Agreements[0]
	present := planning.Present(a, a.Objectives[0])
	q := planning.BacktestQuestion{From: s.Start.Add(24 * time.Hour), To: s.End}
	_, m, err := planning.RunBacktest(t.Context(), engine, present, q)
	require.NoError(t, err)
	require.Positive(t, m.Cost.SlotsRead)
	_, m, err = planning.RunBacktest(t.Context(), engine, planning.Trial{Target: 0.9999}.Of(present), q)
	require.NoError(t, err)
	assert.Zero(t, m.Cost.SlotsRead)
}

func TestATrialLeavesTheDefinitionAlone(t *testing.T) {
	s, _ := scenario(t, "burn-rates")
	a := read(t, s.Documents).Agreements[0]
	present := planning.Present(a, a.Objectives[0])
	before := *present.Objective
	tried := planning.Trial{Target: 0.5, Window: &agreement.Window{Calendar: agreement.Month},
		Exclusions: []agreement.Exclusion{{From: s.Start, To: s.End, Mode: agreement.Exclude, Zone: time.UTC}}}.Of(present)
	assert.Equal(t, before, *present.Objective)
	assert.Empty(t, present.Agreement.Exclusions)
	assert.Equal(t, []string{"checkout"}, present.Agreement.Consumers)
	assert.True(t, tried.Agreement.Exclusions[0].HasEffectIn(tried.Agreement))
	assert.Equal(t, "Europe/Berlin", tried.Objective.Window.Zone.String(), "a calendar window is read in the agreement's zone")
}

func TestABacktestOfVeryManyGroupsIsRefused(t *testing.T) {
	start := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	end := start.Add(2 * time.Hour)
	series := map[string]func(time.Time) (float64, bool){}
	for i := range 101 {
		series[fmt.Sprintf("http_requests_total{job=\"api\",code=\"200\",pod=\"p%d\"}", i)] = func(at time.Time) (float64, bool) { return at.Sub(start).Seconds(), true }
	}
	s, _ := scenario(t, "burn-rates")
	a := read(t, s.Documents).Agreements[0]
	d := planning.Present(a, a.Objectives[0])
	grouped := *d.Objective
	grouped.GroupBy = []string{"pod"}
	d.Objective = &grouped
	_, _, err := planning.RunBacktest(t.Context(), engineAt(t, history(t, start, end, series), end.Add(time.Hour)), d, planning.BacktestQuestion{From: start, To: end})
	require.ErrorContains(t, err, "the objective has 101 groups, and a backtest tries at most 100: narrow it by select")
}

// The quietest 72 hours of the week take nine office days, the first of which lie more than ten days back.
func TestTheQuietestTrafficIsOfTimeInScope(t *testing.T) {
	address := answering(t, points(func(string, int64) string { return "100" }))
	a := availability()
	a.Objectives[0].Window = agreement.Window{Rolling: 30 * 24 * time.Hour}
	a.SupportHours = &agreement.Calendar{Zone: time.UTC, Weekly: []agreement.WeeklyHours{{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 9 * time.Hour, To: 17 * time.Hour}}}
	checked := planning.CheckAlerts(t.Context(), engineAt(t, address, noon), []*agreement.Agreement{a}, noon)
	require.Len(t, checked, 1)
	require.Nil(t, checked[0].Error)
	require.Len(t, checked[0].Alerts, 4)
	for _, alert := range checked[0].Alerts {
		assert.InDelta(t, 1200*time.Duration(alert.Long).Hours(), float64(alert.Fewest), 1e-6, alert.Long)
	}
}

// A backtest of an hour looks at the traffic of the week before, as the check of the alerts does.
func TestABacktestChecksAlertsByTheTrafficOfAWeek(t *testing.T) {
	address := answering(t, points(func(string, int64) string { return "100" }))
	a := availability()
	a.Objectives[0].Window = agreement.Window{Rolling: 7 * 24 * time.Hour}
	engine := engineAt(t, address, noon)
	checked := planning.CheckAlerts(t.Context(), engine, []*agreement.Agreement{a}, noon)
	require.Nil(t, checked[0].Error)
	tried, _, err := planning.RunBacktest(t.Context(), engine, planning.Present(a, a.Objectives[0]), planning.BacktestQuestion{From: noon.Add(-time.Hour), To: noon})
	require.NoError(t, err)
	for i, alert := range checked[0].Alerts {
		assert.InDelta(t, float64(alert.Fewest), float64(tried[0].Checks[i].Fewest), 1e-6, alert.Long)
	}
}
