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
	a.interval = pick(a, 60*time.Second, 60*time.Second, 60*time.Second, 30*time.Second)
	a.resolution = pick(a, 5*time.Minute, 5*time.Minute, 5*time.Minute, time.Minute, 10*time.Minute)
	a.resets = a.one(4)
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

// series writes requests by region, consumer and code, a histogram, and gauges.
func (a *author) series() {
	regions := []string{"eu", "us", "ap"}[:1+a.IntN(3)]
	for i, region := range regions {
		for _, consumer := range []string{"shop", "search"}[:1+a.IntN(2)] {
			labels := fmt.Sprintf("job: api, region: %s, consumer: %s", region, consumer)
			offset := a.IntN(int(a.interval.Seconds()))
			life := a.life(i > 0)
			a.counter("http_requests_total", labels+`, code: "200"`, offset, life, a.traffic(20))
			if a.one(3) {
				a.counter("http_requests_total", labels+`, code: "404"`, offset, life, a.traffic(5))
			}
			if !a.one(5) {
				a.counter("http_requests_total", labels+`, code: "500"`, offset+a.IntN(2), a.life(a.one(3)), a.errors())
			}
			a.counter("latency_seconds_count", labels, offset, life, "      - {every: 30s, add: 10}\n"+a.bursts(2))
			a.counter("latency_seconds_bucket", labels+`, le: "0.25"`, offset, life, "      - {every: 30s, add: 9}\n")
			a.counter("latency_seconds_bucket", labels+`, le: "+Inf"`, offset, life, "      - {every: 30s, add: 10}\n")
			a.gauge("queue_delay_seconds", labels, a.IntN(60), a.life(i > 0), 0, 60)
		}
		a.gauge("probe_ratio", fmt.Sprintf("job: probe, region: %s", region), a.IntN(60), a.life(i > 0), 0, 1)
		a.gauge("up", fmt.Sprintf("job: api, region: %s", region), a.IntN(60), a.life(i > 0), -1, 1)
	}
	a.counter("http_requests_total", `job: health, code: "200", region: eu, consumer: shop`, a.IntN(30), "", a.traffic(4))
}

// life is when a series is there.
func (a *author) life(changing bool) string {
	var life strings.Builder
	if changing && a.one(2) {
		fmt.Fprintf(&life, "      - {born: %q}\n", stamp(a.instant(a.edge())))
	}
	if changing && a.one(3) {
		fmt.Fprintf(&life, "      - {gone: %q}\n", stamp(a.instant(a.edge())))
	}
	for range a.IntN(3) {
		from := a.instant(a.edge())
		until := from.Add(pick(a, 2*time.Minute, 4*time.Minute, 7*time.Minute, 25*time.Minute, 3*time.Hour))
		fmt.Fprintf(&life, "      - {absent: {from: %q, until: %q}}\n", stamp(from), stamp(until))
	}
	return life.String()
}

func (a *author) counter(name, labels string, offset int, life, generators string) {
	a.line("  - labels: {__name__: %s, %s}", name, labels)
	a.line("    offset: %ds", offset)
	a.line("    generators:")
	a.out.WriteString(life + generators)
	if a.resets && a.one(2) {
		a.line("      - {reset: %q}", stamp(a.instant(a.edge())))
	}
}

func (a *author) traffic(n int) string {
	every := pick(a, "10s", "20s", "60s", "90s", "5m")
	if a.one(2) {
		return fmt.Sprintf("      - {every: %s, add: %d}\n", every, 1+a.IntN(n))
	}
	return fmt.Sprintf("      - {every: %s, add: %d, daily: {from: %q, until: %q, timeZone: %s}}\n", every, 1+a.IntN(n),
		pick(a, "06:00", "08:30", "20:00"), pick(a, "22:00", "17:45", "05:00"), a.zone())
}

func (a *author) errors() string {
	return fmt.Sprintf("      - {every: %s, add: %d}\n", pick(a, "5m", "10m", "1h", "6h"), 1+a.IntN(5)) + a.bursts(4)
}

func (a *author) bursts(n int) string {
	var bursts strings.Builder
	for range a.IntN(n) {
		fmt.Fprintf(&bursts, "      - {at: %q, add: %d}\n", stamp(a.instant(a.edge())), pick(a, 1, 5, 40, 300, 2000))
	}
	return bursts.String()
}

// gauge has whole values from low to high, or any with high 1.
func (a *author) gauge(name, labels string, offset int, life string, low, high int) {
	a.line("  - labels: {__name__: %s, %s}", name, labels)
	a.line("    type: gauge")
	a.line("    offset: %ds", offset)
	a.line("    generators:")
	a.line("      - {set: %d}", min(1, max(low, high)))
	for range 1 + a.IntN(4) {
		from := a.instant(a.edge())
		until := from.Add(pick(a, time.Minute, 12*time.Minute, 47*time.Minute, 5*time.Hour))
		value := fmt.Sprint(max(0, low+a.IntN(high-low+1)))
		if name == "probe_ratio" {
			value = pick(a, "0", "0.25", "0.5", "0.9", "0.975", "1")
		}
		a.line("      - {set: %s, from: %q, until: %q}", value, stamp(from), stamp(until))
	}
	a.out.WriteString(life)
}

func (a *author) zone() string {
	return pick(a, "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Sydney")
}
