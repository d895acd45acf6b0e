package catalog

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/sli"
)

// only is the one agreement of the company after a change to its document.
func only(t *testing.T, old, new string) *agreement.Agreement {
	t.Helper()
	files := company()
	require.Contains(t, files["agreement.yaml"], old)
	files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], old, new, 1)
	c := load(t, files, Options{})
	require.Empty(t, lines(c))
	require.Len(t, c.Agreements, 1)
	return c.Agreements[0]
}

const objective = `      slo: api-availability
      target: 0.995
      window: {calendar: month}
`

func TestAnAgreementLaysItsFiguresOverTheSLO(t *testing.T) {
	a := only(t, objective, `      slo: api-availability
      displayName: Own traffic
      select: {consumer: checkout}
      groupBy: [region, zone]
      noData: bad
      minEvents: 100
      minCoverage: 0.8
      revisions:
        - {from: 2026-07-01, target: 0.999, reason: New storage, approvedBy: [payments, checkout]}
`)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	require.Equal(t, agreement.Period{
		From: time.Date(2026, 1, 1, 0, 0, 0, 0, berlin), Until: time.Date(2027, 1, 1, 0, 0, 0, 0, berlin),
	}, a.Effective)
	require.Equal(t, "office", a.SupportHours.Name)
	o := a.Objectives[0]
	require.Equal(t, "availability", o.Name)
	require.Equal(t, "Own traffic", o.DisplayName)
	require.Equal(t, "api-availability", o.SLO)
	require.Equal(t, 0.99, o.Target, "the SLO's")
	require.Equal(t, agreement.Window{Rolling: 30 * 24 * time.Hour}, o.Window, "the SLO's")
	require.Equal(t, agreement.Occurrences, o.Budgeting)
	require.Equal(t, map[string]string{"consumer": "checkout"}, o.Select)
	require.Equal(t, []string{"region", "zone"}, o.GroupBy)
	require.Equal(t, agreement.NoDataBad, o.NoData)
	require.Equal(t, 100.0, o.MinEvents)
	require.Equal(t, 0.8, o.MinCoverage)
	require.Equal(t, []agreement.Revision{{
		From: time.Date(2026, 7, 1, 0, 0, 0, 0, berlin), Target: 0.999, Reason: "New storage", ApprovedBy: []string{"payments", "checkout"},
	}}, o.Revisions)
	require.Equal(t, agreement.Ratio, o.SLI.Kind)
	require.Equal(t, "errors_total", o.SLI.Bad.Expr)
	require.Equal(t, agreement.Place{File: "slo.yaml", Line: 11, Column: 62}, o.SLI.Bad.Place)
	require.Nil(t, o.SLI.Good)
	require.Equal(t, agreement.Place{File: "agreement.yaml", Line: 13, Column: 7}, o.Place)
}

func TestTheZoneOfACalendarWindow(t *testing.T) {
	zoneOf := func(a *agreement.Agreement) string { return a.Objectives[0].Window.Zone.String() }
	const inherited = "      slo: queue-delay\n      sloObjective: Quick\n"
	require.Equal(t, "Europe/Berlin", zoneOf(only(t, objective, objective)), "the agreement's own window")
	require.Equal(t, "Europe/Berlin", zoneOf(only(t, objective, inherited)), "the agreement states a zone")

	files := company()
	files["agreement.yaml"] = strings.NewReplacer("  timeZone: Europe/Berlin\n", "", objective, inherited).Replace(files["agreement.yaml"])
	c := load(t, files, Options{})
	require.Empty(t, lines(c))
	require.Equal(t, "America/New_York", zoneOf(c.Agreements[0]), "the agreement states none, so the SLO's")
	require.Equal(t, time.UTC, c.Agreements[0].Zone)
}

