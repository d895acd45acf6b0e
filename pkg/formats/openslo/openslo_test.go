package openslo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
)

// load reads a folder with just this text.
func load(t *testing.T, text string) (*catalog.Catalog, []string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.yaml"), []byte(text), 0o644))
	c, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	var problems []string
	for _, p := range c.Problems {
		problems = append(problems, strings.TrimPrefix(p.String(), "x.yaml:"))
	}
	return c, problems
}

func example(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(data)
}

func slo(t *testing.T, c *catalog.Catalog, name string) *agreement.Agreement {
	t.Helper()
	for _, s := range c.AllSLOs {
		if s.Name == name {
			return s
		}
	}
	require.FailNow(t, "no such SLO", name)
	return nil
}

func TestEveryKindAndFieldOfV1IsRead(t *testing.T) {
	c, problems := load(t, example(t, "v1.yaml"))
	require.Empty(t, problems)
	require.Equal(t, 10, c.Documents)
	require.Equal(t, map[string]string{"team": "logistics", "region": "eu,us"}, c.Services["parcel-tracking"].Labels)

	found := slo(t, c, "parcels-found")
	promise, wish := found.Objectives[0], found.Objectives[1]
	require.Equal(t, agreement.Quarter, promise.Window.Calendar)
	require.Equal(t, "Europe/Madrid", promise.Window.Zone.String())
	require.Equal(t, agreement.Timeslices, promise.Budgeting)
	require.Equal(t, 0.95, promise.TimeSliceTarget)
	require.Equal(t, 10*time.Minute, promise.TimeSliceWindow)
	require.Equal(t, 0.9995, wish.Target, "in percent, without a rounding of its own")
	require.Equal(t, time.Minute, wish.TimeSliceWindow, "a bare number is minutes")
	require.Equal(t, "lookups", wish.SLI.Name)
	require.Equal(t, `sum(lookups_total{found="yes"})`, wish.SLI.Good.Expr)
	require.Equal(t, []agreement.AlertRule{
		{Severity: agreement.Page, BurnRate: 14.4, Long: agreement.Duration(time.Hour)},
		{Severity: agreement.Ticket, BurnRate: 1, Long: agreement.Duration(72 * time.Hour)},
	}, promise.AlertRules())

	fresh := slo(t, c, "parcels-fresh").Objectives[0]
	require.Equal(t, "objective-1", fresh.Name, "an objective without a name has a number")
	require.Equal(t, agreement.RawFailure, fresh.SLI.Kind)
	require.Equal(t, 28*24*time.Hour, fresh.Window.Rolling)

	belt := slo(t, c, "belt-speed").Objectives[0]
	require.Equal(t, agreement.Threshold, belt.SLI.Kind)
	require.Equal(t, agreement.Greater, belt.Op)
	require.Equal(t, 0.5, belt.Value)
	require.Equal(t, agreement.Week, belt.Window.Calendar)
}

func TestV1AlphaIsConverted(t *testing.T) {
	c, problems := load(t, example(t, "v1alpha.yaml"))
	require.Equal(t, []string{
		"13:93: warning: SLO belt-speed: spec.indicator.thresholdMetric.metadata: has no place: the query says all",
		"16:16: warning: SLO belt-speed: spec.objectives[0]: openslo/v1alpha has no timeSliceWindow; slices of 1m are taken (openslo/v1 can say another length)",
		"27:14: warning: SLO parcels-found: spec.objectives[0].value: has no place here: the SLI is a ratio",
		"37:46: warning: SLO parcels-found: spec.objectives[1].ratioMetrics.bad.queryType: has no place: the query is read as PromQL, whatever its type",
	}, problems)
	belt := slo(t, c, "belt-speed").Objectives[0]
	require.Equal(t, 7*24*time.Hour, belt.Window.Rolling)
	require.Equal(t, "belt_metres_per_second", belt.SLI.Gauge.Expr)
	require.Equal(t, time.Minute, belt.TimeSliceWindow)
	found := slo(t, c, "parcels-found").Objectives
	require.Equal(t, agreement.Month, found[0].Window.Calendar)
	require.Equal(t, "found_total", found[0].SLI.Good.Expr)
	require.Equal(t, "lost_total", found[1].SLI.Bad.Expr, "each objective has a ratio of its own")
	require.Equal(t, agreement.Place{File: "x.yaml", Line: 37, Column: 59}, found[1].SLI.Bad.Place)
}

