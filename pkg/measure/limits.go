package measure

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/slots"
)

// The limits of one question. Each is checked before any request or, if it depends on
// the number of groups, before their figures are computed.
const (
	// MaxYears is how far before now a question may reach. It may reach as far ahead:
	// clocks differ, and data may have been written for the future.
	MaxYears = 5
	// MaxBurnWindows of each objective.
	MaxBurnWindows = 20
	// MaxPeriods of a history, and maxRows of all periods, objectives and groups.
	MaxPeriods, maxRows = 400, 50_000
	// maxPoints of one series, and MaxAllPoints of all series of a question.
	maxPoints, MaxAllPoints = 50_000, 2_000_000
	// longestStep between points; a longer step is reduced to it.
	longestStep = MaxYears * 366 * 24 * time.Hour
)

// LimitError says which limit a question exceeds, and what to ask instead.
type LimitError string

// Error returns the text.
func (l LimitError) Error() string { return string(l) }

// Limitf formats a [LimitError].
func Limitf(format string, args ...any) error { return LimitError(fmt.Sprintf(format, args...)) }

// Check refuses an instant, and a window (nil: none) as of it, more than MaxYears before
// or after now. [Service.ReadNeeded] refuses these too, but for each objective; here the
// error names the window and is that of the whole question.
func (s *Service) Check(window *agreement.Window, at time.Time) error {
	if window == nil {
		return s.checkSpan("the instant", at, at)
	}
	from, _ := window.At(at)
	return s.checkSpan("window "+window.String(), from, at)
}

// earliest returns the first instant that can be asked for.
func (s *Service) earliest() time.Time { return s.Now().UTC().AddDate(-MaxYears, 0, 0) }

// checkSpan refuses a span that is too far from now; what names it in the error.
func (s *Service) checkSpan(what string, from, to time.Time) error {
	now := s.Now().UTC()
	switch earliest := s.earliest(); {
	case from.Before(earliest):
		return Limitf("%s reaches back to %s; at most %d years, from %s, can be asked for",
			what, from.UTC().Format(time.DateOnly), MaxYears, earliest.Format(time.DateOnly))
	case to.After(now.AddDate(MaxYears, 0, 0)):
		return Limitf("%s ends on %s, more than %d years ahead of now, %s", what, to.UTC().Format(time.DateOnly), MaxYears, now.Format(time.DateOnly))
	}
	return nil
}

// checkPeriods returns how many periods of the unit a history has: as many as are asked
// for or, if fewer will do, as many as begin within MaxYears.
func (s *Service) checkPeriods(unit agreement.Window, at time.Time, periods int, fewerWillDo bool) (n int, err error) {
	defer parallel.Recover(&err)
	if periods < 1 || periods > MaxPeriods {
		return 0, Limitf("periods: must be from 1 to %d, got %d", MaxPeriods, periods)
	}
	for ; ; periods-- {
		unit.Offset = 1 - periods
		from, _ := unit.At(at)
		err := s.checkSpan(fmt.Sprintf("a history of %d %ss", periods, unit.Calendar), from, at)
		if err == nil || !fewerWillDo || periods == 1 {
			return periods, err
		}
	}
}

// checkSeries refuses ranges and windows that cannot be asked for, and too many
// points of one series.
func (s *Service) checkSeries(q SeriesQuestion) error {
	step := q.Step.Milliseconds()
	points := slots.Floor(q.To.UnixMilli(), step)/step - slots.Floor(q.From.UnixMilli(), step)/step
	switch {
	case !q.From.Before(q.To):
		return fmt.Errorf("the range ends (%s) before it begins (%s)", q.To.Format(time.RFC3339), q.From.Format(time.RFC3339))
	case points > maxPoints:
		return Limitf("%d points asked for, the limit is %d: take a longer step or a shorter range", points, maxPoints)
	case len(q.BurnWindows) > MaxBurnWindows:
		return Limitf("%d burn windows given, the limit is %d", len(q.BurnWindows), MaxBurnWindows)
	case q.Window != nil:
		return s.Check(q.Window, q.From)
	}
	return s.checkSpan("the range", q.From, q.To)
}

func (q SeriesQuestion) countPoints(n int) error {
	return count(q.Points, n, MaxAllPoints, "points of all series", "take a longer step, a shorter range, or fewer objectives")
}

// count adds n to the sum, and refuses a sum above the limit.
func count(sum *atomic.Int64, n, limit int, what, mend string) error {
	if total := sum.Add(int64(n)); total > int64(limit) {
		return Limitf("%d %s asked for, the limit is %d: %s", total, what, limit, mend)
	}
	return nil
}
