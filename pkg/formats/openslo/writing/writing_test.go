package writing_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/formats/openslo/writing"
	"github.com/accord-sla/accord/pkg/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

var november = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func load(t require.TestingT, dir string) *catalog.Catalog {
	c, err := catalog.Load(context.Background(), dir, catalog.Options{KeepSources: true})
	require.NoError(t, err)
	return c
}

// write writes the text as the only document file of a new folder.
func write(t interface {
	require.TestingT
	TempDir() string
}, text string) (dir string) {
	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "documents.yaml"), []byte(text), 0o600))
	return dir
}

// sameMeaning fails unless both catalogs say the same, wherever it stands.
func sameMeaning(t require.TestingT, want, got *catalog.Catalog) {
	diff := cmp.Diff(want, got,
		cmpopts.IgnoreFields(catalog.Catalog{}, "Listed", "Problems", "Sources"), cmpopts.IgnoreUnexported(catalog.Catalog{}),
		cmpopts.IgnoreTypes(agreement.Place{}), cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }))
	require.Empty(t, diff)
}

// there and back: the text of the catalog, and the catalog of that text.
func back(t interface {
	require.TestingT
	TempDir() string
}, c *catalog.Catalog, beside ...string) (text string, again *catalog.Catalog, lost problem.Losses) {
	written, lost, err := writing.Write(c, november)
	require.NoError(t, err)
	dir := write(t, string(written))
	for _, path := range beside {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(path)), data, 0o600))
	}
	again = load(t, dir)
	for _, p := range again.Problems {
		require.NotEqual(t, problem.Error, p.Severity, "%s\n%s", p, written)
	}
	return string(written), again, lost
}

func TestACatalogComesBackFromOpenSLOAsItWas(t *testing.T) {
	company := load(t, "../../../../provisioning/slas")
	text, again, lost := back(t, company, "../../../../provisioning/slas/company/company-days.ics")
	sameMeaning(t, company, again)
	require.Equal(t, company.Documents, again.Documents)
	require.Len(t, lost, 2)
	assert.Contains(t, lost[0].String(), "Calendar berlin-office: its holidays in company-days.ics stay in that file")
	twice, _, _ := back(t, again, "../../../../provisioning/slas/company/company-days.ics")
	assert.Equal(t, text, twice, "writing what was written changes nothing")
	golden(t, "company.yaml", text)
}

func TestEveryVersionOfOpenSLOComesBack(t *testing.T) {
	for name, message := range map[string]string{
		"v1.yaml": "", "v1alpha.yaml": "metadata has no place", "v2alpha.yaml": "connectionDetails have no place",
	} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("../testdata/" + name)
			require.NoError(t, err)
			c := load(t, write(t, string(text)))
			written, again, lost := back(t, c)
			sameMeaning(t, c, again)
			var lines []string
			for _, line := range lost {
				lines = append(lines, line.String())
			}
			assert.Equal(t, message == "", len(lost) == 0, "%s", lines)
			assert.Contains(t, strings.Join(lines, "\n"), message)
			golden(t, name, written)
		})
	}
}

var ours = regexp.MustCompile(`(?m)^ *accord/objective: .*\n`)

func TestOtherToolsReadWhatWasAgreed(t *testing.T) {
	company := load(t, "../../../../provisioning/slas")
	text, _, _ := back(t, company, "../../../../provisioning/slas/company/company-days.ics")
	// Without our annotations it is OpenSLO like any other.
	others := load(t, write(t, strings.ReplaceAll(ours.ReplaceAllString(text, ""), "accord/documents", "example.org/other")))
	told := map[string]*agreement.Objective{}
	for _, slo := range others.AllSLOs {
		if len(slo.Objectives) == 1 {
			told[slo.Name] = slo.Objectives[0]
		}
	}
	for _, p := range others.Problems {
		require.NotEqual(t, problem.Error, p.Severity, p.String())
	}
	for _, a := range company.Agreements {
		for _, o := range a.Objectives {
			slo := told[a.Name+"-"+o.Name]
			if !assert.NotNil(t, slo, "%s/%s", a.Name, o.Name) {
				continue
			}
			assert.Equal(t, o.TargetAt(november), slo.Target)
			assert.Equal(t, o.Window.String(), slo.Window.String())
			assert.Equal(t, o.Budgeting, slo.Budgeting)
			assert.Equal(t, o.TimeSliceWindow, slo.TimeSliceWindow)
			assert.Equal(t, o.SLI.Kind, slo.SLI.Kind)
		}
	}
	assert.Equal(t, `sum(http_requests_total{code=~"5..",consumer="checkout",job="payments-api"})`,
		told["payments-for-checkout-availability"].SLI.Bad.Expr, "select is in the queries")
}

