package conformance

import (
	"fmt"
	"strings"
	"time"
)

// series writes requests by region, consumer, pod and code, a histogram, and
// gauges.
func (a *author) series() {
	if a.one(3) {
		a.outage = a.absence(pick(a, 20*time.Minute, 4*time.Hour, 23*time.Hour, 25*time.Hour))
	}
	regions := []string{"eu", "us", "ap"}[:1+a.IntN(3)]
	for i, region := range regions {
		for _, consumer := range []string{"shop", "search"}[:1+a.IntN(2)] {
			labels := fmt.Sprintf("job: api, region: %s, consumer: %s", region, consumer)
			if a.one(4) {
				a.pod(labels, a.life(i > 0), i > 0)
			} else {
				a.pods(labels, fmt.Sprintf("%s-%s", region, consumer), i > 0)
			}
			a.gauge("queue_delay_seconds", labels, a.offset(), a.life(i > 0), 0, 60)
		}
		a.gauge("probe_ratio", fmt.Sprintf("job: probe, region: %s", region), a.offset(), a.life(i > 0), 0, 1)
		a.gauge("up", fmt.Sprintf("job: api, region: %s", region), a.offset(), a.life(i > 0), -1, 1)
	}
	a.counter("http_requests_total", `job: health, code: "200", region: eu, consumer: shop`, a.offset(), "", a.traffic(4))
}

// pods are one after another, or one that restarts or is relabelled; each may say
// when its process started, though not all do so truly.
func (a *author) pods(labels, name string, changing bool) {
	at := a.instant(a.edge())
	first, second := fmt.Sprintf("%s, instance: %q", labels, name+"-0:80"), fmt.Sprintf("%s, instance: %q", labels, name+"-1:80")
	gone, born := a.lifeLine("gone", at), a.lifeLine("born", at.Add(pick(a, 0, -90*time.Second, 2*time.Minute, 6*time.Minute)))
	life := a.life(changing)
	started := a.start.Add(-time.Hour)
	switch a.IntN(4) {
	case 0:
		a.started(first, life, started)
		a.pod(first, life, changing)
	case 1: // rolls
		a.pod(first, life+gone, changing)
		a.pod(second, life+born, changing)
		a.started(second, life+born, pick(a, at, at, at.Add(-time.Hour)))
	case 2: // is relabelled, and goes on with all it had
		a.started(first, life, started)
		a.pod(first, life+gone, changing)
		a.pod(first+", zone: b", life+a.lifeLine("born", at)+fmt.Sprintf("      - {at: %q, add: %d}\n", stamp(at), pick(a, 7, 5000)), changing)
	case 3: // restarts
		if a.resets {
			life += a.lifeLine("reset", at)
		}
		a.started(first, strings.ReplaceAll(life, a.lifeLine("reset", at), ""), started, at)
		a.pod(first, life, changing)
	}
}

// pod writes the counters of one program. Children of an error may come late, and
// so may the good bucket, unless no other would have it; where nothing tells when
// what it began with happened, its slot is unknown, and to the oracle it is not.
func (a *author) pod(labels, life string, changing bool) {
	offset := a.offset()
	a.counter("http_requests_total", labels+`, code: "200"`, offset, life, a.traffic(20))
	if a.one(3) {
		a.counter("http_requests_total", labels+`, code: "404"`, offset, life, a.traffic(5))
	}
	if !a.one(5) {
		a.counter("http_requests_total", labels+`, code: "500"`, offset+a.IntN(2), life+a.life(a.one(3))+a.lateChild(), a.errors())
	}
	bound := ""
	if changing && a.one(2) && a.interval < lookback && a.outage == "" {
		bound = a.lifeLine("born", a.instant(a.edge()))
	}
	a.counter("latency_seconds_count", labels, offset, life, "      - {every: 30s, add: 10}\n"+a.bursts(2))
	a.counter("latency_seconds_bucket", labels+`, le: "0.25"`, offset, life+bound, "      - {every: 30s, add: 9}\n")
	a.counter("latency_seconds_bucket", labels+`, le: "+Inf"`, offset, life, "      - {every: 30s, add: 10}\n")
}

// lateChild is made by its first error.
func (a *author) lateChild() string {
	if !a.one(2) {
		return ""
	}
	at := a.instant(a.edge())
	return a.lifeLine("born", at) + fmt.Sprintf("      - {at: %q, add: %d}\n", stamp(at), pick(a, 1, 4, 40))
}

func (a *author) lifeLine(what string, at time.Time) string {
	return fmt.Sprintf("      - {%s: %q}\n", what, stamp(at))
}

func (a *author) absence(length time.Duration) string {
	from := a.instant(a.edge())
	return fmt.Sprintf("      - {absent: {from: %q, until: %q}}\n", stamp(from), stamp(from.Add(length)))
}

// life is when a series is there.
func (a *author) life(changing bool) string {
	life := a.outage
	if changing && a.one(2) {
		life += a.lifeLine("born", a.instant(a.edge()))
	}
	if changing && a.one(3) {
		life += a.lifeLine("gone", a.instant(a.edge()))
	}
	for range a.IntN(3) {
		life += a.absence(pick(a, 2*time.Minute, 4*time.Minute, 7*time.Minute, 25*time.Minute, 3*time.Hour))
	}
	return life
}

// started says since when the processes of the target run, one after another.
func (a *author) started(labels, life string, since ...time.Time) {
	if a.one(3) {
		return
	}
	instance := labels[strings.Index(labels, "instance"):]
	a.line("  - labels: {__name__: process_start_time_seconds, job: api, %s}", instance)
	a.line("    type: gauge")
	a.line("    offset: %ds", a.IntN(10))
	a.line("    generators:")
	a.line("      - {set: %d}", since[0].Unix())
	for _, again := range since[1:] {
		a.line("      - {set: %d, from: %q}", again.Unix(), stamp(again))
	}
	a.out.WriteString(life)
}

func (a *author) counter(name, labels string, offset int, life, generators string) {
	a.line("  - labels: {__name__: %s, %s}", name, labels)
	a.line("    offset: %ds", offset)
	a.line("    generators:")
	a.out.WriteString(life + generators)
	if a.resets && a.one(3) {
		a.out.WriteString(a.lifeLine("reset", a.instant(a.edge())))
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
	if !a.one(3) {
		a.line("      - {set: %d}", min(1, max(low, high)))
	}
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
	return pick(a, "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia", "America/Havana", "Pacific/Kiritimati", "Asia/Kolkata", "America/Santiago", "Atlantic/Azores")
}

// offset is that of the first scrape: often none, so that samples lie on edges of slots.
func (a *author) offset() int {
	if a.one(3) {
		return 0
	}
	return a.IntN(int(a.interval.Seconds()))
}
