// Package demo generates the history of an example company, the shop Kolibri of provisioning/slas: what its
// Prometheus would have scraped, once a minute, from the processes and stories in company.yaml.
//
// Every sample is a pure function of its instant, so that a history written on Monday and continued on Friday
// is the same as one written on Friday. Stories repeat, so that some lie within the last weeks at any time.
// The package never reads the clock and does not know agreements.
package demo

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	_ "time/tzdata" // the company's plans are in Berlin time, wherever the program runs

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"
)

// version changes whenever a sample does, so that older history is rewritten.
const version = 2

// metrics returns all series of the company, in no order. They are shared: do not change them.
func metrics() []*metric { return kolibri().metrics }

//go:embed company.yaml
var plan []byte

var kolibri = sync.OnceValue(func() *company {
	c := &company{}
	decoder := yaml.NewDecoder(bytes.NewReader(plan))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil {
		panic(fmt.Sprintf("company.yaml is built in: %v", err))
	}
	for _, p := range c.Processes {
		c.addProcess(p)
	}
	for _, m := range c.metrics {
		m.stories = c.concerning(m.labels)
	}
	c.addAlerts()
	return c
})

type company struct {
	Shapes    map[string]*shape
	Processes []*process
	Stories   []*story
	metrics   []*metric
}

// process is a scrape target. Its series share the instants of samples and restarts.
type process struct {
	Job    string
	Labels map[string]string
	// Part says that it is part of another process, which has the up series.
	Part     bool
	Shape    string
	Lives    *scattered // when it exists at all; nil: always
	Restarts *scattered // nil: one release a week
	Streams  []*stream
	Latency  *latency // of the requests of all streams
	Gauges   []struct {
		Series string
		Usual  float64 // the mean on a usual day, where the gauge has one
	}
	labels labels.Labels
	seed   seed
}

func (c *company) addProcess(p *process) {
	p.labels = labels.FromMap(p.Labels)
	names, instance := []string{}, p.Job
	p.labels.Range(func(l labels.Label) {
		names = append(names, l.Name, l.Value)
		instance += "-" + l.Value
	})
	names = append([]string{model.JobLabel, p.Job, model.InstanceLabel, instance + ":9090"}, names...)
	p.labels, p.seed = labels.FromStrings(names...), seedOf(names...)
	if p.Restarts == nil { // on a working day within office hours
		p.Restarts = &scattered{Every: 7, Workdays: true, Hours: [2]int64{8, 14}}
	}
	p.Restarts.Seed = p.seed

	traffic := c.Shapes[p.Shape]
	if !p.Part {
		c.add(p, "up", "", metric{answersDown: true, value: func(mo *moment) float64 { return 1 - math.Min(1, mo.strength[down]) }})
	}
	for _, s := range p.Streams {
		s.seed, s.shape = p.seed.source(s.Noise), traffic
		counts := map[string]func(*moment) float64{"requests": s.requests, "answered": s.answered, "denied": s.denied, "failed": s.failed}
		for _, of := range slices.Sorted(maps.Keys(s.Series)) {
			c.add(p, s.Series[of], "", metric{value: counts[of], restarts: p.Restarts, zeroAbsent: s.Rare && of == "failed"})
		}
	}
	if p.Latency != nil {
		p.Latency.seed, p.Latency.streams, p.Latency.shape = p.seed.source(p.Latency.Noise), p.Streams, traffic
		c.addLatency(p, p.Latency)
	}
	for _, g := range p.Gauges {
		m := c.add(p, g.Series, "", metric{})
		value := gauges[m.labels.Get(model.MetricNameLabel)]
		of := &gauge{seed: p.seed, shape: traffic, usual: g.Usual, dataset: seedOf(m.labels.Get("dataset")), stories: c.concerning(m.labels)}
		m.value = func(mo *moment) float64 { return value(of, mo) }
	}
}

// add adds a series: its name with the suffix, its own labels, and those of the process.
func (c *company) add(p *process, series, suffix string, m metric, more ...string) *metric {
	own, err := parser.NewParser(parser.Options{}).ParseMetric(series)
	if err != nil {
		panic(fmt.Sprintf("company.yaml is built in: %s: %v", series, err))
	}
	all := labels.NewBuilder(p.labels)
	own.Range(func(l labels.Label) { all.Set(l.Name, l.Value) })
	all.Set(model.MetricNameLabel, own.Get(model.MetricNameLabel)+suffix)
	for i := 0; i < len(more); i += 2 {
		all.Set(more[i], more[i+1])
	}
	m.labels, m.lives, m.offset = all.Labels(), p.Lives, p.seed.source(10).among(0, 60_000)
	c.metrics = append(c.metrics, &m)
	return &m
}

