package tables

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/statement"
)

// burnDown is a chart, in lines of SVG, of the error budget left at the end of each day.
type burnDown struct {
	// Line is the budget left, Ideal what would be left if it were spent evenly.
	Line, Ideal string
	// Zero is where the budget is spent, in the chart's own height.
	Zero  float64
	Marks []dayMark
	// Top and Bottom are the ends of the axis, in words.
	Top, Bottom string
	Text        string
}

type dayMark struct {
	X    float64
	Text string
}

// The chart's size, in its own units.
const (
	chartWidth  = 340.0
	chartHeight = 120.0
)

// newBurnDown is the chart of a group; nil where there is no budget to chart.
func newBurnDown(g statement.Group) *burnDown {
	allowed := float64(g.Adjusted.Allowed)
	if !g.Adjusted.Consumed.Known() || math.IsInf(float64(g.Adjusted.Consumed), 0) || allowed <= 0 || len(g.Days) < 2 {
		return nil
	}
	left, spent := []float64{1}, 0.0
	for _, day := range g.Days {
		spent += float64(day.Bad)
		left = append(left, 1-spent/allowed)
	}
	bottom := min(0, slices.Min(left))
	x := func(i int) float64 { return chartWidth * float64(i) / float64(len(g.Days)) }
	y := func(share float64) float64 { return chartHeight * (1 - share) / (1 - bottom) }
	points := make([]string, len(left))
	for i, share := range left {
		points[i] = fmt.Sprintf("%.1f,%.1f", x(i), y(share))
	}
	return &burnDown{Zero: y(0), Top: "100%", Bottom: budget.Figure(bottom).Share(),
		Ideal: fmt.Sprintf("M0,0 L%.1f,%.1f", chartWidth, y(0)),
		Line:  "M" + strings.Join(points, " L"), Marks: dayMarks(g.Days, x),
		Text: fmt.Sprintf("Error budget left by day: %s at the end", g.Adjusted.Remaining.Share())}
}

// dayMarks are a handful of days, evenly apart.
func dayMarks(days []statement.Day, x func(int) float64) []dayMark {
	every := max(1, (len(days)+3)/4)
	var marks []dayMark
	for i := 0; i < len(days); i += every {
		if day, err := time.Parse(time.DateOnly, days[i].Date); err == nil {
			marks = append(marks, dayMark{x(i), day.Format("2 Jan")})
		}
	}
	return marks
}
