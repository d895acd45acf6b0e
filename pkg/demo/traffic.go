package demo

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"go.yaml.in/yaml/v4"
)

// shape is how traffic varies over the week: a factor per minute from Monday 00:00 UTC, with mean 1.
type shape [minutesPerWeek]float64

// UnmarshalYAML adds the hills of a day to a floor, weights the days from Monday on, and shifts all to UTC,
// without daylight saving time.
func (s *shape) UnmarshalYAML(node *yaml.Node) error {
	var of struct {
		UTCOffset int `yaml:"utcOffset"` // hours
		Floor     float64
		Days      [7]float64
		Hills     []struct{ Hour, Width, Height float64 } // bell curves around an hour of the day
	}
	err := node.Decode(&of)
	sum := 0.0
	for i := range s {
		local := (i + of.UTCOffset*60 + minutesPerWeek) % minutesPerWeek
		hour := float64(local%minutesPerDay) / 60
		value := of.Floor
		for _, h := range of.Hills {
			distance := math.Abs(hour - h.Hour)
			distance = math.Min(distance, 24-distance) // a hill continues past midnight
			value += h.Height * math.Exp(-distance*distance/(2*h.Width*h.Width))
		}
		s[i] = value * of.Days[local/minutesPerDay]
		sum += s[i]
	}
	for i := range s {
		s[i] *= minutesPerWeek / sum
	}
	return err
}

// stream is a flow of requests, or of other events that are counted.
type stream struct {
	Noise   uint64
	Rate    float64           // requests per minute, the mean of a week
	Failing float64           // ratio of requests that fail on a usual day
	Denied  float64           // ratio of the others that are denied, a fault of the client
	Series  map[string]string // counters of requests, answered, denied and failed
	// Rare says that the failed counter does not exist before the first failure.
	Rare  bool
	seed  seed
	shape *shape
}

func (s *stream) requests(mo *moment) float64 {
	if mo.strength[down] > 0 {
		return 0
	}
	mean := s.Rate * s.shape[mo.week] * (1 + mo.strength[busy])
	return math.Floor(mean*s.seed.source(2).within(mo.minute, 0.9, 1.1) + s.seed.source(3).at(mo.minute))
}

func (s *stream) failed(mo *moment) float64 {
	return s.share(mo, s.requests(mo), s.Failing+mo.strength[failing], 4)
}

func (s *stream) denied(mo *moment) float64 {
	return s.share(mo, s.requests(mo)-s.failed(mo), s.Denied, 5)
}

func (s *stream) answered(mo *moment) float64 {
	rest := s.requests(mo) - s.failed(mo)
	return rest - s.share(mo, rest, s.Denied, 5)
}

// share returns a ratio of n as a whole number that is right on average.
func (s *stream) share(mo *moment, n, ratio float64, noise uint64) float64 {
	return math.Min(n, math.Floor(n*math.Min(ratio, 1)+s.seed.source(noise).at(mo.minute)))
}

// latency is how long requests take: most are quick, a ratio of them is slow, and each kind has a lognormal
// distribution. The unit is that of the histogram: seconds, or hours for people.
type latency struct {
	Noise       uint64
	Series      string
	Bounds      []float64 // of a classic histogram; nil: a native one
	Quick, Slow law
	Ratio       float64 // of slow requests on a usual day
	Peak        float64 // added to Ratio at twice the mean load
	seed        seed
	streams     []*stream
	shape       *shape
}

type law struct{ Median, Spread float64 }

func (l law) upTo(bound float64) float64 {
	if math.IsInf(bound, 1) {
		return 1
	}
	return 0.5 * math.Erfc(-math.Log(bound/l.Median)/l.Spread/math.Sqrt2)
}

func (l law) mean() float64 { return l.Median * math.Exp(l.Spread*l.Spread/2) }

func (l *latency) count(mo *moment) (n float64) {
	for _, s := range l.streams {
		n += s.requests(mo)
	}
	return n
}

func (l *latency) slowRatio(mo *moment) float64 {
	load := math.Max(0, l.shape[mo.week]-1)
	return math.Min(0.95, l.Ratio+l.Peak*load+mo.strength[slow])
}

// upTo returns how many requests took at most bound. All bounds are rounded alike, so that buckets agree.
func (l *latency) upTo(bound float64) func(*moment) float64 {
	quick, slow := l.Quick.upTo(bound), l.Slow.upTo(bound)
	return func(mo *moment) float64 { return l.round(mo, l.count(mo), quick, slow) }
}

func (l *latency) round(mo *moment, n, quick, slow float64) float64 {
	s := l.slowRatio(mo)
	return math.Min(n, math.Floor(n*((1-s)*quick+s*slow)+l.seed.at(mo.minute)))
}

func (l *latency) sum(mo *moment) float64 {
	s := l.slowRatio(mo)
	return l.count(mo) * ((1-s)*l.Quick.mean() + s*l.Slow.mean())
}

// Exponential buckets of a native histogram: eight for each doubling, from
// 2^-7 (8 ms) to 2^3 (8 s). Whole powers of two are bounds, so 0.25 is one.
const (
	nativeSchema = 3
	firstBucket  = -7*8 + 1
	nativeCount  = 10 * 8
)