func TestAnObjectiveOfAnSLOWithSeveral(t *testing.T) {
	o := only(t, objective, "      slo: queue-delay\n      sloObjective: Bearable\n      value: 200\n").Objectives[0]
	require.Equal(t, agreement.Threshold, o.SLI.Kind)
	require.Equal(t, agreement.LessOrEqual, o.Op)
	require.Equal(t, 200.0, o.Value)
	require.Equal(t, 0.99, o.Target)
	require.Equal(t, "delay_seconds", o.SLI.Gauge.Expr)
}

func TestAnInlineIndicatorIsWrittenWithOrWithoutItsSpec(t *testing.T) {
	const source = "{metricSource: {type: prometheus, spec: "
	bare := "{ratioMetric: {good: " + source + "{histogram: h, below: 300ms}}}, total: " + source + "{histogram: h}}}}}"
	for _, indicator := range []string{bare, "{metadata: {name: fast}, spec: " + bare + "}"} {
		o := only(t, objective, "      indicator: "+indicator+"\n      target: 0.99\n      window: {rolling: 30d}\n").Objectives[0]
		require.Equal(t, "h", o.SLI.Good.Histogram)
		require.Equal(t, 0.3, o.SLI.Good.Below, "seconds")
		require.Equal(t, "h", o.SLI.Total.Histogram)
		require.Zero(t, o.SLI.Total.Below)
		require.Empty(t, o.SLO)
	}
}

func TestSlicesAreInheritedOrLeftOut(t *testing.T) {
	files := company()
	files["slo.yaml"] = strings.NewReplacer("budgetingMethod: Occurrences", "budgetingMethod: Timeslices",
		"target: 0.99}", "target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 10}").Replace(files["slo.yaml"])
	files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], objective, `      slo: api-availability
    - {name: mean, slo: api-availability, budgetingMethod: RatioTimeslices, timeSliceWindow: 1h}
    - {name: events, slo: api-availability, budgetingMethod: Occurrences}
`, 1)
	c := load(t, files, Options{})
	require.Empty(t, lines(c))
	got := c.Agreements[0].Objectives
	require.Equal(t, 0.9, got[0].TimeSliceTarget)
	require.Equal(t, 10*time.Minute, got[0].TimeSliceWindow, "a bare number is minutes")
	require.Zero(t, got[1].TimeSliceTarget)
	require.Equal(t, time.Hour, got[1].TimeSliceWindow)
	require.Zero(t, got[2].TimeSliceWindow)
}

func TestAnSLOThatNoAgreementNamesStandsAlone(t *testing.T) {
	c := load(t, company(), Options{})
	require.Len(t, c.AllSLOs, 2)
	require.Len(t, c.SLOs, 1)
	require.Equal(t, "queue-delay", c.SLOs[0].Name)
	require.Equal(t, "Quick", c.SLOs[0].Objectives[0].Name)
}

func TestAnSLOWithoutWindowNeedsAnAgreementThatGivesOne(t *testing.T) {
	files := company()
	files["slo.yaml"] = strings.Replace(files["slo.yaml"], "  timeWindow:\n    - {duration: 30d, isRolling: true}\n", "", 1)
	require.Empty(t, lines(load(t, files, Options{})))

	files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], "      window: {calendar: month}\n", "", 1)
	require.Equal(t, []string{
		"agreement.yaml:13:7: Agreement payments-for-checkout: spec.objectives[0].window: is required, since SLO api-availability has no timeWindow",
	}, lines(load(t, files, Options{})), "an agreement names it, though one with an error")

	files["agreement.yaml"] = ""
	require.Contains(t, lines(load(t, files, Options{})),
		"slo.yaml:4:1: SLO api-availability: spec.timeWindow: is required, since no agreement names this SLO and gives it a window")
}