// An SLO of v1alpha with one objective is no composite, which others would refuse.
func TestOneObjectiveOfV1AlphaIsAnSLOLikeAnyOther(t *testing.T) {
	text, _, _ := back(t, load(t, write(t, `{apiVersion: openslo/v1alpha, kind: Service, metadata: {name: shop}, spec: {}}
---
{apiVersion: openslo/v1alpha, kind: SLO, metadata: {name: found}, spec: {service: shop, budgetingMethod: Occurrences, timeWindows: [{unit: Day, count: 7, isRolling: true}],
  objectives: [{target: 0.99, ratioMetrics: {good: {source: prometheus, query: found_total}, total: {source: prometheus, query: all_total}}}]}}
`)))
	others := load(t, write(t, strings.ReplaceAll(text, openslo.IndicatorAnnotation, "example.org/other")))
	require.False(t, others.HasErrors(), "%v\n%s", others.Problems, text)
	require.Equal(t, "found_total", others.AllSLOs[0].Objectives[0].SLI.Good.Expr)
}

func TestASelectIsInEveryKindOfQuery(t *testing.T) {
	const sli = `{apiVersion: openslo/v1, kind: SLI, metadata: {name: %s}, spec: {%s}}
---
{apiVersion: openslo/v1, kind: SLO, metadata: {name: %[1]s}, spec: {service: shop, indicatorRef: %[1]s, objectives: [{target: 0.9%[3]s}], timeWindow: [{duration: 7d, isRolling: true}]}}
---
`
	source := func(spec string) string { return "{metricSource: {type: Prometheus, spec: {" + spec + "}}}" }
	text := "{apiVersion: openslo/v1, kind: Service, metadata: {name: shop}}\n---\n" +
		"{apiVersion: accord/v1, kind: Team, metadata: {name: a}}\n---\n{apiVersion: accord/v1, kind: Team, metadata: {name: b}}\n---\n" +
		fmt.Sprintf(sli, "counted", "ratioMetric: {good: "+source("query: good_total")+", total: "+source("query: all_total")+"}", "") +
		fmt.Sprintf(sli, "native", "ratioMetric: {good: "+source("histogram: h, below: 300ms")+", total: "+source("histogram: h")+"}", "") +
		fmt.Sprintf(sli, "gauge", "thresholdMetric: "+source("query: delay"), ", op: lt, value: 3") +
		"{apiVersion: accord/v1, kind: Agreement, metadata: {name: of}, spec: {service: shop, provider: a, consumers: [b], objectives: [" +
		"{name: counted, slo: counted, select: {x: y}}, {name: native, slo: native, select: {x: y}}, {name: gauge, slo: gauge, select: {x: y}}]}}\n"
	c := load(t, write(t, text))
	require.False(t, c.HasErrors(), "%v", c.Problems)
	written, again, lost := back(t, c)
	require.Empty(t, lost)
	sameMeaning(t, c, again)
	others := load(t, write(t, ours.ReplaceAllString(written, "")))
	require.False(t, others.HasErrors(), "%v", others.Problems)
	told := map[string]agreement.SLI{}
	for _, slo := range others.AllSLOs {
		told[slo.Name] = slo.Objectives[0].SLI
	}
	assert.Equal(t, `sum(good_total{x="y"})`, told["of-counted"].Good.Expr)
	assert.Equal(t, `sum(all_total{x="y"})`, told["of-counted"].Total.Expr)
	assert.Equal(t, `h{x="y"}`, told["of-native"].Good.Histogram)
	assert.Equal(t, 0.3, told["of-native"].Good.Below)
	assert.Equal(t, `h{x="y"}`, told["of-native"].Total.Histogram)
	assert.Contains(t, told["of-gauge"].Gauge.Expr, `delay{x="y"}`)
	assert.Equal(t, "good_total", told["counted"].Good.Expr, "the SLO itself stays as it is")
}

