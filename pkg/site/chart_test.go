package site

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
)

func points(values ...budget.Figure) (all []measure.Point) {
	for i, value := range values {
		all = append(all, measure.Point{At: time.Unix(int64(i+1)*3600, 0), Value: value})
	}
	return all
}

func drawn(kind measure.SeriesKind, values ...budget.Figure) chart {
	from, to := time.Unix(0, 0), time.Unix(int64(len(values))*3600, 0)
	shaded := scope.Union(scope.Interval{From: 3_600_000, To: 7_200_000})
	return newChart(kind, &agreement.Objective{Target: 0.9}, points(values...), from, to, shaded)
}

func TestWhatWasNotMeasuredIsAGap(t *testing.T) {
	for name, test := range map[string]struct {
		values  []budget.Figure
		pieces  int
		summary string
	}{
		"all there":       {[]budget.Figure{1, 0.95, 0.99}, 1, "Compliance: from 100% to 99%, at the least 95%"},
		"a gap":           {[]budget.Figure{1, budget.Absent, 0.99}, 2, "Compliance: from 100% to 99%, at the least 99%"},
		"gaps at the end": {[]budget.Figure{budget.Absent, 0.5, budget.Absent}, 1, "Compliance: from 50% to 50%, at the least 50%"},
		"nothing":         {[]budget.Figure{budget.Absent, budget.Absent}, 0, "Compliance: from – to –, at the least –"},
	} {
		c := drawn(measure.ComplianceSeries, test.values...)
		assert.Len(t, c.Lines, test.pieces, name)
		assert.Equal(t, test.pieces == 0, c.Empty(), name)
		assert.Equal(t, test.summary, c.Summary, name)
	}
}

func TestTheLimitIsAlwaysInSight(t *testing.T) {
	for name, c := range map[string]chart{
		"far above the target": drawn(measure.ComplianceSeries, 1, 1),
		"far below it":         drawn(measure.ComplianceSeries, 0.1, 0.2),
		"budget untouched":     drawn(measure.BudgetSeries, 1, 1),
		"budget overspent":     drawn(measure.BudgetSeries, 1, -20),
	} {
		assert.GreaterOrEqual(t, c.Limit, chartTop, name)
		assert.LessOrEqual(t, c.Limit, chartHeight-chartBottom, name)
	}
	assert.Less(t, drawn(measure.BudgetSeries, 1, -20).Limit, drawn(measure.BudgetSeries, 1, 0.5).Limit, "what is below zero has room below the limit")
}

func TestExclusionsAreShadedWhereTheyAre(t *testing.T) {
	c := drawn(measure.ComplianceSeries, 1, 1, 1, 1)
	width := (chartWidth - chartLeft - chartRight) / 4
	assert.Equal(t, []stretch{{chartLeft + width, width}}, c.Shaded)
}
