package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// indicators are all the kinds of SLI there are.
func (a *author) indicators() {
	api := `{__name__: http_requests_total, job: api}`
	a.slos = []writtenSLO{
		{name: "errors", meaning: "total: [" + api + "]\nbad: [{__name__: http_requests_total, job: api, code: \"~5..\"}]",
			spec: a.ratio("bad", `sum(rate(http_requests_total{job="api",code=~"5.."}[5m])) or vector(0)`, `sum(rate(http_requests_total{job="api"}[5m]))`)},
		{name: "successes", meaning: "total: [" + api + "]\ngood: [{__name__: http_requests_total, job: api, code: \"!~5..\"}]",
			spec: a.ratio("good", `http_requests_total{job="api",code!~"5.."}`, `sum(http_requests_total{job="api"})`)},
		{name: "difference", meaning: "total: {plus: [" + api + ", {__name__: http_requests_total, job: health}], minus: [{__name__: http_requests_total, job: api, code: \"404\"}]}\n" +
			"bad: [{__name__: http_requests_total, job: api, code: \"~5..\"}]",
			spec: a.ratio("bad", `sum(increase(http_requests_total{job="api",code=~"5.."}[$window]))`,
				`sum(rate(http_requests_total{job="api"}[5m])) + sum(rate(http_requests_total{job="health"}[5m])) - sum(rate(http_requests_total{job="api",code="404"}[5m]))`)},
		{name: "latency", meaning: "total: [{__name__: latency_seconds_count}]\ngood: [{__name__: latency_seconds_bucket, le: \"0.25\"}]",
			spec: a.ratio("good", `sum(rate(latency_seconds_bucket{le="0.25"}[{{.window}}]))`, `sum(rate(latency_seconds_count[{{.window}}]))`)},
		{name: "queue", isTime: true, oneValue: true, meaning: "gauge: {__name__: queue_delay_seconds, consumer: shop}\nis: threshold",
			spec: `thresholdMetric: {metricSource: {type: Prometheus, spec: {query: 'queue_delay_seconds{consumer="shop"}'}}}`},
		{name: "up", isTime: true, oneValue: true, meaning: "gauge: {__name__: up, job: api}\nis: threshold",
			spec: `thresholdMetric: {metricSource: {type: Prometheus, spec: {query: 'up{job="api"}'}}}`},
		{name: "probe-ok", isTime: true, oneValue: true, meaning: "gauge: {__name__: probe_ratio}\nis: success",
			spec: `ratioMetric: {rawType: success, raw: {metricSource: {type: Prometheus, spec: {query: 'probe_ratio'}}}}`},
		{name: "probe-failed", isTime: true, oneValue: true, meaning: "gauge: {__name__: probe_ratio}\nis: failure",
			spec: `ratioMetric: {rawType: failure, raw: {metricSource: {type: Prometheus, spec: {query: 'probe_ratio'}}}}`},
	}
}

func (a *author) ratio(kind, part, total string) string {
	source := func(query string) string { return "{metricSource: {type: Prometheus, spec: {query: '" + query + "'}}}" }
	return "ratioMetric:\n  counter: true\n  " + kind + ": " + source(part) + "\n  total: " + source(total)
}

// documents writes them all, indented for a block of text.
func (a *author) documents() {
	outer := a.out
	a.out = strings.Builder{}
	for _, service := range []string{"api", "other"} {
		a.line("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: %s}\nspec: {description: A service}\n---", service)
	}
	for _, team := range []string{"payments", "checkout", "search"} {
		a.line("apiVersion: accord/v1\nkind: Team\nmetadata: {name: %s}\nspec:\n  contacts:\n    - {name: %s-mail, type: email, target: %s@example.org}\n---", team, team, team)
	}
	for _, slo := range a.slos {
		a.slo(slo)
	}
	a.calendar()
	for i := range 2 {
		a.agreement(i)
	}
	for i := range 1 + a.IntN(4) {
		a.exclusion(i)
	}
	written := strings.TrimSuffix(a.out.String(), "---\n")
	a.out = strings.Builder{}
	a.out.WriteString(outer.String())
	a.indent(written, "  ")
}