func TestOtherToolsAreToldTheAlertsThatAreNotTheUsualOnes(t *testing.T) {
	const objective = "{name: %s, target: 0.9, window: {rolling: 30d}, indicator: {ratioMetric: {rawType: failure, raw: {metricSource: {type: Prometheus, spec: {query: x}}}}}%s}"
	text := "{apiVersion: openslo/v1, kind: Service, metadata: {name: shop}}\n---\n" +
		"{apiVersion: accord/v1, kind: Team, metadata: {name: a}}\n---\n{apiVersion: accord/v1, kind: Team, metadata: {name: b}}\n---\n" +
		"{apiVersion: accord/v1, kind: Agreement, metadata: {name: of}, spec: {service: shop, provider: a, consumers: [b], objectives: [" +
		fmt.Sprintf(objective, "usual", "") + ", " +
		fmt.Sprintf(objective, "own", ", alerts: {page: {rules: [{share: 0.02, long: 2h}], labels: {tier: gold}}, ticket: {disabled: true}}") + "]}}\n"
	c := load(t, write(t, text))
	require.False(t, c.HasErrors(), "%v", c.Problems)
	written, again, _ := back(t, c)
	sameMeaning(t, c, again)
	others := load(t, write(t, ours.ReplaceAllString(written, "")))
	told := map[string]*agreement.Objective{}
	for _, slo := range others.AllSLOs {
		told[slo.Name] = slo.Objectives[0]
	}
	assert.Empty(t, told["of-usual"].Alerts)
	assert.Equal(t, []agreement.AlertRule{{Severity: agreement.Page, BurnRate: 7.2, Long: agreement.Duration(2 * time.Hour)}}, told["of-own"].AlertRules())
	assert.Equal(t, map[string]string{"tier": "gold"}, told["of-own"].Alerts[agreement.Page].Labels)
}

func TestEveryObjectiveIsAnSLOOfItsOwn(t *testing.T) {
	const indicator = "indicator: {ratioMetric: {rawType: failure, raw: {metricSource: {type: Prometheus, spec: {query: x}}}}}"
	text := "{apiVersion: openslo/v1, kind: Service, metadata: {name: shop}}\n---\n" +
		"{apiVersion: accord/v1, kind: Team, metadata: {name: p}}\n---\n{apiVersion: accord/v1, kind: Team, metadata: {name: c}}\n---\n" +
		"{apiVersion: openslo/v1, kind: SLO, metadata: {name: x-y}, spec: {service: shop, timeWindow: [{duration: 7d, isRolling: true}], objectives: [{target: 0.9}], " +
		strings.Replace(indicator, "{ratio", "{spec: {ratio", 1) + "}}}\n"
	for _, of := range [][2]string{{"a", "b-c-d"}, {"a-b", "c-d"}, {"a-b-c", "d"}, {"x", "y"}} {
		text += fmt.Sprintf("---\n{apiVersion: accord/v1, kind: Agreement, metadata: {name: %s}, spec: {service: shop, provider: p, consumers: [c], "+
			"objectives: [{name: %s, target: 0.9, window: {rolling: 30d}, %s}]}}\n", of[0], of[1], indicator)
	}
	c := load(t, write(t, text))
	require.False(t, c.HasErrors(), "%v", c.Problems)
	written, again, _ := back(t, c)
	sameMeaning(t, c, again)
	others := load(t, write(t, ours.ReplaceAllString(written, "")))
	require.False(t, others.HasErrors(), "%v", others.Problems)
}

func TestWhatHasErrorsIsToldAndLeftOut(t *testing.T) {
	c := load(t, write(t, "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n---\napiVersion: openslo/v1\nkind: Service\nmetadata: {name: b}\nspec: {nothing: 1, anything: 2}\n"))
	text, _, lost := back(t, c)
	require.Len(t, lost, 1)
	assert.Equal(t, "documents.yaml:9:8: Service b: left out, as it has errors; accord validate lists them", lost[0].String())
	assert.NotContains(t, text, "name: b")

	c = load(t, write(t, "apiVersion: accord/v1\nkind: Team\nmetadata: {name: alone}\nspec: {}\n"))
	_, lost, err := writing.Write(c, november)
	require.NoError(t, err)
	require.Len(t, lost, 1)
	assert.Contains(t, lost[0].String(), "Team alone: has no place")
}

func TestAnyOpenSLOComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := documents(r)
		c := load(r, write(temporary{r, t}, text))
		for _, p := range c.Problems {
			require.NotEqual(r, problem.Error, p.Severity, "%s\n%s", p, text)
		}
		written, again, lost := back(temporary{r, t}, c)
		require.Empty(r, lost)
		sameMeaning(r, c, again)
		twice, _, _ := back(temporary{r, t}, again)
		require.Equal(r, written, twice)
	})
}

// temporary is a rapid test with folders of the test around it.
type temporary struct {
	*rapid.T
	t *testing.T
}

func (t temporary) TempDir() string { return t.t.TempDir() }