func (c *company) addLatency(p *process, l *latency) {
	if l.Bounds == nil {
		c.add(p, l.Series, "", metric{native: newNative(l), restarts: p.Restarts})
		return
	}
	for _, bound := range append(slices.Clone(l.Bounds), math.Inf(1)) {
		c.add(p, l.Series, "_bucket", metric{value: l.upTo(bound), restarts: p.Restarts}, model.BucketLabel, labels.FormatOpenMetricsFloat(bound))
	}
	c.add(p, l.Series, "_count", metric{value: l.count, restarts: p.Restarts})
	c.add(p, l.Series, "_sum", metric{value: l.sum, restarts: p.Restarts})
}

func (c *company) concerning(series labels.Labels) (all []*story) {
	for _, s := range c.Stories {
		only := labels.NewBuilder(series)
		for name, value := range s.Only {
			only.Set(name, value)
		}
		if series.Get(model.JobLabel) == s.Job && labels.Equal(only.Labels(), series) {
			all = append(all, s)
		}
	}
	return all
}

// addAlerts adds the series that Prometheus writes while an alert fires.
func (c *company) addAlerts() {
	byName := map[string]*metric{}
	for _, s := range c.Stories {
		if s.Alert == "" {
			continue
		}
		if byName[s.Alert] == nil {
			byName[s.Alert] = &metric{
				labels: labels.FromStrings(model.MetricNameLabel, "ALERTS", model.AlertNameLabel, s.Alert, "alertstate", "firing",
					"severity", "page", model.JobLabel, s.Job, "service", cmp.Or(s.Service, s.Job)),
				value:      func(mo *moment) float64 { return math.Min(1, mo.strength[alerting]) },
				zeroAbsent: true,
				// A rule group is evaluated at one instant, whether or not the process answers.
				offset:      seedOf("rules").among(0, 60_000),
				answersDown: true,
			}
			c.metrics = append(c.metrics, byName[s.Alert])
		}
		byName[s.Alert].stories = append(byName[s.Alert].stories, s)
	}
}

// gauge is what the value of a gauge depends on.
type gauge struct {
	seed    seed
	shape   *shape
	usual   float64
	dataset seed // noise of its label dataset
	stories []*story
}

var gauges = map[string]func(*gauge, *moment) float64{
	"search_index_age_seconds": func(g *gauge, mo *moment) float64 {
		return float64(mo.minute%10)*60 + g.seed.within(mo.minute, 20, 90) + mo.strength[lagging]
	},
	"queue_delay_seconds": func(g *gauge, mo *moment) float64 {
		return g.seed.within(mo.minute, 1, 6) + 2*g.shape[mo.week] + mo.strength[lagging]*g.seed.source(2).within(mo.minute, 0.8, 1.2)
	},
	"pg_replication_lag_seconds": func(g *gauge, mo *moment) float64 {
		batch := 4 * g.shape[mo.week] / 10
		return g.seed.within(mo.minute, 0.2, 1.5) + batch + mo.strength[lagging]
	},
	"image_probe_success_ratio": func(g *gauge, mo *moment) float64 {
		// One of twenty probes fails now and then.
		usual := 0.05 * math.Floor(g.seed.at(mo.minute)+0.02)
		return math.Max(0, 1-usual-mo.strength[failing])
	},
	"cdn_edge_error_ratio": func(g *gauge, mo *moment) float64 {
		return math.Min(1, g.seed.within(mo.minute, 0.5, 1.5)*g.usual+mo.strength[failing])
	},
	"warehouse_freshness_seconds": func(g *gauge, mo *moment) float64 {
		loaded := g.loaded(dayOf(mo.minute))
		if mo.minute < loaded {
			loaded = g.loaded(dayOf(mo.minute) - 1)
		}
		return float64(mo.minute-loaded) * 60
	},
}

// loaded returns the minute at which a dataset was ready: about 05:00 UTC, or the end of its late load.
func (g *gauge) loaded(day int64) int64 {
	minute := day*minutesPerDay + 5*60 + g.seed.source(uint64(g.dataset)+1).among(day, 20)
	for _, o := range g.stories[0].on(day) {
		if dayOf(o.from) == day {
			minute = o.to
		}
	}
	return minute
}
