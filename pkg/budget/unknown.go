package budget

import (
	"cmp"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// BlindAfter is the time in scope without anything measured after which an open
// window is blind: its state speaks of the window, and no longer of now.
const BlindAfter = time.Hour

// WholeCoverage is the coverage below which figures are shown with the part that
// was measured.
const WholeCoverage = 0.99

// measuredUntil is the end of the last slot in (from, to] and in scope in which
// something was measured; zero without one.
func (l *Ledger) measuredUntil(from, to int64) time.Time {
	to = min(to, l.end)
	first, end := l.scope.In.Between(from, to)
	for i := end - 1; i >= first; i-- {
		last, ok := l.view.LastMeasured(min(to, l.scope.In[i].To))
		if !ok {
			break
		}
		// Of a slot that the interval cuts, only the part inside was measured in scope.
		if to = min(to, last); to > max(from, l.scope.In[i].From) {
			return instant(min(to, l.scope.In[i].To))
		}
	}
	return time.Time{}
}

// blind is until when something was measured of what was read, and the time in
// scope since.
func (l *Ledger) blind(to int64) (measuredUntil time.Time, since time.Duration) {
	measuredUntil = l.measuredUntil(l.begin, to)
	from := l.begin
	if !measuredUntil.IsZero() {
		from = measuredUntil.UnixMilli()
	}
	return measuredUntil, milliseconds(l.scope.In.Length(from, min(to, l.end)))
}

// Remarks say what is not known of what the figures speak of: each stands beside
// them wherever they are shown.
func (s Status) Remarks() (remarks []string) {
	if s.Blind >= BlindAfter && s.State != NoData {
		remarks = append(remarks, s.BlindText())
	}
	if s.Coverage < WholeCoverage-Tolerance && (s.State != NoData || s.Coverage > 0 && s.Total <= 0) { // else the reason says it
		remarks = append(remarks, s.Coverage.Share()+" of the time was measured")
	}
	return remarks
}

// BlindText says since when nothing was measured; empty where something is.
func (s Status) BlindText() string {
	switch {
	case s.Blind == 0:
		return ""
	case s.MeasuredUntil.IsZero():
		return "nothing was measured for " + agreement.FormatDuration(s.Blind.Truncate(time.Second))
	}
	return "nothing measured since " + agreement.FormatInstant(s.MeasuredUntil.In(cmp.Or(s.Window.Zone, time.UTC)))
}
