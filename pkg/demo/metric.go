package demo

import (
	"iter"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
)

// Scrape is the time between two samples of a series.
const Scrape = time.Minute

// metric is one series of the company. It is a counter, a gauge or a native
// histogram; its methods may be called from several goroutines at once.
type metric struct {
	labels labels.Labels

	value  func(*moment) float64 // what the minute adds to a counter, or the value of a gauge
	native *native               // histogram: what the minute observes

	stories  []*story
	restarts *scattered // when a counter falls to 0; nil for a gauge
	lives    *scattered // when the series exists at all; nil: always
	offset   int64      // milliseconds from the whole minute to the scrape
	// A value of 0 is no sample. So it is with a counter of a label value that
	// its process has not yet seen since it started.
	zeroAbsent bool
	// The series is not absent while its process is down.
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

// samples are those of a counter or gauge with from ≤ timestamp < to, by
// timestamp in Unix milliseconds. A histogram has none.
func (m *metric) samples(from, to time.Time) iter.Seq2[int64, float64] {
	return func(yield func(int64, float64) bool) {
		if m.native != nil {
			return
		}
		value := 0.0
		m.walk(from, to, func(mo *moment) {
			if mo.restart || m.restarts == nil {
				value = 0
			}
			value += m.value(mo)
		}, func(t int64) bool { return value == 0 && m.zeroAbsent || yield(t, value) })
	}
}

// histograms are the samples of a native histogram, as samples are those of the
// others. Each is the receiver's own.
func (m *metric) histograms(from, to time.Time) iter.Seq2[int64, *histogram.Histogram] {
	return func(yield func(int64, *histogram.Histogram) bool) {
		if m.native == nil {
			return
		}
		var total observations
		m.walk(from, to, func(mo *moment) {
			if mo.restart {
				total = observations{}
			}
			m.native.observe(&total, mo)
		}, func(t int64) bool { return yield(t, m.native.sample(&total)) })
	}
}

// walk adds up minute after minute, and calls scraped with the timestamp of each
// scrape in from ≤ t < to that gives a sample, until that returns false.
func (m *metric) walk(from, to time.Time, add func(*moment), scraped func(t int64) bool) {
	minute := func(t time.Time) int64 { return -floorDiv(-(t.UnixMilli() - m.offset), 60_000) } // rounded up
	first, end := minute(from), minute(to)
	mo := &moment{}
	for minute := m.since(first, end); minute < end; {
		today := m.day(dayOf(minute))
		for ; minute < end && today.span.contains(minute); minute++ {
			today.fill(mo, minute)
			add(mo)
			gives := mo.alive && mo.strength[blind] == 0 && (m.answersDown || mo.strength[down] == 0)
			if minute >= first && gives && !scraped(minute*60_000+m.offset) {
				return
			}
		}
	}
}

// day is what of a series' calendar concerns one day; made once a day, so that
// a minute costs next to nothing.
type day struct {
	span     span
	episodes []episode
	restarts []int64
	lives    []occurrence
	immortal bool
}

func (m *metric) day(d int64) day {
	today := day{span: spanOfDay(d), episodes: episodes(m.stories, d), immortal: m.lives == nil}
	var starts []occurrence
	if m.lives != nil {
		today.lives = m.lives.on(d)
	}
	if m.restarts != nil {
		starts = append(m.restarts.on(d), today.lives...) // a birth is a start too
	}
	for _, start := range starts {
		if today.span.contains(start.from) {
			today.restarts = append(today.restarts, start.from)
		}
	}
	return today
}

// fill makes the moment that of the minute.
func (today *day) fill(mo *moment, minute int64) {
	*mo = moment{minute: minute, week: minuteOfWeek(minute), alive: today.immortal}
	for i := range today.episodes {
		if e := &today.episodes[i]; e.contains(minute) {
			for k, strength := range e.strength {
				mo.strength[k] += strength
			}
		}
	}
	for _, restart := range today.restarts {
		mo.restart = mo.restart || restart == minute
	}
	for _, life := range today.lives {
		mo.alive = mo.alive || life.contains(minute)
	}
}

// since is the minute from which a walk has to add up a counter to know it at
// first: its last restart. A gauge needs no past.
func (m *metric) since(first, end int64) int64 {
	if m.restarts == nil || first >= end {
		return first
	}
	for d := dayOf(first); ; d-- {
		latest, found := int64(0), false
		for _, restart := range m.day(d).restarts {
			if restart <= first && (!found || restart > latest) {
				latest, found = restart, true
			}
		}
		if found {
			return latest
		}
	}
}
