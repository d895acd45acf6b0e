package demo

import (
	"math"
	"slices"
)

// shape is how traffic spreads over the week, a factor for each minute from
// Monday 00:00 UTC. The mean of a week is 1.
type shape [minutesPerWeek]float64

// hill is a rise and fall around an hour of the day.
type hill struct{ hour, width, height float64 }

// newShape adds up the hills of a day over a floor, weighs the days from
// Monday on, and shifts all from local time to UTC. Seasons do not move it:
// people's habits are not that exact.
func newShape(floor float64, hills []hill, days [7]float64, utcOffsetHours int) *shape {
	s := new(shape)
	sum := 0.0
	for i := range s {
		local := (i + utcOffsetHours*60 + minutesPerWeek) % minutesPerWeek
		hour := float64(local%minutesPerDay) / 60
		value := floor
		for _, h := range hills {
			distance := math.Abs(hour - h.hour)
			distance = math.Min(distance, 24-distance) // the evening goes on after midnight
			value += h.height * math.Exp(-distance*distance/(2*h.width*h.width))
		}
		s[i] = value * days[local/minutesPerDay]
		sum += s[i]
	}
	for i := range s {
		s[i] *= minutesPerWeek / sum
	}
	return s
}

var (
	shopping     = []hill{{12.5, 3, 0.6}, {20, 2.2, 1}}
	shoppingDays = [7]float64{1, 0.95, 0.95, 1, 1.05, 1.2, 1.3}
	working      = []hill{{10.5, 1.7, 1}, {15, 2, 0.9}}
	workingDays  = [7]float64{1.05, 1, 1, 1, 0.8, 0.08, 0.04}

	europeShops  = newShape(0.12, shopping, shoppingDays, 1)
	americaShops = newShape(0.12, shopping, shoppingDays, -5)
	offices      = newShape(0.01, working, workingDays, 1)
	nights       = newShape(0.05, []hill{{2, 1, 1}}, [7]float64{1, 1, 1, 1, 1, 1, 1}, 1)
)

// stream is a flow of requests, or of anything else that comes in ones.
type stream struct {
	seed      seed
	perMinute float64 // the mean of a week
	shape     *shape
	failing   float64 // ratio of them that fails on a usual day
	refused   float64 // ratio of the others that are refused for the sender's own fault
}

// requests is how many arrive in the minute.
func (s *stream) requests(mo *moment) float64 {
	if mo.strength[down] > 0 {
		return 0
	}
	mean := s.perMinute * s.shape[mo.week] * (1 + mo.strength[busy])
	return math.Floor(mean*s.seed.and(1).within(mo.minute, 0.9, 1.1) + s.seed.and(2).at(mo.minute))
}

// failed is how many of them fail.
func (s *stream) failed(mo *moment) float64 {
	return s.share(mo, s.requests(mo), s.failing+mo.strength[failing], 3)
}

// turnedAway is how many are answered, but refused.
func (s *stream) turnedAway(mo *moment) float64 {
	return s.share(mo, s.requests(mo)-s.failed(mo), s.refused, 4)
}

// answered is how many get what they asked for.
func (s *stream) answered(mo *moment) float64 {
	rest := s.requests(mo) - s.failed(mo)
	return rest - s.share(mo, rest, s.refused, 4)
}

// share is a ratio of n as a whole number that is right on average.
func (s *stream) share(mo *moment, n, ratio float64, noise uint64) float64 {
	return math.Min(n, math.Floor(n*math.Min(ratio, 1)+s.seed.and(noise).at(mo.minute)))
}

// requestsOf is what several streams bring together.
func requestsOf(streams []*stream) func(*moment) float64 {
	streams = slices.Clone(streams)
	return func(mo *moment) float64 {
		sum := 0.0
		for _, s := range streams {
			sum += s.requests(mo)
		}
		return sum
	}
}
