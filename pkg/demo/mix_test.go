package demo

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// promise is an objective of the documents in the plainest terms: how much of
// its error budget is spent, without a zone's finer points. It is here to see
// that the example company stays worth looking at, whatever the date.
type promise struct {
	agreement  string
	total, bad []string // selectors; bad are the good ones when inverted
	inverted   bool
	bound      float64 // of a gauge: above it is bad
	target     float64
	days       int // a rolling window; 0: the calendar month
	officeOnly bool
}

const testDays = 365

var promises = []promise{
	{agreement: "ci-for-engineering", total: []string{`ci_job_queue_seconds_count`}, bad: []string{`ci_job_queue_seconds_bucket{le="60"}`},
		inverted: true, target: 0.95, days: 30, officeOnly: true},
	{agreement: "checkout-for-storefront", total: []string{`http_requests_total{job="checkout-api",region="eu"}`},
		bad: []string{`http_requests_total{job="checkout-api",region="eu",code="500"}`}, target: 0.998, days: 28},
	{agreement: "payments-for-checkout", total: []string{`http_requests_total{job="payments-api",consumer="checkout"}`},
		bad: []string{`http_requests_total{job="payments-api",consumer="checkout",code="503"}`}, target: 0.999},
	{agreement: "search-for-storefront", total: []string{`grpc_server_handled_total{grpc_code!="Canceled"}`},
		bad: []string{`grpc_server_handled_total{grpc_code=~"DeadlineExceeded|Internal"}`}, target: 0.995, days: 90},
	{agreement: "warehouse-for-finance", total: []string{`warehouse_freshness_seconds{dataset="sales"}`}, bound: 93600, target: 0.97, days: 5, officeOnly: true},
	{agreement: "edge-gateway-availability", total: []string{`http_requests_total{job="edge-gateway"}`},
		bad: []string{`http_requests_total{job="edge-gateway",code="502"}`}, target: 0.9995, days: 30},
}

// spent is the share of the budget that is gone, at noon of each day of a year.
func (p promise) spent(t *testing.T) []float64 {
	total, bad := newTally(), newTally()
	total.add(t, p, p.total, p.amount(0))
	switch {
	case p.bound > 0:
		bad.add(t, p, p.total, p.amount(p.bound))
	case p.inverted:
		bad.add(t, p, p.total, p.amount(0))
		bad.subtract(t, p, p.bad)
	default:
		bad.add(t, p, p.bad, p.amount(0))
	}
	var spent []float64
	for day := range testDays {
		noon := tallied.AddDate(0, 0, lead+day).Add(12 * time.Hour)
		from := noon.AddDate(0, 0, -p.days)
		if p.days == 0 {
			from = time.Date(noon.Year(), noon.Month(), 1, 0, 0, 0, 0, time.UTC)
		}
		if events := total.between(from, noon); events > 0 {
			spent = append(spent, bad.between(from, noon)/events/(1-p.target))
		}
	}
	return spent
}

// amount is what a sample adds: the increase of a counter, or a minute of a
// gauge that is above the bound.
func (p promise) amount(bound float64) func(value, before float64) float64 {
	return func(value, before float64) float64 {
		switch {
		case p.bound > 0 && value > bound:
			return 1
		case p.bound > 0 || math.IsNaN(before):
			return 0
		case value < before:
			return value
		}
		return value - before
	}
}

// tally adds up from tallied on: before the year that is looked at comes the
// longest window.
type tally struct{ minutes []float64 }

const lead = 100 // days

var tallied = monday.AddDate(0, 0, -lead)

func newTally() *tally {
	return &tally{make([]float64, (lead+testDays)*minutesPerDay)}
}

func (y *tally) add(t *testing.T, p promise, selectors []string, amount func(value, before float64) float64) {
	for _, selector := range selectors {
		for _, m := range matching(t, selector) {
			before := math.NaN()
			for millis, value := range m.samples(tallied, monday.AddDate(0, 0, testDays)) {
				at := time.UnixMilli(millis)
				if !p.officeOnly || inOffice(at) {
					y.minutes[int(at.Sub(tallied).Minutes())] += amount(value, before)
				}
				before = value
			}
		}
	}
}

func (y *tally) subtract(t *testing.T, p promise, selectors []string) {
	y.add(t, p, selectors, func(value, before float64) float64 { return -p.amount(0)(value, before) })
}

func (y *tally) between(from, to time.Time) float64 {
	sum := 0.0
	for _, n := range y.minutes[int(from.Sub(tallied).Minutes()):int(to.Sub(tallied).Minutes())] {
		sum += n
	}
	return sum
}

// inOffice is roughly an office's hours in Berlin.
func inOffice(at time.Time) bool {
	local := at.UTC().Add(time.Hour)
	return local.Weekday() != time.Sunday && local.Weekday() != time.Saturday && local.Hour() >= 8 && local.Hour() < 18
}

func TestTheReportShowsAMixOnAnyDayOfAYear(t *testing.T) {
	breached := make([]int, testDays)
	states := map[string]map[string]int{}
	for _, p := range promises {
		states[p.agreement] = map[string]int{}
		for day, spent := range p.spent(t) {
			switch {
			case spent > 1:
				breached[day]++
				states[p.agreement]["breached"]++
			case spent > 0.75:
				states[p.agreement]["at_risk"]++
			default:
				states[p.agreement]["met"]++
			}
		}
	}
	assert.Equal(t, testDays, states["ci-for-engineering"]["breached"], "always breached")
	assert.Equal(t, testDays, states["checkout-for-storefront"]["at_risk"], "always at risk")
	for _, agreement := range []string{"search-for-storefront", "edge-gateway-availability"} {
		assert.Equal(t, testDays, states[agreement]["met"], "%s: always met", agreement)
	}
	for _, agreement := range []string{"payments-for-checkout", "warehouse-for-finance"} {
		for _, state := range []string{"met", "at_risk", "breached"} {
			assert.Positive(t, states[agreement][state], "%s: now %s", agreement, state)
		}
		assert.Less(t, states[agreement]["breached"], testDays*2/3, agreement)
	}
	for day, n := range breached {
		assert.LessOrEqual(t, n, 3, "breached on day %d", day)
	}
}