func (a *author) slo(slo writtenSLO) {
	a.line("apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: %s}\nspec:\n  service: api\n  indicator:\n    metadata: {name: %s-sli}\n    spec:", slo.name, slo.name)
	a.indent(slo.spec, "      ")
	a.line("  timeWindow:\n    - {duration: %s, isRolling: true}", pick(a, "1d", "2d", "6h"))
	a.line("  budgetingMethod: Occurrences\n  objectives:")
	judged := ""
	switch slo.name {
	case "queue":
		judged = fmt.Sprintf(", op: %s, value: %d", pick(a, "lte", "lt", "gte", "gt"), 1+a.IntN(30))
	case "up":
		judged = ", op: gte, value: 1"
	}
	a.line("    - {displayName: %s, target: %s%s}\n---", slo.name, a.target(), judged)
}

func (a *author) target() string {
	return pick(a, "0.5", "0.9", "0.93", "0.95", "0.97", "0.98", "0.99", "0.995", "0.999", "1")
}

func (a *author) calendar() {
	a.line("apiVersion: accord/v1\nkind: Calendar\nmetadata: {name: office}\nspec:\n  timeZone: %s\n  weekly:", a.zone())
	a.line("    - {days: [mon, tue, wed, thu], from: %q, to: %q}", pick(a, "00:00", "08:00", "01:30"), pick(a, "18:00", "17:02", "24:00"))
	a.line("    - {days: [mon, fri], from: \"07:07\", to: \"12:00\"}")
	a.line("    - {days: [sat, sun], from: %q, to: %q}", pick(a, "00:00", "01:30", "02:15"), pick(a, "02:45", "04:00", "24:00"))
	day := a.instant(time.Hour)
	a.line("  holidays:\n    - {on: %s, name: A day}\n    - {yearly: %s, name: Another}\n---", day.Format(time.DateOnly), a.instant(time.Hour).Format("01-02"))
}

func (a *author) agreement(i int) {
	a.line("apiVersion: accord/v1\nkind: Agreement\nmetadata: {name: agreement-%d}\nspec:", i)
	a.line("  service: api\n  provider: payments\n  consumers: [%s]\n  stage: active", pick(a, "checkout", "checkout, search"))
	a.line("  timeZone: %s", a.zone())
	from, until := "2026-01-01", ""
	if a.one(3) {
		from = a.date()
	}
	if a.one(4) {
		until = ", until: " + stamp(a.end.Add(time.Duration(a.IntN(18)-12)*time.Hour+a.edge()))
	}
	a.line("  effective: {from: %s%s}", from, until)
	if a.one(3) {
		a.line("  supportHours: office")
	}
	a.line("  objectives:")
	for j := range 3 + a.IntN(3) {
		a.objective(j)
	}
	a.line("---")
}

// date is the second day of the traffic, or an instant of the first.
func (a *author) date() string {
	t := a.start.Add(time.Duration(a.IntN(secondsADay)) * time.Second).Truncate(a.edge())
	if a.one(2) {
		return stamp(t)
	}
	return a.start.AddDate(0, 0, 1).Format(time.DateOnly)
}

