package rules_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/rules"
	"github.com/accord-sla/accord/pkg/sli"
)

// traffic is testdata/traffic.yaml, whose last scrape is at its end.
type traffic struct {
	*conformance.Scenario
	direct, recorded []*agreement.Agreement
}

func readTraffic(t *testing.T) traffic {
	t.Helper()
	s, err := conformance.Read("testdata/traffic.yaml")
	require.NoError(t, err)
	return newTraffic(t, s)
}

func newTraffic(t *testing.T, s *conformance.Scenario) traffic {
	t.Helper()
	// This is all that a user changes to read what rules record.
	switched := strings.ReplaceAll(s.Documents, "spec: {query:", "spec: {recorded: true, query:")
	require.NotEqual(t, switched, s.Documents)
	return traffic{Scenario: s, direct: agreementsOf(t, s.Documents), recorded: agreementsOf(t, switched)}
}

// agreementsOf are the agreements of the documents, then the other SLOs.
func agreementsOf(t *testing.T, documents string) []*agreement.Agreement {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "documents.yaml"), []byte(documents), 0o600))
	c, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	for _, p := range c.Problems {
		require.NotEqual(t, problem.Error, p.Severity, p.String())
	}
	return c.All()
}

// ruleFile is the exported rules as a file.
func (s traffic) ruleFile(t *testing.T, method sli.Method) string {
	t.Helper()
	groups, _ := rules.Prometheus(s.direct, rules.Options{Method: method, Resolution: s.Resolution, At: s.Start})
	require.NotEmpty(t, groups)
	if method != sli.Anchored {
		for i := range groups {
			groups[i].Rules = slices.DeleteFunc(groups[i].Rules, func(r rules.Rule) bool { return !strings.HasPrefix(r.Record, "accord:slot_") })
		}
	}
	text, err := rules.File(groups)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

// rulesRun is a Prometheus with the traffic, and one with what the rule manager
// wrote over it.
type rulesRun struct{ direct, recorded *promserver.Server }

// run evaluates the exported rules over the traffic, as the rule manager of
// Prometheus would have, minute by minute.
func (s traffic) run(t *testing.T, method sli.Method) rulesRun {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, s.WriteBlocks(dir))
	withoutAnchored := method != sli.Anchored
	r := rulesRun{
		direct:   startServer(t, promserver.Options{Dir: dir, WithoutAnchored: withoutAnchored, WithoutRead: true}),
		recorded: startServer(t, promserver.Options{Dir: t.TempDir(), WithoutAnchored: withoutAnchored, WithoutRead: true}),
	}
	both := storage.QueryableFunc(func(from, to int64) (storage.Querier, error) {
		a, err := r.direct.DB.Querier(from, to)
		if err != nil {
			return nil, err
		}
		b, err := r.recorded.DB.Querier(from, to)
		if err != nil {
			return nil, err
		}
		return storage.NewMergeQuerier([]storage.Querier{a, b}, nil, storage.ChainedSeriesMerge), nil
	})
	ofTraffic := conformance.RuleQuery(r.direct.Engine, r.direct.DB, s.End.Add(s.Resolution), time.Minute)
	ofRecords := promrules.EngineQueryFunc(r.direct.Engine, both)
	manager := promrules.NewManager(&promrules.ManagerOptions{
		Context: t.Context(), ExternalURL: &url.URL{}, AppendableV2: r.recorded.DB, Queryable: both,
		QueryFunc: func(ctx context.Context, query string, at time.Time) (promql.Vector, error) {
			if strings.Contains(query, "accord:") {
				return ofRecords(ctx, query, at)
			}
			return ofTraffic(ctx, query, at)
		},
		NotifyFunc: func(context.Context, string, ...*promrules.Alert) {},
		Parser:     parser.NewParser(parser.Options{}),
	})
	groups, errs := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, s.ruleFile(t, method))
	require.Empty(t, errs)
	next := map[*promrules.Group]time.Time{}
	for i, name := range slices.Backward(slices.Sorted(maps.Keys(groups))) {
		group := groups[name]
		// The hash of its file and name says when in a minute; the worst is before a group that it reads.
		next[group] = s.Start.Add(time.Duration(len(groups)-i) * 100 * time.Millisecond)
		group.RestoreForState(s.Start) // which the manager does before it evaluates alerts
	}
	// Minute by minute, since a storage takes no samples from long ago, and in the order
	// of time: what one group records another reads.
	for minute := s.Start; minute.Before(s.End.Add(s.Resolution)); minute = minute.Add(time.Minute) {
		for _, group := range slices.SortedFunc(maps.Keys(next), func(a, b *promrules.Group) int { return next[a].Compare(next[b]) }) {
			for ; next[group].Before(minute.Add(time.Minute)); next[group] = next[group].Add(group.Interval()) {
				require.NoError(t, evaluate(t.Context(), group, next[group]))
			}
		}
	}
	return r
}

