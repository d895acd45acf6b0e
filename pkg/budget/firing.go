package budget

import (
	"iter"
	"sort"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Firing is one time that a burn-rate alert fired.
type Firing struct {
	// Alert is as of the evaluation at which it began.
	Alert
	// From is the first evaluation at which it fires, To the first at which it
	// does so no more; zero when it still fires at the last.
	From, To time.Time
	// Consumed is the share of the window's budget that was spent by From.
	Consumed Figure
	// Peak is the highest burn rate at which it fired, that of the lower of its
	// two windows.
	Peak Figure
}

// Firings are the times that the rules fired, evaluated at the instants of a
// multiple of step in (from, to], by start. An evaluation that could not be
// measured neither begins one nor ends it.
func (l *Ledger) Firings(rules []AlertRule, window agreement.Window, from, to time.Time, step time.Duration) []Firing {
	var done []Firing
	open := make([]*Firing, len(rules))
	for at := range Instants(from, to, step) {
		s := spanAt(window, at)
		length := s.end - s.from
		for i, rule := range rules {
			alert, exists := rule.Over(milliseconds(length))
			if exists {
				alert = l.alert(alert, at, length)
			}
			switch burn := min(alert.LongBurn, alert.ShortBurn); {
			case exists && !alert.Value.Known():
			case exists && alert.Fires() && open[i] == nil:
				open[i] = &Firing{Alert: alert, From: at, Consumed: l.Balance(window, at).Consumed, Peak: burn}
			case exists && alert.Fires():
				open[i].Peak = max(open[i].Peak, burn)
			case open[i] != nil:
				open[i].To = at
				done, open[i] = append(done, *open[i]), nil
			}
		}
	}
	for _, still := range open {
		if still != nil {
			done = append(done, *still)
		}
	}
	sort.SliceStable(done, func(i, j int) bool { return done[i].From.Before(done[j].From) })
	return done
}

// Instants are those of a multiple of step in (from, to], ascending.
func Instants(from, to time.Time, step time.Duration) iter.Seq[time.Time] {
	length := step.Milliseconds()
	return func(yield func(time.Time) bool) {
		for at := from.UnixMilli() - from.UnixMilli()%length + length; at <= to.UnixMilli(); at += length {
			if !yield(instant(at)) {
				return
			}
		}
	}
}