func TestAnExclusionReachesTheAgreementsItNames(t *testing.T) {
	c := load(t, company(), Options{})
	require.Len(t, c.Exclusions, 1)
	a := c.Agreements[0]
	require.Equal(t, c.Exclusions, a.Exclusions, "by its service")
	require.True(t, a.Exclusions[0].HasEffectIn(a))
	require.Equal(t, agreement.Exclude, a.Exclusions[0].Mode)
	require.Equal(t, "other", a.Exclusions[0].Category)
	require.Equal(t, "2026-11-01T00:00:00+01:00", a.Exclusions[0].ApprovedOn.Format(time.RFC3339))
}

func TestWhichConnectionMeasures(t *testing.T) {
	sources := `
apiVersion: openslo/v1
kind: DataSource
metadata: {name: eu}
spec: {type: prometheus, connectionDetails: {url: "http://eu", token: [secret]}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {name: dog}
spec: {type: Datadog, connectionDetails: }
`
	cases := []struct{ name, source, connection, unmeasured string }{
		{"a type", "type: Prometheus", "", ""},
		{"a data source", "metricSourceRef: eu", "", ""},
		{"both", "metricSourceRef: eu, type: Prometheus", "", ""},
		{"another type", "type: Datadog", "", "its metric source is of type Datadog, not Prometheus"},
		{"a data source of another type", "metricSourceRef: dog", "", "its metric source is of type Datadog, not Prometheus"},
		{"this connection", "metricSourceRef: eu", "eu", ""},
		{"this connection, which no document describes", "metricSourceRef: us", "us", ""},
		{"another connection", "metricSourceRef: eu", "us", "it is measured by eu, and this connection is us"},
		{"any Prometheus, with a named connection", "type: Prometheus", "us", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := company()
			files["sources.yaml"] = sources
			files["slo.yaml"] = strings.ReplaceAll(files["slo.yaml"], "type: Prometheus", c.source)
			asked := 0
			got := load(t, files, Options{Connection: c.connection, CheckSLI: func(sli agreement.SLI, _ *agreement.Objective) ([]string, error) {
				if sli.Kind == agreement.Ratio {
					asked++
				}
				return nil, nil
			}})
			require.Empty(t, lines(got))
			o := got.Agreements[0].Objectives[0]
			require.Equal(t, c.unmeasured, o.OtherConnection)
			require.Equal(t, c.unmeasured == "", asked > 0, "a query that is not ours is not judged")
		})
	}
}

func TestAMisspeltTypeOfAMetricSourceIsSaid(t *testing.T) {
	files := company()
	files["delay.yaml"] = strings.ReplaceAll(files["delay.yaml"], "type: Prometheus", "type: Promtheus")
	require.Equal(t, []string{
		"delay.yaml:10:30: warning: SLO queue-delay: spec.indicator.spec.thresholdMetric.metricSource.type: " +
			"is Promtheus, so this is not measured here (did you mean Prometheus?)",
	}, lines(load(t, files, Options{})))
}

func TestTheQueryOfAThresholdIsCheckedBeforeAnSLONamesIt(t *testing.T) {
	files := company()
	files["alone.yaml"] = "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: alone}\n" +
		"spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: 'sum('}}}}\n"
	require.Equal(t, []string{
		"alone.yaml:4:73: SLI alone: spec.thresholdMetric.metricSource.spec.query: threshold query at 1:5: this is no PromQL: unclosed left parenthesis",
	}, lines(load(t, files, Options{CheckSLI: sli.Check})))
}

