package rules_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/rules"
	"github.com/accord-sla/accord/pkg/sli"
)

var update = flag.Bool("update", false, "write the golden files anew")

var november = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// alertRules are the rules of testdata/alerts.yaml.
func alertRules(t *testing.T, method sli.Method) ([]rules.Group, problem.Losses) {
	t.Helper()
	documents, err := os.ReadFile("testdata/alerts.yaml")
	require.NoError(t, err)
	return rules.Prometheus(agreementsOf(t, string(documents)),
		rules.Options{Method: method, Resolution: 5 * time.Minute, At: november})
}

func TestPromtoolFindsThatEachAlertFiresAndKeepsQuietWhenItShould(t *testing.T) {
	promtool := programOrSkip(t, "promtool", "prometheus")
	groups, lost := alertRules(t, sli.Offset)
	require.Len(t, lost, 1, "the first days of an agreement to come are told")
	dir := t.TempDir()
	for name, write := range map[string]func([]rules.Group) ([]byte, error){"rules.yaml": rules.File} {
		text, err := write(groups)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	tests, err := os.ReadFile("testdata/alerts_test.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tests.yaml"), tests, 0o600))
	for _, arguments := range [][]string{{"check", "rules", "rules.yaml"}, {"test", "rules", "tests.yaml"}} {
		command := exec.CommandContext(t.Context(), promtool, arguments...)
		command.Dir = dir
		output, err := command.CombinedOutput()
		assert.NoError(t, err, "%s", output)
	}
}

func TestRuleFiles(t *testing.T) {
	for name, test := range map[string]struct {
		method sli.Method
		write  func([]rules.Group) ([]byte, error)
	}{
		"rules-offset.yaml":    {sli.Offset, rules.File},
		"rules-anchored.yaml":  {sli.Anchored, rules.File},
		"rules-metricsql.yaml": {sli.MetricsQL, rules.File},
		"prometheusrule.yaml":  {sli.Anchored, rules.Resources},
	} {
		t.Run(name, func(t *testing.T) {
			groups, _ := alertRules(t, test.method)
			text, err := test.write(groups)
			require.NoError(t, err)
			golden(t, name, text)
		})
	}
}

func TestWhatKubectlAndTheOperatorTakeIsWhatIsWritten(t *testing.T) {
	var documents strings.Builder
	documents.WriteString("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: shop}\nspec: {}\n---\napiVersion: openslo/v1\nkind: Service\nmetadata: {name: till}\nspec: {}\n")
	for i := range 60 {
		fmt.Fprintf(&documents, `---
apiVersion: openslo/v1
kind: SLO
metadata: {name: slo-%d}
spec:
  service: %s
  budgetingMethod: Occurrences
  timeWindow: [{duration: 30d, isRolling: true}]
  indicator:
    metadata: {name: s%[1]d}
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="%[3]d",code=~"5.."}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="%[3]d"}'}}}
  objectives: [{target: 0.999}]
`, i, []string{"shop", "till"}[i/50], i/3) // three count the same
	}
	long := func(n int) string { return strings.Repeat("x|", n/2) }
	for name, job := range map[string]string{"long": long(9_000), "too-long": long(16_000)} {
		fmt.Fprintf(&documents, `---
apiVersion: openslo/v1
kind: SLO
metadata: {name: %s}
spec:
  service: till
  budgetingMethod: Occurrences
  timeWindow: [{duration: 30d, isRolling: true}]
  indicator: {metadata: {name: %[1]s}, spec: {ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: 'e_total{job=~"%[2]s"}'}}}, total: {metricSource: {type: Prometheus, spec: {query: 'r_total{job=~"%[2]s"}'}}}}}}
  objectives: [{target: 0.999}]
`, name, job)
	}
	groups, losses := rules.Prometheus(agreementsOf(t, documents.String()), rules.Options{Method: sli.Offset, Resolution: 5 * time.Minute, At: november})
	require.Len(t, losses, 1)
	assert.Contains(t, losses[0].String(), "SLO too-long/objective-1: not recorded: its rule would have ")
	seen := map[string]bool{}
	for _, group := range groups {
		assert.LessOrEqual(t, len(group.Rules), 20, group.Name)
		assert.False(t, seen[group.Name], "two groups are named %s", group.Name)
		seen[group.Name] = true
	}
	text, err := rules.Resources(groups)
	require.NoError(t, err)
	var names []string
	total := 0
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var resource struct {
			Metadata struct{ Name string }
			Spec     struct{ Groups []any }
		}
		if err := decoder.Decode(&resource); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
		names = append(names, resource.Metadata.Name)
		total += len(resource.Spec.Groups)
		asJSON, err := json.Marshal(resource)
		require.NoError(t, err)
		assert.Less(t, len(asJSON), 250_000, resource.Metadata.Name)
	}
	assert.Equal(t, len(groups), total, "nothing is lost")
	assert.Contains(t, names, "accord-till")
	assert.Equal(t, []string{"accord-shop", "accord-shop-2"}, names[:2], "one service that is too large has several")
}