func evaluate(ctx context.Context, group *promrules.Group, at time.Time) error {
	group.Eval(ctx, at)
	for _, rule := range group.Rules() {
		if err := rule.LastError(); err != nil {
			return fmt.Errorf("%s %s: %w", at, rule.Name(), err)
		}
	}
	return nil
}

func startServer(t *testing.T, o promserver.Options) *promserver.Server {
	t.Helper()
	server, err := promserver.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

// engineAt measures with the server at the URL, an hour after the traffic.
func (s traffic) engineAt(t *testing.T, address string) *measure.Service {
	t.Helper()
	client, err := prometheus.New(address, http.DefaultClient, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	return measure.New(client, counting.Options{Resolution: s.Resolution, Now: func() time.Time { return s.End.Add(time.Hour) }})
}

// sameFigures compares every objective and group, direct and recorded.
func (s traffic) sameFigures(t *testing.T, direct, recorded *measure.Service, at time.Time) {
	t.Helper()
	want := s.figures(t, direct, s.direct, at)
	got := s.figures(t, recorded, s.recorded, at)
	require.Equal(t, len(want), len(got))
	for name, figures := range want {
		for figure, value := range figures {
			other, ok := got[name][figure]
			if !ok || math.IsNaN(value) != math.IsNaN(other) {
				t.Errorf("%s %s %s: direct %v, recorded %v", at, name, figure, value, other)
				continue
			}
			if !math.IsNaN(value) && value != other {
				assert.InDelta(t, value, other, 1e-9*max(1, math.Abs(value)), "%s %s %s", at, name, figure)
			}
		}
	}
}

func (s traffic) figures(t *testing.T, engine *measure.Service, of []*agreement.Agreement, at time.Time) map[string]map[string]float64 {
	t.Helper()
	all := map[string]map[string]float64{}
	for _, a := range engine.Status(t.Context(), of, measure.Question{At: at}) {
		for _, r := range a.Objectives {
			require.NoError(t, r.Err, "%s/%s", a.Agreement.Name, r.Objective.Name)
			group, err := json.Marshal(r.Group)
			require.NoError(t, err)
			figures := map[string]float64{
				"total": float64(r.Total), "bad": float64(r.Bad), "raw total": float64(r.Raw.Total), "raw bad": float64(r.Raw.Bad),
				"compliance": float64(r.Compliance), "consumed": float64(r.Consumed), "coverage": float64(r.Coverage),
				"projected": float64(r.Projected),
			}
			for _, burn := range r.Burn {
				figures["burn "+burn.Window.String()] = float64(burn.Rate)
			}
			all[a.Agreement.Name+"/"+r.Objective.Name+string(group)] = figures
		}
	}
	return all
}

func TestWhatIsReadFromRecordedCountsEqualsTheDirectFigures(t *testing.T) {
	s := readTraffic(t)
	for _, method := range []sli.Method{sli.Anchored, sli.Offset} {
		t.Run(string(method), func(t *testing.T) {
			t.Parallel()
			run := s.run(t, method)
			direct, recorded := s.engineAt(t, run.direct.URL()), s.engineAt(t, run.recorded.URL())
			used, err := direct.Capabilities(t.Context())
			require.NoError(t, err)
			require.Equal(t, string(method), used.Dialect)
			for at := s.Start.Add(35 * time.Minute); !at.After(s.End); at = at.Add(95 * time.Minute) {
				s.sameFigures(t, direct, recorded, at)
			}
			s.sameFigures(t, direct, recorded, s.End)
			if method == sli.Anchored { // the alerts are the same rules for all
				s.sameAlerts(t, direct, run)
				s.sameWindows(t, direct, run)
			}
		})
	}
}

// sameAlerts compares what the rule manager fired within three minutes after each
// slot (one for slices of a minute) with the alerts of Accord at the slot's end, but for those that are null
// there: too little was measured for them to have a value.
func (s traffic) sameAlerts(t *testing.T, direct *measure.Service, run rulesRun) {
	t.Helper()
	fired := 0
	for at := s.Start.Add(2 * s.Resolution); at.Before(s.End); at = at.Add(s.Resolution) {
		want, null := map[string]bool{}, map[string]bool{}
		for _, a := range direct.Status(t.Context(), s.direct, measure.Question{At: at}) {
			for _, r := range a.Objectives {
				for _, alert := range r.Alerts {
					key := alertKey(a.Agreement.Name, r.Objective.Name, alert.Long.String(), alert.Severity, r.Group["region"]+r.Group["pop"])
					if alert.Fires() {
						want[key] = true
					}
					null[key] = !alert.Value.Known()
				}
			}
		}
		fired += len(want)
		got := map[string]bool{}
		firing := append(firingAt(t, run.recorded, `objective="slices"`, at.Add(time.Minute)),
			firingAt(t, run.recorded, `objective!="slices"`, at.Add(3*time.Minute))...)
		for _, sample := range firing {
			of := sample.Metric
			key := alertKey(of.Get("agreement"), of.Get("objective"), of.Get("long_window"), agreement.Severity(of.Get("severity")), of.Get("region")+of.Get("pop"))
			// The notice of what is blind is no burn-rate alert: promtool tests it.
			if !null[key] && of.Get("kind") == "" {
				got[key] = true
			}
		}
		assert.Equal(t, want, got, "alerts at %s", at)
	}
	require.Greater(t, fired, 50, "the traffic sets off too few alerts to compare")
}

// sameWindows compares the recorded compliance and budget with those of Accord
// at the end of the slot, which is read by the first evaluation a minute later.
func (s traffic) sameWindows(t *testing.T, direct *measure.Service, run rulesRun) {
	t.Helper()
	compared := map[string]int{}
	for at := s.Start.Add(time.Hour); at.Before(s.End); at = at.Add(95 * time.Minute) {
		want := map[string]float64{}
		for _, a := range direct.Status(t.Context(), s.direct, measure.Question{At: at}) {
			for _, r := range a.Objectives {
				key := fmt.Sprintf("%s/%s %s", a.Agreement.Name, r.Objective.Name, r.Group["region"]+r.Group["pop"])
				want["compliance "+key], want["budget_remaining "+key] = float64(r.Compliance), float64(r.Remaining)
			}
		}
		for _, name := range []string{"compliance", "budget_remaining"} {
			for _, sample := range vectorAt(t, run.recorded, fmt.Sprintf(`{__name__=~"accord:%s:.*"}`, name), at.Add(time.Minute+s.Resolution-time.Millisecond)) {
				of := sample.Metric
				key := fmt.Sprintf("%s %s/%s %s", name, of.Get("agreement"), of.Get("objective"), of.Get("region")+of.Get("pop"))
				assert.InDelta(t, want[key], sample.F, 1e-9, "%s at %s", key, at)
				compared[name]++
			}
		}
	}
	require.Greater(t, compared["compliance"], 20)
	require.Greater(t, compared["budget_remaining"], 20)
}

func alertKey(agreement, objective, long string, severity agreement.Severity, group string) string {
	return fmt.Sprintf("%s/%s %s %s %s", agreement, objective, group, severity, long)
}

func firingAt(t *testing.T, server *promserver.Server, of string, at time.Time) promql.Vector {
	t.Helper()
	return vectorAt(t, server, `ALERTS{alertstate="firing",`+of+`}`, at)
}

func vectorAt(t *testing.T, server *promserver.Server, text string, at time.Time) promql.Vector {
	t.Helper()
	query, err := server.Engine.NewInstantQuery(t.Context(), server.DB, nil, text, at)
	require.NoError(t, err)
	defer query.Close()
	result := query.Exec(t.Context())
	require.NoError(t, result.Err)
	vector, err := result.Vector()
	require.NoError(t, err)
	return vector
}

// A failure ratio that is a percentage is worse than all bad while things fail: that time
// must not be unmeasured for those who read what rules recorded.
func TestARecordedPercentageIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "percent.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`
name: percent
why: A percentage in place of a ratio.
start: 2026-03-10T00:00:00Z
end: 2026-03-10T00:30:00Z
interval: 30s
series:
  - labels: {__name__: failed_percent}
    type: gauge
    generators: [{set: 0}, {set: 5, from: "2026-03-10T00:12:00Z", until: "2026-03-10T00:13:00Z"}]
meaning: {}
documents: |
  apiVersion: openslo/v1
  kind: Service
  metadata: {name: api}
  spec: {}
  ---
  apiVersion: openslo/v1
  kind: SLO
  metadata: {name: calls}
  spec:
    service: api
    indicator: {spec: {ratioMetric: {rawType: failure, raw: {metricSource: {type: Prometheus, spec: {query: failed_percent}}}}}}
    timeWindow: [{duration: 1h, isRolling: true}]
    budgetingMethod: Occurrences
    objectives: [{displayName: answered, target: 0.99}]
`), 0o600))
	scenario, err := conformance.Read(path)
	require.NoError(t, err)
	s := newTraffic(t, scenario)
	run := s.run(t, sli.Offset)
	for address, of := range map[string][]*agreement.Agreement{run.direct.URL(): s.direct, run.recorded.URL(): s.recorded} {
		status := s.engineAt(t, address).Status(t.Context(), of, measure.Question{At: s.End})
		require.ErrorContains(t, status[0].Objectives[0].Err, "but a ratio lies between 0 and 1: divide by the total, or by 100 if it is a percentage")
	}
}
