package demo

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the company's plans are in the time of Berlin, wherever the program runs

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// Series are all series of the company, in no particular order. The slice is
// shared: read it, do not change it.
func Series() []Metric { return everything() }

var everything = sync.OnceValue(func() []Metric {
	c := &company{berlin: zone("Europe/Berlin")}
	c.payments()
	c.checkout()
	c.search()
	c.storefront()
	c.gateway()
	c.images()
	c.identity()
	c.email()
	c.databases()
	c.events()
	c.warehouse()
	c.oldReports()
	c.ci()
	c.tickets()
	c.shipping()
	c.recommendations()
	c.tell()
	c.alerts()
	return c.metrics
})

// company is the example company while its series are put together.
type company struct {
	berlin  *time.Location
	metrics []Metric
	stories []*story
}

func zone(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("time zone %s is built in: %v", name, err))
	}
	return location
}

// process is something that is scraped. Its series have the instants of their
// samples and their restarts in common.
type process struct {
	company  *company
	labels   []string // names and values in turn
	seed     seed
	restarts recurrence
	lives    recurrence
}

// process adds a process and its up series. labels are names and values in
// turn; instance is made from them.
func (c *company) process(job string, labels ...string) *process {
	instance := job
	for i := 1; i < len(labels); i += 2 {
		instance += "-" + labels[i]
	}
	p := &process{company: c, labels: append([]string{"job", job, "instance", instance + ":9090"}, labels...)}
	p.seed = seedOf(p.labels...)
	// A release a week, on a working day within office hours.
	p.restarts = scattered{seed: p.seed, every: 7, days: workdays, hours: [2]int64{8, 14}}
	return p
}

func (p *process) metric(name string, more []string) *Metric {
	p.company.metrics = append(p.company.metrics, Metric{
		Labels: labels.FromStrings(append(append([]string{model.MetricNameLabel, name}, p.labels...), more...)...),
		lives:  p.lives,
		offset: p.seed.and(9).among(0, 60_000),
	})
	return &p.company.metrics[len(p.company.metrics)-1]
}

// up adds the series that says whether the process answers.
func (p *process) up() *process {
	m := p.metric("up", nil)
	m.answersDown = true
	m.gauge = func(mo *moment) (float64, bool) {
		if mo.strength[down] > 0 {
			return 0, true
		}
		return 1, true
	}
	return p
}

func (p *process) counter(name string, events func(*moment) float64, more ...string) *Metric {
	m := p.metric(name, more)
	m.events, m.restarts = events, p.restarts
	return m
}

func (p *process) gauge(name string, value func(*moment) float64, more ...string) {
	p.metric(name, more).gauge = func(mo *moment) (float64, bool) { return value(mo), true }
}

// histogram adds the series of a classic histogram.
func (p *process) histogram(name string, l *latency, bounds []float64, more ...string) {
	for _, bound := range append(bounds, math.Inf(1)) {
		p.counter(name+"_bucket", l.upTo(bound), append([]string{"le", le(bound)}, more...)...)
	}
	p.counter(name+"_count", l.count, more...)
	p.counter(name+"_sum", l.sum, more...)
}

func (p *process) native(name string, l *latency) {
	m := p.metric(name, nil)
	m.native, m.restarts = newNative(l), p.restarts
}

// le is a bound as Prometheus 3 stores it: a whole one with its ".0".
func le(bound float64) string {
	if math.IsInf(bound, 1) {
		return "+Inf"
	}
	text := strconv.FormatFloat(bound, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

func (c *company) story(s story) { c.stories = append(c.stories, &s) }

// tell gives every series the stories that concern it.
func (c *company) tell() {
	for i := range c.metrics {
		m := &c.metrics[i]
		for _, s := range c.stories {
			if s.concerns(m.Labels.Get) {
				m.stories = append(m.stories, s)
			}
		}
	}
}

// serviceOf is the documents' name of the service that a job runs.
func serviceOf(job string) string {
	switch job {
	case "storefront":
		return "storefront-web"
	case "image-probe":
		return "image-cdn"
	case "orders-db":
		return "orders-database"
	case "warehouse":
		return "data-warehouse"
	}
	return job
}

// alerts adds the series that Prometheus writes while an alert fires.
func (c *company) alerts() {
	byName := map[string]int{}
	for _, s := range c.stories {
		if s.alert == "" {
			continue
		}
		i, known := byName[s.alert]
		if !known {
			i = len(c.metrics)
			byName[s.alert] = i
			c.metrics = append(c.metrics, Metric{
				Labels: labels.FromStrings(model.MetricNameLabel, "ALERTS", "alertname", s.alert,
					"alertstate", "firing", "severity", "page", "job", s.job, "service", serviceOf(s.job)),
				gauge: func(mo *moment) (float64, bool) { return 1, mo.strength[alerting] > 0 },
				// The alerts of one rule group are evaluated at one instant,
				// whether or not the process they are about answers.
				offset:      seedOf("rules").among(0, 60_000),
				answersDown: true,
			})
		}
		c.metrics[i].stories = append(c.metrics[i].stories, s)
	}
}
