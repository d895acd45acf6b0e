package prometheus

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/accord-sla/accord/pkg/sli"
)

// Engine is what answers at the address, and what it can count with.
type Engine struct {
	// Name for people: Prometheus, VictoriaMetrics, Grafana Mimir, …
	Name string
	// Version as the engine reports it, empty when it does not. Nothing is
	// ever decided by it.
	Version string
	// Method of counting counters.
	Method sli.Method
	// Histograms: native histograms can be asked for.
	Histograms bool
	// HistogramMethod counts native histograms whatever the engine: Offset,
	// empty without Histograms. [Client.HistogramMethod] may find a better one
	// for a series, which only a trial on its samples can tell.
	HistogramMethod sli.Method
}

// histogramTrial is a query that an engine with native histograms answers.
const histogramTrial = `histogram_count(vector(1))`

// trialTime is when trial queries are evaluated: they read nothing, because no
// server has samples of then.
var trialTime = time.Unix(1_000_000_000, 0)

type probedEngine struct {
	turn       chan struct{} // one probe at a time
	known      atomic.Pointer[Engine]
	histograms atomic.Pointer[sli.Method]
}

// Engine asks the server what it is and can do, once: an answer is remembered
// as long as the client, a failure is not.
func (c *Client) Engine(ctx context.Context) (Engine, error) {
	if known := c.engine.known.Load(); known != nil {
		return *known, nil
	}
	select {
	case c.engine.turn <- struct{}{}:
		defer func() { <-c.engine.turn }()
	case <-ctx.Done():
		return Engine{}, c.broken(question{asked: "which engine it is"}, ctx.Err(), Canceled)
	}
	if known := c.engine.known.Load(); known != nil {
		return *known, nil
	}
	engine, err := c.probe(ctx)
	if err != nil {
		return Engine{}, err
	}
	c.engine.known.Store(&engine)
	return engine, nil
}

func (c *Client) probe(ctx context.Context) (Engine, error) {
	method, err := c.probeMethod(ctx)
	if err != nil {
		return Engine{}, err
	}
	engine := Engine{Method: method}
	if engine.Histograms, err = c.understands(ctx, histogramTrial); err != nil {
		return Engine{}, err
	}
	if engine.Histograms {
		engine.HistogramMethod = sli.Offset
	}
	c.name(ctx, &engine)
	if ctx.Err() != nil { // the name may be missing for that reason alone
		return Engine{}, c.broken(question{asked: "which engine it is"}, ctx.Err(), Canceled)
	}
	return engine, nil
}

func (c *Client) probeMethod(ctx context.Context) (sli.Method, error) {
	if ok, err := c.understands(ctx, sli.Anchored.Probe()); ok || err != nil {
		return sli.Anchored, err
	}
	if ok, err := c.understands(ctx, sli.MetricsQL.Probe()); ok || err != nil {
		return sli.MetricsQL, err
	}
	// Something that refuses this one too is no Prometheus.
	_, err := c.ask(ctx, c.instant(sli.Offset.Probe(), trialTime, nowhere{}))
	return sli.Offset, err
}

// understands: the query is answered, rather than refused as a query.
func (c *Client) understands(ctx context.Context, query string) (bool, error) {
	_, err := c.ask(ctx, c.instant(query, trialTime, nowhere{}))
	if KindOf(err) == BadQuery {
		return false, nil
	}
	return err == nil, err
}

// HistogramMethod tries on the samples of a native histogram, at the given
// time, whether `anchored` accepts them, and falls back to the engine's method
// that always works. Without samples there is no telling, and the fallback is
// not remembered.
func (c *Client) HistogramMethod(ctx context.Context, selector string, at time.Time) (sli.Method, error) {
	engine, err := c.Engine(ctx)
	if err != nil || engine.Method != sli.Anchored || !engine.Histograms {
		return engine.HistogramMethod, err
	}
	if known := c.engine.histograms.Load(); known != nil {
		return *known, nil
	}
	found := points{}
	_, err = c.Query(ctx, "count(histogram_count(increase("+selector+"[5m] anchored)))", at, &found)
	method := sli.Anchored
	switch {
	case KindOf(err) == BadQuery && strings.Contains(err.Error(), "not supported with histograms"):
		method = engine.HistogramMethod
	case err != nil:
		return "", err
	case len(found.samples) == 0:
		return engine.HistogramMethod, nil
	}
	c.engine.histograms.Store(&method)
	return method, nil
}

// points takes all points of an answer whose labels do not matter.
type points struct{ samples []sample }

func (p *points) Series(map[string]string) (func(int64, float64), error) {
	return func(unixMilli int64, value float64) {
		p.samples = append(p.samples, sample{unixMilli, value})
	}, nil
}
