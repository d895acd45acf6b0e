package demo

import (
	"iter"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
)

// Metric is one series of the company. It is a counter, a gauge or a native
// histogram; its methods may be called from several goroutines at once.
type Metric struct {
	Labels labels.Labels

	// Exactly one of these says what the series shows.
	events func(*moment) float64         // counter: what the minute adds
	gauge  func(*moment) (float64, bool) // gauge: the value, or none
	native *native                       // histogram: what the minute observes

	stories  []*story
	restarts recurrence // when a counter falls to 0; nil for a gauge
	lives    recurrence // when the series exists at all; nil: always
	offset   int64      // milliseconds from the whole minute to the scrape
	// A counter of a label value that its process has not yet seen since it
	// started has no series, rather than one at 0.
	unseenAbsent bool
	// up is 0 and not absent while its process is down.
	answersDown bool
}

// moment is one minute as a series sees it.
type moment struct {
	minute   int64
	week     int // minute of the week, from Monday 00:00 UTC
	strength [effects]float64
	restart  bool // counters begin anew with this minute's events
	alive    bool
}

// scraped reports whether a scrape of the series at this minute gives a sample.
func (m *Metric) scraped(mo *moment) bool {
	return mo.alive && mo.strength[blind] == 0 && (m.answersDown || mo.strength[down] == 0)
}

// Samples are those of a counter or gauge with from ≤ timestamp < to, by
// timestamp in Unix milliseconds. A histogram has none.
func (m *Metric) Samples(from, to time.Time) iter.Seq2[int64, float64] {
	return func(yield func(int64, float64) bool) {
		if m.native != nil {
			return
		}
		first, end := m.minutes(from, to)
		value := 0.0
		m.walk(m.since(first, end), end, func(mo *moment) bool {
			ok := true
			if m.gauge != nil {
				value, ok = m.gauge(mo)
			} else {
				if mo.restart {
					value = 0
				}
				value += m.events(mo)
				ok = value > 0 || !m.unseenAbsent
			}
			if mo.minute < first || !ok || !m.scraped(mo) {
				return true
			}
			return yield(m.timestamp(mo.minute), value)
		})
	}
}

// Histograms are the samples of a native histogram, as [Metric.Samples] are
// those of the others. Each is the receiver's own.
func (m *Metric) Histograms(from, to time.Time) iter.Seq2[int64, *histogram.Histogram] {
	return func(yield func(int64, *histogram.Histogram) bool) {
		if m.native == nil {
			return
		}
		first, end := m.minutes(from, to)
		total := m.native.empty()
		m.walk(m.since(first, end), end, func(mo *moment) bool {
			if mo.restart {
				total = m.native.empty()
			}
			m.native.observe(&total, mo)
			if mo.minute < first || !m.scraped(mo) {
				return true
			}
			return yield(m.timestamp(mo.minute), m.native.sample(&total))
		})
	}
}

// At is the value that the last scrape at or before t gave; false when that
// scrape gave none, and for a native histogram.
func (m *Metric) At(t time.Time) (float64, bool) {
	for _, value := range m.Samples(lastScrape(t)) {
		return value, true
	}
	return 0, false
}

// lastScrape is a stretch that ends with t and holds one scrape.
func lastScrape(t time.Time) (from, to time.Time) {
	to = t.Truncate(time.Millisecond).Add(time.Millisecond)
	return to.Add(-Scrape), to
}

func (m *Metric) timestamp(minute int64) int64 { return minute*60_000 + m.offset }

// minutes are those whose scrapes lie in from ≤ t < to.
func (m *Metric) minutes(from, to time.Time) (first, end int64) {
	ceil := func(t time.Time) int64 { return -floorDiv(-(t.UnixMilli() - m.offset), 60_000) }
	return ceil(from), ceil(to)
}

// walk visits minute after minute until visit returns false.
func (m *Metric) walk(from, to int64, visit func(*moment) bool) {
	mo := &moment{}
	for minute := from; minute < to; {
		today := m.day(dayOf(minute))
		for ; minute < to && today.span.contains(minute); minute++ {
			today.fill(mo, minute)
			if !visit(mo) {
				return
			}
		}
	}
}
