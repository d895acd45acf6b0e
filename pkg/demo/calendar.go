package demo

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"
)

// Time in this package is in whole minutes and days since the Unix epoch, in UTC. The scrape of minute m
// shows all events up to m.
const (
	minutesPerDay  = 24 * 60
	minutesPerWeek = 7 * minutesPerDay
)

func dayOf(minute int64) int64 { return minute / minutesPerDay }

// minuteOfWeek counts from Monday 00:00 UTC.
func minuteOfWeek(minute int64) int {
	sinceMonday := minute + 3*minutesPerDay // the epoch was a Thursday
	return int(sinceMonday % minutesPerWeek)
}

// span is a range of minutes, from inclusive and to exclusive.
type span struct{ from, to int64 }

func (s span) contains(minute int64) bool { return s.from <= minute && minute < s.to }
func (s span) overlaps(o span) bool       { return s.from < o.to && o.from < s.to }

func spanOfDay(day int64) span { return span{day * minutesPerDay, (day + 1) * minutesPerDay} }

// occurrence is one time that something happens; draw is the point of the noise that decides its strength.
type occurrence struct {
	span
	draw int64
}

// scattered happens once in every block of days, at a random instant.
type scattered struct {
	Seed     seed
	Every    int64    // days per block
	First    int64    // it begins within this many first days of the block; 0: on any day
	Workdays bool     // it begins on workdays only
	Hours    [2]int64 // it begins between these hours, UTC
	Minutes  [2]int64 // least and most minutes that it lasts; less than a block
}

func (s *scattered) on(day int64) (all []occurrence) {
	block := day / s.Every
	for _, b := range [2]int64{block - 1, block} {
		if o := s.in(b); o.overlaps(spanOfDay(day)) {
			all = append(all, o)
		}
	}
	return all
}

func (s *scattered) in(block int64) occurrence {
	choice := cmp.Or(s.First, s.Every)
	day := s.Seed.source(2).among(block, choice)
	for range choice {
		if !s.Workdays || minuteOfWeek((block*s.Every+day)*minutesPerDay) < 5*minutesPerDay {
			break
		}
		day = (day + 1) % choice
	}
	begin := s.Hours[0]*60 + s.Seed.source(3).among(block, (s.Hours[1]-s.Hours[0])*60)
	length := s.Minutes[0] + s.Seed.source(4).among(block, s.Minutes[1]-s.Minutes[0]+1)
	from := (block*s.Every+day)*minutesPerDay + begin
	return occurrence{span{from, from + length}, block}
}

// planned happens by the wall clock of a time zone: on a weekday, each week or the nth of the month.
type planned struct {
	Zone    string
	Weekday time.Weekday
	Nth     int   // 0: every week
	Begin   int64 // minutes after midnight
	Minutes int64
}

func (p *planned) on(day int64) (all []occurrence) {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		panic(fmt.Sprintf("time zone %s is built in: %v", p.Zone, err))
	}
	for d := day - 1; d <= day+1; d++ { // a zone's day begins up to 14 hours before or after that of UTC
		date := time.Unix(d*minutesPerDay*60, 0).UTC()
		if date.Weekday() != p.Weekday || p.Nth != 0 && (date.Day()-1)/7+1 != p.Nth {
			continue
		}
		start := time.Date(date.Year(), date.Month(), date.Day(), 0, int(p.Begin), 0, 0, zone)
		from := start.Unix() / 60
		if o := (occurrence{span{from, from + p.Minutes}, d}); o.overlaps(spanOfDay(day)) {
			all = append(all, o)
		}
	}
	return all
}

// effect is what a story does to series while it lasts.
type effect int

const (
	failing  effect = iota // additional ratio of requests that fail, 0..1
	slow                   // additional ratio of requests that are slow, 0..1
	busy                   // additional traffic, as a multiple of the usual
	lagging                // added to a gauge, in the gauge's own unit
	down                   // 1: the process does not answer, and nothing is counted
	blind                  // 1: the process works, but no scrape succeeds
	alerting               // 1: the company's own alert fires
	effects
)

// UnmarshalYAML reads the name of an effect.
func (e *effect) UnmarshalYAML(node *yaml.Node) error {
	*e = effect(slices.Index([]string{"failing", "slow", "busy", "lagging", "down", "blind"}, node.Value))
	if *e < 0 {
		return fmt.Errorf("line %d: there is no effect %q", node.Line, node.Value)
	}
	return nil
}

// story is an outage, or anything else out of the ordinary, that happens repeatedly.
type story struct {
	Title   string
	Job     string
	Only    map[string]string // further labels of the series concerned
	When    *scattered        // or Planned
	Planned *planned
	Does    []map[effect][2]float64 // the strength of each effect is random between the two
	Alert   string                  // name of the alert that fires meanwhile; empty: none
	Service string                  // service label of the alert; empty: the job
}

func (s *story) on(day int64) []occurrence {
	if s.Planned != nil {
		return s.Planned.on(day)
	}
	return s.When.on(day)
}

// episode is one occurrence of a story with the strength of its effects.
type episode struct {
	span
	strength [effects]float64
}

func episodes(stories []*story, day int64) (all []episode) {
	for _, s := range stories {
		for _, o := range s.on(day) {
			e := episode{span: o.span}
			for i, does := range s.Does {
				for effect, between := range does {
					e.strength[effect] = seedOf(s.Job, s.Title).source(uint64(i)+1).within(o.draw, between[0], between[1])
				}
			}
			if s.Alert != "" {
				e.strength[alerting] = 1
			}
			all = append(all, e)
		}
	}
	return all
}

// seed identifies a source of noise, which is the same on any machine and in any year.
type seed uint64

func seedOf(names ...string) seed {
	h := fnv.New64a()
	for _, name := range names {
		h.Write([]byte(name))
		h.Write([]byte{0})
	}
	return seed(h.Sum64())
}

// UnmarshalYAML reads names and sets the seed to theirs.
func (s *seed) UnmarshalYAML(node *yaml.Node) error {
	var names []string
	err := node.Decode(&names)
	*s = seedOf(names...)
	return err
}

// at returns the noise at a point, uniform over [0, 1), by the mixing of SplitMix64.
func (s seed) at(point int64) float64 {
	x := uint64(s) + uint64(point)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

// within returns the noise at a point, uniform over [low, high).
func (s seed) within(point int64, low, high float64) float64 {
	return low + float64(s.at(point)*(high-low))
}

// among returns the noise at a point as one of n numbers from 0.
func (s seed) among(point, n int64) int64 { return int64(s.at(point) * float64(n)) }

// source returns the seed of an independent source of noise; 0 is s itself.
func (s seed) source(n uint64) seed { return s ^ seed(n*0xd6e8feb86659fd93) }
