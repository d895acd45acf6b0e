package site

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/wire"
)

// Charts are drawn here rather than by a library, because their colors come from the style sheet of
// the page, for light and dark mode.

const chartPoints = 160

// The size of a chart in SVG user units; the page scales it.
const (
	chartWidth, chartHeight = 640.0, 180.0
	chartLeft, chartRight   = 64.0, 8.0
	chartTop, chartBottom   = 10.0, 24.0
)

// chart is a figure over time, prepared for a template that writes SVG.
type chart struct {
	Title string
	// Summary is the chart in words, for screen readers.
	Summary string
	// Lines are the points of each run of measured values, as in the SVG attribute points.
	Lines []string
	// Limit is the vertical position of the target, or of a spent budget.
	Limit     float64
	LimitText string
	Shaded    []stretch
	Heights   []tick
	Instants  []tick
}

// stretch is a range on the time axis.
type stretch struct{ X, Width float64 }

// tick is a mark on an axis.
type tick struct {
	Position float64
	Text     string
}

// Empty reports whether nothing was measured.
func (c chart) Empty() bool { return len(c.Lines) == 0 }

func newChart(kind measure.SeriesKind, o *agreement.Objective, points []measure.Point, from, to time.Time, shaded scope.Intervals) chart {
	c := chart{Title: "Compliance", LimitText: "target " + budget.Figure(o.TargetAt(to)).Percent()}
	limit, text := o.TargetAt(to), budget.Figure.Percent
	if kind == measure.BudgetSeries {
		c.Title, c.LimitText, limit, text = "Error budget left", "spent", 0, budget.Figure.Share
	}
	low, high := extent(points, limit)
	x := func(at time.Time) float64 {
		return chartLeft + (chartWidth-chartLeft-chartRight)*float64(at.Sub(from))/float64(to.Sub(from))
	}
	y := func(value float64) float64 {
		return chartTop + (chartHeight-chartTop-chartBottom)*(high-value)/(high-low)
	}
	c.Lines = polylines(points, x, y)
	c.Limit = y(limit)
	for _, span := range shaded {
		start, end := x(time.UnixMilli(span.From)), x(time.UnixMilli(span.To))
		c.Shaded = append(c.Shaded, stretch{start, math.Max(1, end-start)})
	}
	for i := range 4 {
		value := low + (high-low)*float64(i)/3
		c.Heights = append(c.Heights, tick{y(value), text(budget.Figure(value))})
	}
	c.Instants = instants(from, to, x)
	c.Summary = summary(c.Title, points, text)
	return c
}

// extent returns the range of values to show, which includes the limit and 1, the best value.
func extent(points []measure.Point, limit float64) (low, high float64) {
	low, high = limit, 1
	for _, p := range points {
		if value := float64(p.Value); isDrawn(p) {
			low, high = min(low, value), max(high, value)
		}
	}
	if low == high {
		low = high - 0.001
	}
	return low - (high-low)*0.05, high
}

// isDrawn reports whether the value is known and finite.
func isDrawn(p measure.Point) bool { return p.Value.Known() && !math.IsInf(float64(p.Value), 0) }

// polylines returns the runs of points that are drawn; the others are gaps between them.
func polylines(points []measure.Point, x func(time.Time) float64, y func(float64) float64) (lines []string) {
	for i, p := range points {
		if !isDrawn(p) {
			continue
		}
		point := fmt.Sprintf("%.1f,%.1f", x(p.At), y(float64(p.Value)))
		if i > 0 && isDrawn(points[i-1]) {
			lines[len(lines)-1] += " " + point
		} else {
			lines = append(lines, point)
		}
	}
	return lines
}

func instants(from, to time.Time, x func(time.Time) float64) (ticks []tick) {
	layout := "2 Jan"
	if to.Sub(from) <= 48*time.Hour {
		layout = "2 Jan 15:04"
	}
	for i := range 5 {
		at := from.Add(to.Sub(from) * time.Duration(i) / 5)
		ticks = append(ticks, tick{x(at), at.UTC().Format(layout)})
	}
	return ticks
}

func summary(title string, points []measure.Point, text func(budget.Figure) string) string {
	values := wire.Each(points, func(p measure.Point) budget.Figure { return p.Value })
	known := slices.DeleteFunc(values, func(value budget.Figure) bool { return !value.Known() })
	if len(known) == 0 {
		known = []budget.Figure{budget.Absent}
	}
	first, last, least := known[0], known[len(known)-1], slices.Min(known)
	return fmt.Sprintf("%s: from %s to %s, at the least %s", title, text(first), text(last), text(least))
}