// Whoever mends an agreement is told at once of all its queries.
func TestAllQueriesOfAnAgreementAreChecked(t *testing.T) {
	objective := func(name, query string) string {
		return "    - {name: " + name + ", target: 0.9, window: {rolling: 1d}, indicator: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: '" + query + "'}}}}, op: gte, value: 1}\n"
	}
	files := company()
	files["agreement.yaml"] = "apiVersion: accord/v1\nkind: Agreement\nmetadata: {name: a}\nspec:\n  service: payments-api\n  provider: payments\n  consumers: [checkout]\n  objectives:\n" +
		objective("one", "sum(") + objective("Two", "sum(") + objective("three", "7")
	require.Equal(t, []string{
		"agreement.yaml:9:132: Agreement a: spec.objectives[0].indicator.thresholdMetric.metricSource.spec.query: threshold query at 1:5: this is no PromQL: unclosed left parenthesis",
		`agreement.yaml:10:14: Agreement a: spec.objectives[1].name: "Two" is no name: a name has at most 63 lower-case letters, digits and -, and begins and ends with a letter or digit`,
		"agreement.yaml:11:134: Agreement a: spec.objectives[2].indicator.thresholdMetric.metricSource.spec.query: threshold query at 1:1: 7 looks at no series; name a metric",
	}, lines(load(t, files, Options{CheckSLI: sli.Check})))
}

func TestWhatTheCheckOfQueriesSaysStandsAtTheQuery(t *testing.T) {
	files := company()
	files["agreement.yaml"] = strings.Replace(files["agreement.yaml"], "target: 0.995", "select: {code: '500'}", 1)
	check := func(sli agreement.SLI, o *agreement.Objective) ([]string, error) {
		if o.Select != nil {
			return nil, errors.New("code contradicts itself")
		}
		if sli.Kind == agreement.Threshold {
			return []string{"a sum of sums"}, nil
		}
		return nil, nil
	}
	require.Equal(t, []string{
		"agreement.yaml:15:7: Agreement payments-for-checkout: spec.objectives[0].select: code contradicts itself",
		"delay.yaml:10:56: warning: SLO queue-delay: spec.indicator.spec.thresholdMetric.metricSource.spec.query: a sum of sums",
	}, lines(load(t, files, Options{CheckSLI: check})))
}

func TestAQueryThatCannotBeCountedTakesAwayWhatNeedsIt(t *testing.T) {
	files := company()
	files["sli.yaml"] = `apiVersion: openslo/v1
kind: SLI
metadata: {name: requests}
spec:
  ratioMetric:
    good: {metricSource: {type: Prometheus, spec: {query: 'sum(('}}}
    total: {metricSource: {type: Prometheus, spec: {query: 'b'}}}
`
	slo := files["slo.yaml"]
	files["slo.yaml"] = slo[:strings.Index(slo, "  indicator:")] + "  indicatorRef: requests\n" + slo[strings.Index(slo, "  timeWindow:"):]
	c := load(t, files, Options{CheckSLI: func(sli agreement.SLI, _ *agreement.Objective) ([]string, error) {
		if sli.Good != nil {
			return nil, errors.New("does not parse")
		}
		return nil, nil
	}})
	require.Equal(t, []string{
		"agreement.yaml:14:12: Agreement payments-for-checkout: spec.objectives[0].slo: SLO api-availability has errors of its own, see slo.yaml:1",
		"sli.yaml:6:59: SLI requests: spec.ratioMetric.good.metricSource.spec.query: does not parse",
		"slo.yaml:6:17: SLO api-availability: spec.indicatorRef: SLI requests has errors of its own, see sli.yaml:1",
	}, lines(c))
	require.Empty(t, c.Agreements)
	require.Len(t, c.SLOs, 1, "the others are served")
}

func TestWithoutReferencesEachDocumentStandsByItself(t *testing.T) {
	all := company()
	half := map[string]string{"agreement.yaml": all["agreement.yaml"], "exclusion.yaml": all["exclusion.yaml"], "slo.yaml": all["slo.yaml"]}
	c := load(t, half, Options{NoReferences: true})
	require.Empty(t, lines(c))
	require.Equal(t, 3, c.Documents)

	half["agreement.yaml"] = strings.Replace(half["agreement.yaml"], "target: 0.995", "target: 99.5", 1)
	require.Equal(t, []string{
		"agreement.yaml:15:15: Agreement payments-for-checkout: spec.objectives[0].target: must be in (0, 1], got 99.5 (did you mean 0.995?)",
	}, lines(load(t, half, Options{NoReferences: true})))
}