func TestAV1AlphaWindowWithoutAKindIsRolling(t *testing.T) {
	text := strings.Replace(example(t, "v1alpha.yaml"), "isRolling: true", "", 1)
	c, problems := load(t, text)
	require.Contains(t, strings.Join(problems, "\n"),
		"warning: SLO belt-speed: spec.timeWindows[0]: says neither isRolling nor a calendar; a rolling window is taken")
	require.Equal(t, 7*24*time.Hour, slo(t, c, "belt-speed").Objectives[0].Window.Rolling)
}

func TestV2AlphaIsConverted(t *testing.T) {
	c, problems := load(t, example(t, "v2alpha.yaml"))
	require.Equal(t, []string{
		"28:51: warning: SLO parcels-found: spec.objectives[0].labels: has no place: labels belong to the SLO",
		"32:43: warning: SLO belt-speed: metadata.displayName: openslo.com/v2alpha has no such field; it is taken all the same",
	}, problems)
	found := slo(t, c, "parcels-found")
	require.Equal(t, "parcel-tracking", found.Service)
	require.Equal(t, "lost_total", found.Objectives[0].SLI.Bad.Expr)
	belt := slo(t, c, "belt-speed")
	require.Len(t, belt.Objectives, 2)
	require.Equal(t, "Asia/Tokyo", belt.Objectives[1].Window.Zone.String())
	require.Equal(t, 0.1, belt.Objectives[1].Value)
}

func TestMessagesOfAConvertedDocumentSpeakItsOwnLanguage(t *testing.T) {
	cases := []struct{ file, old, new, want string }{
		{"v2alpha.yaml", "sliRef: lookups", "sliRef: look", `25:11: SLO parcels-found: spec.sliRef: no SLI is named "look" (did you mean lookups?)`},
		{"v2alpha.yaml", "serviceRef: parcel-tracking", "serviceRef: parcels", `24:15: SLO parcels-found: spec.serviceRef: no Service is named "parcels"`},
		{"v2alpha.yaml", "dataSourceRef: warehouse, spec: {query: belt", "dataSourceRef: wharehouse, spec: {query: belt",
			`38:40: SLO belt-speed: spec.sli.spec.thresholdMetric.dataSourceRef: no DataSource is named "wharehouse" (did you mean warehouse?)`},
		{"v2alpha.yaml", "{query: belt_metres_per_second}", "{}",
			"38:51: SLO belt-speed: spec.sli.spec.thresholdMetric.spec: needs a query in PromQL, or a native histogram"},
		{"v2alpha.yaml", "sliRef: lookups", "sliRef: lookups\n  indicatorRef: lookups",
			"26:3: SLO parcels-found: spec.indicatorRef: unknown field; known here: alertPolicies, budgetingMethod, description, objectives, service, serviceRef, sli, sliRef, timeWindow"},
		{"v1alpha.yaml", "2026-01-01 00:00:00", "2026-01-02 00:00:00",
			"23:63: SLO parcels-found: spec.timeWindows[0].calendar.startTime: a window of 1M begins on the 1st at 00:00:00, not at 2026-01-02 00:00:00"},
		{"v1alpha.yaml", "count: 7", "count: 500", "14:36: SLO belt-speed: spec.timeWindows[0].count: must be from 1h to 400d, got 500d"},
		{"v1alpha.yaml", "count: 7", "count: 1.5", "14:36: SLO belt-speed: spec.timeWindows[0].count: must be a whole number above 0"},
		{"v1alpha.yaml", "unit: Day", "unit: Second", "14:24: SLO belt-speed: spec.timeWindows[0].unit: no window is counted in seconds: it must be from 1h to 400d"},
	}
	for _, c := range cases {
		t.Run(c.new, func(t *testing.T) {
			text := example(t, c.file)
			require.Contains(t, text, c.old)
			_, problems := load(t, strings.Replace(text, c.old, c.new, 1))
			var errors []string
			for _, problem := range problems {
				if !strings.Contains(problem, ": warning: ") {
					errors = append(errors, problem)
				}
			}
			require.Equal(t, []string{c.want}, errors)
		})
	}
}