type native struct {
	latency *latency
	// The ratios of quick and slow requests up to each bucket's upper bound.
	quick, slow [nativeCount]float64
}

func newNative(l *latency) *native {
	n := &native{latency: l}
	for i := range n.quick {
		bound := math.Exp2(float64(firstBucket+i) / (1 << nativeSchema))
		n.quick[i], n.slow[i] = l.Quick.upTo(bound), l.Slow.upTo(bound)
	}
	// The last bucket also counts all slower requests.
	n.quick[nativeCount-1], n.slow[nativeCount-1] = 1, 1
	return n
}

func (n *native) none() *histogram.Histogram {
	return &histogram.Histogram{
		Schema:          nativeSchema,
		ZeroThreshold:   1.0 / (1 << 20), // no request is that quick
		PositiveSpans:   []histogram.Span{{Offset: firstBucket, Length: nativeCount}},
		PositiveBuckets: make([]int64, nativeCount),
	}
}

// observe adds the requests of the minute. A bucket is stored as the difference to the previous one.
func (n *native) observe(total *histogram.Histogram, mo *moment) {
	count, below, before := n.latency.count(mo), 0.0, int64(0)
	for i := range n.quick {
		upTo := n.latency.round(mo, count, n.quick[i], n.slow[i])
		observed := int64(upTo - below)
		total.PositiveBuckets[i] += observed - before
		below, before = upTo, observed
	}
	total.Count += uint64(count)
	total.Sum += n.latency.sum(mo)
}

// Scrape is the time between two samples of a series.
const Scrape = time.Minute

// metric is one series of the company. It is a counter, a gauge or a native
// histogram; its methods may be called from several goroutines at once.
type metric struct {
	labels labels.Labels

	value  func(*moment) float64 // what the minute adds to a counter, or the value of a gauge
	native *native               // histogram: what the minute observes

	stories  []*story
	restarts *scattered // when a counter is reset; nil for a gauge
	lives    *scattered // when the series exists at all; nil: always
	offset   int64      // milliseconds from the whole minute to the scrape
	// A value of 0 has no sample, like a label value not seen since the start of the process.
	zeroAbsent bool
	// The series has samples while its process is down.
	answersDown bool
}

type moment struct {
	minute   int64
	week     int // minute of the week, from Monday 00:00 UTC
	strength [effects]float64
	restart  bool // counters are reset before this minute's events
	alive    bool
}

// samples returns the samples of a counter or gauge with from ≤ timestamp < to, in Unix milliseconds. A
// histogram has none.
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

// histograms returns the samples of a native histogram; the caller owns each of them.
func (m *metric) histograms(from, to time.Time) iter.Seq2[int64, *histogram.Histogram] {
	return func(yield func(int64, *histogram.Histogram) bool) {
		if m.native == nil {
			return
		}
		total := m.native.none()
		m.walk(from, to, func(mo *moment) {
			if mo.restart {
				total = m.native.none()
			}
			m.native.observe(total, mo)
		}, func(t int64) bool { return yield(t, total.Copy()) })
	}
}

// walk calls add for each minute, and scraped with the timestamp of each sample in from ≤ t < to, until that
// returns false.
func (m *metric) walk(from, to time.Time, add func(*moment), scraped func(t int64) bool) {
	minute := func(t time.Time) int64 { return (t.UnixMilli() - m.offset + 59_999) / 60_000 } // rounded up
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

// day is what happens to a series on one day. It is computed once for all minutes of the day.
type day struct {
	span     span
	episodes []episode
	restarts []int64
	lives    []occurrence
}

func (m *metric) day(d int64) day {
	today := day{span: spanOfDay(d), episodes: episodes(m.stories, d), lives: []occurrence{{span: spanOfDay(d)}}}
	var starts []occurrence
	if m.restarts != nil {
		starts = m.restarts.on(d)
	}
	if m.lives != nil {
		today.lives = m.lives.on(d)
		starts = append(starts, today.lives...) // a series also starts at 0 with each life
	}
	for _, start := range starts {
		if today.span.contains(start.from) {
			today.restarts = append(today.restarts, start.from)
		}
	}
	return today
}

func (today *day) fill(mo *moment, minute int64) {
	*mo = moment{
		minute: minute, week: minuteOfWeek(minute), restart: slices.Contains(today.restarts, minute),
		alive: slices.ContainsFunc(today.lives, func(life occurrence) bool { return life.contains(minute) }),
	}
	for i := range today.episodes {
		if e := &today.episodes[i]; e.contains(minute) {
			for k, strength := range e.strength {
				mo.strength[k] += strength
			}
		}
	}
}

// since returns the minute from which to add up a counter, its last restart; for a gauge, that is first.
func (m *metric) since(first, end int64) int64 {
	if m.restarts == nil || first >= end {
		return first
	}
	for d := dayOf(first); ; d-- {
		earlier := slices.DeleteFunc(m.day(d).restarts, func(restart int64) bool { return restart > first })
		if len(earlier) > 0 {
			return slices.Max(earlier)
		}
	}
}