func (a *author) objective(j int) {
	slo := pick(a, a.slos...)
	a.line("    - name: objective-%d\n      slo: %s", j, slo.name)
	if a.one(2) {
		a.line("      target: %s", a.target())
	}
	if !a.one(3) {
		a.line("      window: %s", a.window())
	}
	switch {
	case a.one(3):
		a.line("      budgetingMethod: Timeslices\n      timeSliceTarget: %s\n      timeSliceWindow: %s", pick(a, "0.5", "0.9", "0.93", "0.95", "0.99", "1"), a.slice(slo.isTime))
	case a.one(4):
		a.line("      budgetingMethod: RatioTimeslices\n      timeSliceWindow: %s", a.slice(slo.isTime))
	}
	switch {
	case slo.oneValue && a.one(2):
		a.line("      groupBy: [region]")
	case slo.oneValue:
		a.line("      select: {region: eu}")
	case a.one(4):
		a.line("      groupBy: [%s]", pick(a, "region", "region, consumer", "consumer"))
	case a.one(3):
		a.line("      select: {consumer: shop}")
	}
	// In which minute of its first slot a group of a gauge began is not kept, which
	// matters where a sample does not stand until the slot's end.
	if a.one(2) && !(slo.isTime && a.resolution > lookback) {
		a.line("      noData: %s", pick(a, "ignore", "good", "bad"))
	}
	if a.one(4) {
		a.line("      minCoverage: %s", pick(a, "0.5", "0.9", "1"))
	}
	if a.one(6) {
		a.line("      minEvents: %d", pick(a, 10, 1000, 100000))
	}
	if a.one(4) {
		a.revisions()
	}
}

// slice is the length of one: slots divide it, or it divides them.
func (a *author) slice(isTime bool) string {
	lengths := []time.Duration{30 * time.Second, time.Minute, 3 * time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}
	if isTime {
		lengths = lengths[1:]
	}
	return agreement.FormatDuration(pick(a, slices.DeleteFunc(lengths, func(length time.Duration) bool {
		return length%a.resolution != 0 && a.resolution%length != 0
	})...))
}

func (a *author) revisions() {
	first := a.instant(a.edge())
	a.line("      revisions:")
	a.line("        - {from: %s, target: %s, reason: Agreed, approvedBy: [payments, checkout]}", stamp(first), a.target())
	if a.one(2) {
		a.line("        - {from: %s, target: %s, reason: Agreed again, approvedBy: [payments, checkout]}", first.AddDate(0, 0, 2).Format(time.DateOnly), a.target())
	}
}

func (a *author) window() string {
	if a.one(2) {
		return "{rolling: " + pick(a, "1h", "90m", "6h", "1d", "36h", "2d", "7d", "30d", "100d") + "}"
	}
	return "{calendar: " + pick(a, "day", "day", "day", "week", "month", "month", "quarter", "year") + "}"
}

func (a *author) exclusion(i int) {
	from := a.instant(a.edge())
	to := from.Add(pick(a, 45*time.Second, 150*time.Second, 10*time.Minute, time.Hour, 3*time.Hour, 14*time.Hour))
	a.line("apiVersion: accord/v1\nkind: Exclusion\nmetadata: {name: exclusion-%d}\nspec:\n  reason: Planned work\n  category: maintenance", i)
	zone := a.zone()
	if a.one(3) {
		first := from.AddDate(0, 0, -7)
		in, _ := time.LoadLocation(zone)
		local := first.In(in)
		weekday := strings.ToUpper(local.Format("Mon")[:2])
		a.line("  recurrence: %s", pick(a, "FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY;BYDAY="+weekday, "FREQ=WEEKLY",
			"FREQ=DAILY;COUNT=9", fmt.Sprintf("FREQ=MONTHLY;BYDAY=%d%s", (local.Day()-1)/7+1, weekday)))
		a.line("  timeZone: %s", zone)
		to = first.Add(min(to.Sub(from), 3*time.Hour))
		from = first
	}
	a.line("  from: %s\n  to: %s", stamp(from), stamp(to))
	a.line("  %s", pick(a, "services: [api]", "services: [api]", "agreements: [agreement-0]", "agreements: [agreement-1]", "services: [other]\n  agreements: [agreement-0, agreement-1]"))
	a.line("  mode: %s", pick(a, "exclude", "exclude", "good"))
	a.line("  requestedBy: payments")
	a.line("%s---", pick(a, "", "  approvedBy: search\n", "  approvedBy: checkout\n", "  approvedBy: checkout\n", "  approvedBy: checkout\n"))
}
