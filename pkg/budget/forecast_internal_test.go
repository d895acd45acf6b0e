package budget

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// drawLedger is two days of slots, with targets to come, slices and closed hours.
func drawLedger(t *rapid.T) *Ledger {
	at := time.Date(2026, 6, 3, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "minutes")) * time.Minute)
	from := at.Add(-48 * time.Hour)
	o := &agreement.Objective{Target: 0.9, Budgeting: agreement.Occurrences, NoData: agreement.NoDataIgnore, SLI: agreement.SLI{Kind: agreement.Ratio}}
	if rapid.Bool().Draw(t, "slices") {
		o.Budgeting, o.TimeSliceTarget, o.TimeSliceWindow = agreement.Timeslices, 0.8, 15*time.Minute
	}
	if rapid.Bool().Draw(t, "revised") {
		o.Revisions = []agreement.Revision{{From: at.Add(time.Hour), Target: 0.5}, {From: at.Add(7 * time.Hour), Target: 0.95}}
	}
	bad := rapid.SliceOfN(rapid.IntRange(0, 40), 5, 60).Draw(t, "bad")
	run := make([]slots.Slot, 48*12+1)
	for i := range run {
		run[i] = slots.Slot{Total: 40, Bad: float64(bad[i%len(bad)]) / 2, Measured: true}
	}
	step := 5 * time.Minute
	series := slots.NewSeries(step, false).With(slots.Floor(from.UnixMilli(), step.Milliseconds()), run)
	in := scope.Raw(from.Add(-time.Hour), at.Add(72*time.Hour))
	if rapid.Bool().Draw(t, "closed") {
		in.In = in.In.Subtract(scope.Intervals{{From: at.Add(2 * time.Hour).UnixMilli(), To: at.Add(9 * time.Hour).UnixMilli()}})
	}
	head := slots.Floor(at.UnixMilli(), step.Milliseconds())
	view := slots.View{Series: series, HeadFrom: head, HeadTo: head}
	return NewLedger(t.Context(), Reading{Objective: o, Scope: in, From: from, At: at, Slots: view})
}

// To look at halves alone that may run out finds what a walk over all slots finds.
func TestHalvesFindWhatAWalkFinds(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		l := drawLedger(t)
		length := rapid.Int64Range(3, 24).Draw(t, "hours") * time.Hour.Milliseconds()
		s := span{from: l.end - length, to: l.end, end: l.end}
		p := pace{total: 40.0 / 300, bad: rapid.Float64Range(0, 10).Draw(t, "pace") / 300}
		got, ok := l.runsOutWhileForgetting(l.stretch(s.to, s.to+length, 0, p), s, p)
		want, grown := int64(0), 0.0
		step := l.view.Series.Resolution()
		for begin := s.to; begin < s.to+length && want == 0; {
			end := min(slots.Floor(begin-length, step)+step+length, s.to+length)
			grown += l.stretch(begin, end, 0, p).gain
			if known := l.Count(end-length, s.to); grown+known.Bad-known.Allowed > Tolerance {
				want = end
			}
			begin = end
		}
		require.Equal(t, want > 0, ok)
		if ok {
			found++
			require.LessOrEqual(t, got, want)
			require.Greater(t, got, want-step-1)
		}
	})
	require.Positive(t, found)
}

// Of twelve slices one is bad, of 1.2 that may be. A third of the oldest leaves,
// which was good, and what is left of it is bad.
func TestWhatTheEdgeLeavesOfAGoodSliceMayBeBad(t *testing.T) {
	at := time.Date(2026, 6, 3, 0, 0, 0, 0, time.UTC)
	from := at.Add(-3 * time.Hour)
	run := make([]slots.Slot, 36)
	for i := range run {
		run[i] = slots.Slot{Total: 40, Measured: true}
	}
	run[2].Bad, run[33].Bad = 24, 40
	o := &agreement.Objective{Target: 0.9, Budgeting: agreement.Timeslices, TimeSliceTarget: 0.8, TimeSliceWindow: 15 * time.Minute,
		NoData: agreement.NoDataIgnore, SLI: agreement.SLI{Kind: agreement.Ratio}}
	l := NewLedger(t.Context(), Reading{Objective: o, Scope: scope.Raw(from, at.Add(3*time.Hour)), From: from, At: at,
		Slots: slots.View{Series: slots.NewSeries(5*time.Minute, false).With(from.UnixMilli(), run), HeadFrom: at.UnixMilli(), HeadTo: at.UnixMilli()}})
	s := span{from: from.UnixMilli(), to: at.UnixMilli(), end: at.UnixMilli()}
	got, ok := l.runsOutWhileForgetting(l.stretch(s.to, 2*s.to-s.from, 0, pace{}), s, pace{})
	require.True(t, ok)
	require.WithinRange(t, time.UnixMilli(got), at, at.Add(5*time.Minute))
}
