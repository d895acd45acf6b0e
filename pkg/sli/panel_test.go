package sli_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/sli"
)

func TestThePanelsQueryIsReadAsWhatItCounts(t *testing.T) {
	for _, of := range []struct {
		name, query string
		total, part string
		good        bool
	}{
		{"a rate is the total, whose part has to be chosen", `sum by (code) (rate(http_requests_total{job="api"}[$__rate_interval]))`, `http_requests_total{job="api"}`, "", false},
		{"a bare counter, too", `http_requests_total`, "http_requests_total", "", false},
		{"a ratio of errors in percent", `sum(rate(a_total{code=~"5.."}[5m])) / sum(rate(a_total[5m])) * 100`, "a_total", `a_total{code=~"5.."}`, false},
		{"a ratio of what is good", `sum(rate(jobs_succeeded_total[$__interval])) / sum(rate(jobs_total[$__interval]))`, "jobs_total", "jobs_succeeded_total", true},
		{"an availability, as one less the errors", `100 * (1 - sum(increase(errors_total[1h])) / sum(increase(all_total[1h])))`, "all_total", "errors_total", false},
		{"an availability, as one less what was lost", `1 - rate(lost_total[1h]) / rate(all_total[1h])`, "all_total", "lost_total", false},
		{"a rate of failures, as one less what went well", `1 - rate(succeeded_total[1h]) / rate(all_total[1h])`, "all_total", "succeeded_total", true},
		{"a count of several metrics", `sum(rate(err_total[$x])) / (sum(rate(a_total[$x])) + sum(rate(b_total[$x])))`,
			"(sum(rate(a_total[5m])) + sum(rate(b_total[5m])))", "err_total", false},
	} {
		p, ok := sli.ReadPanel(of.query)
		assert.True(t, ok, of.name)
		assert.Equal(t, []any{of.total, of.part, of.good, false}, []any{p.Total.Query, p.Part.Query, p.PartIsGood, p.IsHistogram}, of.name)
	}
	p, ok := sli.ReadPanel(`histogram_quantile(0.95, sum(rate(http_seconds_bucket{job="api", le=~".+"}[$__rate_interval])) by (le))`)
	assert.True(t, ok && p.IsHistogram)
	assert.Equal(t, "http_seconds_bucket", p.Total.Metric)
	for _, value := range []string{`avg(queue_length{queue="mail"})`, "rate(process_memory_bytes[5m]) > 3", "sum(rate(", "", "queue_length", "$metric", `sum(rate(a_total[5m]))[1h:]`, "1 - 2"} {
		_, ok := sli.ReadPanel(value)
		assert.False(t, ok, value)
	}
}