// documents draws a service, SLOs on it and an agreement about one of them.
func documents(r *rapid.T) string {
	words := rapid.StringMatching(`[\t\n -~äµ"'#:&*!|>%@{}\[\],?-]{0,30}`)
	quoted := func(name string) string { return fmt.Sprintf("%q", words.Draw(r, name)) }
	var b strings.Builder
	service := "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: shop, displayName: %s, labels: {%s: %s, many: [a, %s]}, annotations: {note: %s}}\nspec: {description: %s}\n"
	fmt.Fprintf(&b, service, quoted("display"), rapid.SampledFrom([]string{"tier", "yes", `"1"`, "on"}).Draw(r, "label"), quoted("value"), quoted("second"), quoted("note"), quoted("description"))
	n := rapid.IntRange(1, 4).Draw(r, "SLOs")
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {name: slo-%d, displayName: %s, annotations: {%s: %s}}\nspec:\n  service: shop\n  description: %s\n",
			i, quoted("display"), rapid.SampledFrom([]string{"a", "example.org/b", "true"}).Draw(r, "annotation"), quoted("text"), quoted("description"))
		indicator := rapid.SampledFrom([]string{
			`ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: 'errors_total{route="/%d"}'}}}, total: {metricSource: {type: prometheus, spec: {query: "all_total # '%d'"}}}}`,
			`ratioMetric: {rawType: failure, raw: {metricSource: {type: Prometheus, spec: {query: "ratio_%d + 0 * ratio_%d"}}}}`,
			`thresholdMetric: {metricSource: {type: Prometheus, spec: {query: "delay_%d or other_%d"}}}`,
			`ratioMetric: {good: {metricSource: {type: Prometheus, spec: {histogram: 'h_%d', below: 300ms}}}, total: {metricSource: {type: Prometheus, spec: {histogram: 'h_%d'}}}}`,
		}).Draw(r, "indicator")
		fmt.Fprintf(&b, "  indicator:\n    metadata: {name: sli-%d}\n    spec:\n      "+indicator+"\n", i, i, i)
		fmt.Fprintf(&b, "  timeWindow: [%s]\n", rapid.SampledFrom([]string{
			"{duration: 30d, isRolling: true}", "{duration: 1w2d, isRolling: true}",
			"{duration: 1M, calendar: {startTime: 2026-02-01 00:00:00, timeZone: Europe/Berlin}}",
			"{duration: 1w, isRolling: false, calendar: {startTime: 2026-01-05, timeZone: UTC}}"}).Draw(r, "window"))
		method := rapid.SampledFrom([]string{"Occurrences", "Timeslices", "RatioTimeslices"}).Draw(r, "method")
		fmt.Fprintf(&b, "  budgetingMethod: %s\n  objectives:\n", method)
		objectives := rapid.IntRange(1, 2).Draw(r, "objectives")
		for j := range objectives {
			fmt.Fprintf(&b, "    - {displayName: %s", fmt.Sprintf("%q", fmt.Sprintf("o%d %s", j, words.Draw(r, "name"))))
			if rapid.Bool().Draw(r, "percent") {
				fmt.Fprintf(&b, ", targetPercent: %g", rapid.Float64Range(50, 100).Draw(r, "target"))
			} else {
				fmt.Fprintf(&b, ", target: %g", rapid.Float64Range(0.5, 1).Draw(r, "target"))
			}
			if strings.HasPrefix(indicator, "threshold") {
				fmt.Fprintf(&b, ", op: %s, value: %g", rapid.SampledFrom([]string{"lt", "lte", "gt", "gte"}).Draw(r, "op"), rapid.Float64Range(-1e9, 1e9).Draw(r, "value"))
			}
			if method != "Occurrences" {
				fmt.Fprintf(&b, ", timeSliceWindow: %s", rapid.SampledFrom([]string{"1m", "5m", "1h", "10"}).Draw(r, "slice"))
			}
			if method == "Timeslices" {
				fmt.Fprintf(&b, ", timeSliceTarget: %g", rapid.Float64Range(0.1, 1).Draw(r, "sliceTarget"))
			}
			b.WriteString("}\n")
		}
	}
	fmt.Fprintf(&b, `---
apiVersion: accord/v1
kind: Team
metadata: {name: payments, displayName: %s}
spec: {members: [%s]}
---
apiVersion: accord/v1
kind: Team
metadata: {name: checkout}
spec: {}
---
apiVersion: accord/v1
kind: Agreement
metadata: {name: shop-for-checkout, displayName: %s}
spec: # said by the author
  description: %s
  service: shop
  provider: payments
  consumers: [checkout]
  objectives:
    - name: inline
      target: %g
      window: {rolling: 7d}
      groupBy: [region]
      indicator: {ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: b_total}}}, total: {metricSource: {type: Prometheus, spec: {query: a_total}}}}}
`, quoted("team"), fmt.Sprintf("%q", "m"+words.Draw(r, "member")), quoted("agreement"), quoted("description"), rapid.Float64Range(0.5, 1).Draw(r, "target"))
	return b.String()
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./pkg/formats/openslo/writing -update writes it")
	assert.Equal(t, string(want), text)
}