// The second part of one service and another service never have one name, of which
// kubectl would keep the last.
func TestResourcesHaveNamesOfTheirOwn(t *testing.T) {
	large := rules.Group{Service: "shop", Rules: []rules.Rule{{Record: "r", Expr: strings.Repeat("x", 200_000)}}}
	text, err := rules.Resources([]rules.Group{large, {Service: "shop-2"}, large})
	require.NoError(t, err)
	var names []string
	for _, line := range strings.Split(string(text), "\n") {
		if name, ok := strings.CutPrefix(line, "  name: "); ok {
			names = append(names, name)
		}
	}
	assert.Equal(t, []string{"accord-shop", "2-accord-shop-2", "accord-shop-2"}, names)
}

// The name of an SLO's objective is any text; of several with the same counts a comment names all.
func TestANameOfSeveralLinesDoesNotEndTheComment(t *testing.T) {
	groups := []rules.Group{{Name: "g", Objectives: []string{"a/of\n- two: lines", "a/a\u0085b\x07"}}}
	for _, write := range []func([]rules.Group) ([]byte, error){rules.File, rules.Resources} {
		text, err := write(groups)
		require.NoError(t, err)
		assert.Contains(t, string(text), "# For a/of - two: lines, a/a b .\n")
		var read any
		assert.NoError(t, yaml.Unmarshal(text, &read))
	}
}

// golden compares the text with the golden file of the name.
func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(path, text, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./pkg/rules -update writes it")
	assert.Equal(t, string(want), string(text))
}

func TestAnAnnotationThatIsNoTemplateIsToldAndStandsAsItIs(t *testing.T) {
	documents, err := os.ReadFile("testdata/alerts.yaml")
	require.NoError(t, err)
	broken := strings.Replace(string(documents), "{runbook_url:", `{half: "{{ end", runbook_url:`, 1)
	groups, lost := rules.Prometheus(agreementsOf(t, broken), rules.Options{Method: sli.Offset, Resolution: 5 * time.Minute, At: november})
	text, err := rules.File(groups)
	require.NoError(t, err)
	assert.Contains(t, string(text), "half: '{{`{{`}} end'")
	assert.Contains(t, fmt.Sprint(lost), "the annotation half of its alerts is no template, and stands as it is: ")
}

// Prometheus gives an alert the labels of its rule in place of those of the series:
// groups would become one, which fails the rule, and labels be lost.
func TestNoLabelOfAnAlertTakesThePlaceOfAnother(t *testing.T) {
	documents, err := os.ReadFile("testdata/alerts.yaml")
	require.NoError(t, err)
	colliding := strings.NewReplacer("groupBy: [agreement]", "groupBy: [agreement, cost_center, long_window]",
		`{tier: "1", owner: "{{ nobody }}"}`, `{cost-center: cc1, a.b/c: "1", a_b_c: "2", long_window: mine, long-window: ours}`).Replace(string(documents))
	groups, lost := rules.Prometheus(agreementsOf(t, colliding), rules.Options{Method: sli.Offset, Resolution: 5 * time.Minute, At: november})
	require.Len(t, lost, 1, "the first days of an agreement to come are told")
	alerts := 0
	for _, group := range groups {
		for _, rule := range group.Rules {
			if rule.Labels["objective"] != "by-agreement" {
				continue
			}
			if rule.Record != "" && rule.Labels["agreement"] != "" && strings.HasPrefix(rule.Record, "accord:burn") {
				assert.Contains(t, rule.Expr, `"group_long_window", "$1", "long_window"`)
			}
			if !strings.HasPrefix(rule.Alert, "ErrorBudget") {
				continue
			}
			alerts++
			long := rule.Labels["long_window"]
			assert.Contains(t, rule.Expr, "accord:burn_rate:"+long+"{")
			assert.Equal(t, map[string]string{"agreement": "shop-for-checkout", "objective": "by-agreement", "service": "shop", "provider": "payments",
				"team": "payments", "consumers": "checkout", "severity": rule.Labels["severity"], "long_window": long, "label_cost_center": "cc1",
				"a_b_c": "2", "label_a_b_c": "1", "label_long_window": "mine", "label_label_long_window": "ours"}, rule.Labels)
		}
	}
	assert.Equal(t, 4, alerts)
}

