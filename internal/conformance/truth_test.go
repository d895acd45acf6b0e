package conformance

import (
	"math"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

const folder = "../../testdata/conformance"

// The expected raw figures are recounted from the expanded samples, so that an
// engine's answer is only ever compared with an expansion known to be right.
func TestExpansionGivesTheExpectedCounts(t *testing.T) {
	scenarios, err := ReadDir(folder)
	require.NoError(t, err)
	for _, s := range scenarios {
		t.Run(s.Name, func(t *testing.T) {
			counted := 0
			for _, entry := range s.Expect {
				if entry.Figures["raw.total"] == nil {
					continue
				}
				counted++
				total, bad := recount(t, entry)
				require.InDelta(t, *entry.Figures["raw.total"], total, closeTo(total), "%s: total", entry)
				require.InDelta(t, *entry.Figures["raw.bad"], bad, closeTo(bad), "%s: bad", entry)
			}
			require.Positive(t, counted, "no entry has raw figures")
		})
	}
}

func closeTo(v float64) float64 { return 1e-9 * max(1, math.Abs(v)) }

// recount counts the entry's window without regard to scope.
func recount(t *testing.T, e Entry) (total, bad float64) {
	i, err := e.indicator()
	require.NoError(t, err)
	from, to := e.measuredWindow(i).At(e.At)
	if to.After(e.At) {
		to = e.At
	}
	if !e.From.IsZero() {
		require.Equal(t, e.From, from.UTC(), "%s: from", e)
	}
	require.Equal(t, e.To, to.UTC(), "%s: to", e)
	switch {
	case i.Is != "":
		return i.minutes(e.scenario, from, to)
	case i.objective.BudgetingMethod == string(agreement.Occurrences) || i.objective.BudgetingMethod == "":
		c := i.count(e.scenario, from, to, samplesMethod)
		return c.total, c.bad
	}
	return i.slices(e.scenario, from, to)
}

// minutes looks at a gauge once a minute, on whole minutes.
func (i indicator) minutes(s *Scenario, from, to time.Time) (total, bad float64) {
	gauges := slices.DeleteFunc(s.Series(), func(one Series) bool { return !i.Gauge.matches(one.Labels) })
	for at := from.Truncate(time.Minute).Add(time.Minute); !at.After(to); at = at.Add(time.Minute) {
		measured, failing := 0.0, 0.0
		for _, gauge := range gauges {
			if value, known := gauge.at(at); known {
				measured, failing = 60, 60*i.failing(value)
			}
		}
		if measured == 0 && i.objective.NoData == string(agreement.NoDataBad) {
			failing = 60
		}
		if measured == 0 && (i.objective.NoData == string(agreement.NoDataBad) || i.objective.NoData == string(agreement.NoDataGood)) {
			measured = 60
		}
		total += measured
		bad += failing
	}
	return total, bad
}

// failing is the part of a moment with this value that is bad.
func (i indicator) failing(value float64) float64 {
	switch i.Is {
	case "success":
		return 1 - value
	case "failure":
		return value
	}
	if agreement.Op(i.objective.Op).Holds(value, *i.objective.Value) {
		return 0
	}
	return 1
}

// at is the last sample in (t − 5m, t].
func (s Series) at(t time.Time) (value float64, known bool) {
	after := sort.Search(len(s.Samples), func(i int) bool { return s.Samples[i].Time > t.UnixMilli() })
	if after == 0 || s.Samples[after-1].Time <= t.Add(-lookback).UnixMilli() {
		return 0, false
	}
	return s.Samples[after-1].Value, true
}

// slices judges each slice by its own ratio.
func (i indicator) slices(s *Scenario, from, to time.Time) (total, bad float64) {
	length := i.objective.TimeSliceWindow.std()
	for start := from.Truncate(length); start.Before(to); start = start.Add(length) {
		c := i.count(s, start, start.Add(length), samplesMethod)
		switch ratio := 1 - c.bad/c.total; {
		case c.total == 0 && i.objective.NoData == string(agreement.NoDataGood):
			total++
		case c.total == 0 && i.objective.NoData == string(agreement.NoDataBad):
			total++
			bad++
		case c.total == 0:
		case i.objective.BudgetingMethod == string(agreement.RatioTimeslices):
			total++
			bad += 1 - ratio
		default:
			total++
			if ratio < i.objective.TimeSliceTarget {
				bad++
			}
		}
	}
	return total, bad
}
