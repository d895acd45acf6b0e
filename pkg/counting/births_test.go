package counting

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// at are samples of a series at seconds after the birth, and their values.
func samplesAt(points ...float64) *moments {
	m := &moments{near: []int64{birth}}
	for i := 0; i < len(points); i += 2 {
		m.Float(birth+int64(points[i]*1000), points[i+1])
	}
	return m
}

const birth = int64(1_770_033_641_000)

func TestAFirstSampleCountsWhereItsSeriesIsKnownToHaveBegunAtZero(t *testing.T) {
	startedAgo := func(seconds float64) []*moments {
		return []*moments{samplesAt(-3600, 1, 0, float64(birth)/1000-seconds)}
	}
	for name, c := range map[string]struct {
		siblings, starts []*moments
		want             bool
	}{
		"nothing else is there":               {want: false},
		"siblings only from then on":          {siblings: []*moments{samplesAt(0, 5, 30, 6)}, want: false},
		"a new child of a running program":    {siblings: []*moments{samplesAt(-30, 5, 0, 6)}, want: true},
		"… though it is scraped a little off": {siblings: []*moments{samplesAt(-20, 5, 10, 6)}, want: true},
		"a sibling went":                      {siblings: []*moments{samplesAt(-30, 5, 0, 6), samplesAt(-30, 5)}, want: false},
		"a sibling comes back after 5m":       {siblings: []*moments{samplesAt(-30, 5, 300, 6)}, want: false},
		"a sibling comes back within 5m":      {siblings: []*moments{samplesAt(-30, 5, 299.999, 6)}, want: true},
		"a sibling had gone long before":      {siblings: []*moments{samplesAt(-301, 5), samplesAt(-30, 5, 0, 6)}, want: true},
		"one at the edge of 5m before":        {siblings: []*moments{samplesAt(-300, 5, 0, 6)}, want: true},
		"a sibling fell":                      {siblings: []*moments{samplesAt(-30, 5, 0, 4)}, want: true},
		"a sibling fell though another went":  {siblings: []*moments{samplesAt(-30, 5, 0, 4), samplesAt(-30, 5)}, want: true},
		"a sibling fell before":               {siblings: []*moments{samplesAt(-60, 5, -30, 4, 30, 4), samplesAt(-30, 5)}, want: false},
		"the process has just started":        {starts: startedAgo(300), want: true},
		"it started earlier":                  {starts: startedAgo(300.5), want: false},
		"when it started is known too late":   {starts: []*moments{samplesAt(1, float64(birth)/1000)}, want: false},
		"when it started was known too early": {starts: []*moments{samplesAt(-300, float64(birth)/1000)}, want: false},
		"the process before it said so, too":  {starts: append(startedAgo(30), samplesAt(-20, 1)), want: true},
		"… whichever of them comes first":     {starts: append([]*moments{samplesAt(-20, 1)}, startedAgo(30)...), want: true},
		"another process had just started":    {starts: append(startedAgo(3600), samplesAt(-20, float64(birth)/1000-60)), want: false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, beganAtZero(birth, c.siblings, c.starts)) })
	}
}

// A series may be answered without a sample in the time that was asked for, such as
// one whose chunk reaches over all of it.
func TestASeriesWithoutASampleWasNotThereBefore(t *testing.T) {
	f := &first{at: birth}
	assert.False(t, f.hasBefore(), "no series")
	f.before = &lastSample{at: math.MinInt64}
	assert.False(t, f.hasBefore(), "a series without samples")
	f.before.Float(birth-maxGap-1, 7)
	assert.False(t, f.hasBefore(), "one more than a day ago")
	f.before.Float(birth-maxGap, 7)
	assert.True(t, f.hasBefore())
}

// After more than a day a series begins anew; until then it goes on.
func TestAGapOfMoreThanADayEndsASeries(t *testing.T) {
	for gap, begins := range map[int64]int{maxGap: 1, maxGap + 1: 2} {
		c := &counted{reading: &reading{}, set: &readSet{}, rises: true, lastSample: lastSample{at: math.MinInt64}}
		c.Float(birth, 5)
		c.Float(birth+gap, 7)
		assert.Len(t, c.set.firsts, begins, gap)
	}
}