// vmalert sends what it records to the storage while it evaluates the next rule, so no rule finds what the
// one before has recorded.
func TestRulesOfVmalertReadWhatIsWrittenByThen(t *testing.T) {
	groups, _ := alertRules(t, sli.MetricsQL)
	burnRates := 0
	for _, group := range groups {
		for _, rule := range group.Rules {
			if strings.HasPrefix(rule.Record, "accord:burn_rate:") {
				burnRates++
				assert.Equal(t, strings.Count(rule.Expr, "sum_over_time("), strings.Count(rule.Expr, ":5m] offset 2m"), rule.Expr)
			}
		}
	}
	assert.Greater(t, burnRates, 10)
}

// A label of a group that gives way to one of Accord's does not take the place of another of the group.
func TestALabelThatIsRenamedLeavesTheOthersAsTheyAre(t *testing.T) {
	documents, err := os.ReadFile("testdata/alerts.yaml")
	require.NoError(t, err)
	grouped := strings.Replace(string(documents), "groupBy: [agreement]", "groupBy: [agreement, group_agreement]", 1)
	groups, _ := rules.Prometheus(agreementsOf(t, grouped), rules.Options{Method: sli.Offset, Resolution: 5 * time.Minute, At: november})
	for _, group := range groups {
		for _, rule := range group.Rules {
			if rule.Labels["objective"] == "by-agreement" && strings.HasPrefix(rule.Record, "accord:burn") {
				assert.Contains(t, strings.Join(strings.Fields(rule.Expr), ""), `"group_group_agreement","$1","group_agreement","(.*)"),"group_agreement","$1","agreement","(.*)")`)
			}
		}
	}
}

// vmalert refuses a group with two equal rules.
func TestAlertsOverTheSameWindowShareWhatIsRecorded(t *testing.T) {
	documents, err := os.ReadFile("testdata/alerts.yaml")
	require.NoError(t, err)
	both := strings.Replace(string(documents), "minEvents: 1000000", "minEvents: 10\n"+
		"      alerts: {page: {rules: [{share: 0.02, long: 6h}]}, ticket: {rules: [{share: 0.01, long: 6h}]}}", 1)
	groups, _ := rules.Prometheus(agreementsOf(t, both), rules.Options{Method: sli.Offset, Resolution: 5 * time.Minute, At: november})
	recorded := map[string]int{}
	for _, group := range groups {
		for _, rule := range group.Rules {
			if rule.Labels["objective"] == "of-many" && rule.Record != "" {
				recorded[rule.Record]++
			}
		}
	}
	assert.Equal(t, 1, recorded["accord:burn_counted:6h"], "%v", recorded)
	assert.Equal(t, 1, recorded["accord:burn_rate:6h"], "%v", recorded)
}

func TestAnObjectiveCanBeCalledLikeAPartOfAnothersGroup(t *testing.T) {
	objective := func(name, job string) string {
		return fmt.Sprintf(`
  - displayName: %q
    target: 0.999
    indicator:
      metadata: {name: of-%[2]s}
      spec: {ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: 'e_total{job="%[2]s"}'}}}, total: {metricSource: {type: Prometheus, spec: {query: 'r_total{job="%[2]s"}'}}}}}`, name, job)
	}
	groups, _ := rules.Prometheus(agreementsOf(t, `
apiVersion: openslo/v1
kind: Service
metadata: {name: shop}
spec: {}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: till, annotations: {accord/indicator: each-objective}}
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{duration: 30d, isRolling: true}]
  objectives:`+objective("fast", "a")+objective("fast, windows", "b")+objective("fast, windows (2)", "c")),
		rules.Options{Method: sli.Offset, Resolution: 5 * time.Minute, At: november})
	names := map[string]bool{}
	for _, group := range groups {
		assert.False(t, names[group.Name], "two groups are named %s", group.Name)
		names[group.Name] = true
	}
	assert.Len(t, names, 6)
}

// Names are unique per kind, but series and groups do not have the kind.
func TestOfAnSLOAndAnAgreementOfOneNameTheFirstIsExported(t *testing.T) {
	documents, err := os.ReadFile("testdata/alerts.yaml")
	require.NoError(t, err)
	for name, query := range map[string]string{"the same is counted": `http_requests_total{code="500"}`, "others are": `http_requests_total{code="404"}`} {
		slo := fmt.Sprintf(`
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: shop-for-checkout}
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{duration: 30d, isRolling: true}]
  indicator:
    metadata: {name: s}
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: '%s'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total'}}}
  objectives: [{displayName: answered, target: 0.999}]
`, query)
		o := rules.Options{Method: sli.Offset, Resolution: 5 * time.Minute, At: november}
		want, lost := rules.Prometheus(agreementsOf(t, string(documents)), o)
		got, more := rules.Prometheus(agreementsOf(t, string(documents)+slo), o)
		assert.Equal(t, want, got, name)
		require.Len(t, more, len(lost)+1, name)
		assert.Contains(t, more[len(lost)].String(), "SLO shop-for-checkout/answered: not recorded: its series would be those of Agreement shop-for-checkout/answered; rename one of them")
	}
}
