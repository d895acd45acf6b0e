package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// author writes scenarios at random, the same for the same seed, in the form of
// the files of testdata/conformance. They are small, and rich in edges: targets
// that are just met, spans that begin within a slot, days of 23 and 25 hours.
type author struct {
	*rand.Rand
	out        strings.Builder
	start, end time.Time
	interval   time.Duration
	resolution time.Duration
	// resets says that counters restart, which not every method can count.
	resets bool
	// outage is when nothing at all is scraped.
	outage string
	slos   []writtenSLO
}

// writtenSLO is an SLO that agreements can promise.
type writtenSLO struct {
	name     string
	meaning  string
	spec     string // indicator and objective, as OpenSLO
	isTime   bool
	oneValue bool // it has a value per region, so a region must be chosen
}

// writeScenario is the scenario of the seed, without expectations.
func writeScenario(seed uint64) (text string, resets bool) {
	a := &author{Rand: rand.New(rand.NewPCG(seed, 1))}
	starts := []string{
		"2026-03-27T00:00:00Z", "2026-10-23T12:00:00Z", "2026-03-06T06:00:00Z", "2026-11-29T00:00:00Z",
		"2026-06-28T09:00:00Z", "2026-12-29T18:00:00Z", "2026-05-04T00:00:00Z", "2026-09-29T00:00:00Z",
	}
	a.start, _ = time.Parse(time.RFC3339, pick(a, starts...))
	a.end = a.start.Add(time.Duration(2+a.IntN(3)) * 24 * time.Hour)
	a.interval = pick(a, 15*time.Second, 37*time.Second, 60*time.Second, 90*time.Second, 299*time.Second, 5*time.Minute, 7*time.Minute, 20*time.Minute, 2*time.Hour)
	a.resolution = pick(a, 5*time.Minute, 5*time.Minute, time.Minute, 3*time.Minute, 10*time.Minute, 30*time.Minute, time.Hour)
	a.resets = a.one(3)
	a.line("name: random-%d", seed)
	a.line("why: Written at random.")
	a.line("start: %s", a.start.Format(time.RFC3339))
	a.line("end: %s", a.end.Format(time.RFC3339))
	a.line("interval: %ds", int(a.interval.Seconds()))
	a.line("resolution: %dm", int(a.resolution.Minutes()))
	a.line("series:")
	a.series()
	a.indicators()
	a.line("meaning:")
	for _, slo := range a.slos {
		a.line("  %s:", slo.name)
		a.indent(slo.meaning, "    ")
	}
	a.line("documents: |")
	a.documents()
	a.line("expect: []")
	return a.out.String(), a.resets
}

func (a *author) line(format string, args ...any) { fmt.Fprintf(&a.out, format+"\n", args...) }

func (a *author) indent(text, by string) {
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		a.line("%s%s", by, line)
	}
}

// one is true once in n times.
func (a *author) one(n int) bool { return a.IntN(n) == 0 }

func pick[T any](a *author, from ...T) T { return from[a.IntN(len(from))] }

// instant is one within the traffic, on an edge of so many seconds.
func (a *author) instant(edge time.Duration) time.Time {
	return a.start.Add(time.Duration(a.Int64N(int64(a.end.Sub(a.start))))).Truncate(edge)
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// edge is how finely an instant is chosen.
func (a *author) edge() time.Duration {
	return pick(a, 5*time.Minute, 5*time.Minute, time.Hour, time.Minute, time.Second)
}
