package prometheus

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"go.yaml.in/yaml/v4"
	"golang.org/x/sync/semaphore"

	"github.com/accord-sla/accord/pkg/parallel"
)

// Server is what answers at the address, as people know it. Nothing is ever
// decided by the version.
type Server struct {
	Name    string // Prometheus, VictoriaMetrics, Grafana Mimir, …
	Version string // empty when the server does not report it
}

// String is the name and the version, where it is known.
func (s Server) String() string { return strings.TrimSpace(s.Name + " " + s.Version) }

// VictoriaMetrics is the name of the server that takes parameters of its own.
const VictoriaMetrics = "VictoriaMetrics"

const cortex = "Cortex"

// HasTenants reports whether it keeps the series of each tenant apart.
func (s Server) HasTenants() bool { return s.Name == cortex || strings.Contains(s.Name, "Mimir") }

// Capabilities are what a server is and which of the probes it answers.
type Capabilities struct {
	Server
	// Dialect is the name of the first of [Probes.Dialects] that it answers.
	Dialect string
	// Features are the names of those of [Probes.Features] that it answers.
	Features []string
	// Reads is whether it serves remote read: streamed chunks, or plain samples as
	// Cortex does.
	Reads bool
	// ReadRefusal is why it does not, such as "404 Not Found"; empty when it does.
	ReadRefusal string
	// External are the labels that it adds to what it gives out (external_labels),
	// by name; nil when there are none, or nobody can tell.
	External map[string]string
	// Asked is when the server was last asked: what else was learned of it has
	// the same age.
	Asked time.Time
}

// Has reports whether the server has the feature.
func (c Capabilities) Has(feature string) bool { return slices.Contains(c.Features, feature) }

// Probe is a query that a server answers if it is capable of what the name
// says, and refuses if it is not. It is asked for the present, since some servers
// answer nothing for a time before their history, whatever the query; so that it
// reads no samples, it names a metric that does not exist.
type Probe struct {
	Name  string
	Query string
	// Server is the name of the only server that answers; empty for any.
	Server string
}

// Probes are the queries that tell what a server can do.
type Probes struct {
	// Dialects exclude each other, the best comes first. A server that refuses
	// all of them is not one of this API.
	Dialects []Probe
	// Features are independent of each other.
	Features []Probe
}

// What was learned of a server is asked again after capabilitiesAge, since it
// may have been replaced or configured anew; after a query that it refused, at
// once, though not again within doubtAfter: most refused queries are just wrong.
const (
	capabilitiesAge = 10 * time.Minute
	doubtAfter      = time.Minute
)

type capabilitiesCache struct {
	now     func() time.Time
	probing *semaphore.Weighted // one at a time
	known   atomic.Pointer[learned]
}

type learned struct {
	Capabilities
	until time.Time // when to ask again
	doubt time.Time // from when on a refused query is a reason to ask again
}

// doubt takes a query that the server refused for a sign that it is not what it
// was.
func (k *capabilitiesCache) doubt() {
	if known := k.known.Load(); known != nil && !k.now().Before(known.doubt) {
		k.known.CompareAndSwap(known, &learned{Capabilities: known.Capabilities, doubt: known.doubt})
	}
}

// Capabilities asks the server what it is and can do. An answer is remembered
// for a while, a failure is not; while the server cannot be asked again, what
// was learned before holds.
func (c *Client) Capabilities(ctx context.Context) (Capabilities, error) {
	known := c.capabilities.known.Load()
	if known != nil && c.capabilities.now().Before(known.until) {
		return known.Capabilities, nil
	}
	if err := c.capabilities.probing.Acquire(ctx, 1); err != nil {
		return Capabilities{}, c.transportError(request{name: "which engine it is"}, err, Canceled)
	}
	defer c.capabilities.probing.Release(1)
	now := c.capabilities.now()
	if known = c.capabilities.known.Load(); known != nil && now.Before(known.until) {
		return known.Capabilities, nil
	}
	found, age, err := c.probe(ctx, known != nil)
	switch {
	case err == nil:
		if known != nil {
			found.Asked = known.Asked // which is no difference
		}
		if known == nil || !reflect.DeepEqual(known.Capabilities, found) {
			slog.InfoContext(ctx, "What Prometheus can do", "server", c.server, "engine", found.Name, "version", found.Version,
				"dialect", found.Dialect, "features", found.Features, "remoteRead", found.Reads, "refusal", found.ReadRefusal)
		}
		found.Asked = now
		c.capabilities.known.Store(&learned{found, now.Add(age), now.Add(doubtAfter)})
	case known != nil && KindOf(err) != BadQuery:
		return known.Capabilities, nil
	}
	return found, err
}

// probe asks what the server is and can do, and says how long that may be
// believed. again is whether it was known before.
func (c *Client) probe(ctx context.Context, again bool) (capabilities Capabilities, _ time.Duration, err error) {
	for i, dialect := range c.options.Probes.Dialects {
		err := c.try(ctx, dialect)
		if err == nil {
			capabilities.Dialect, capabilities.Name = dialect.Name, dialect.Server
			break
		}
		if KindOf(err) != BadQuery || i == len(c.options.Probes.Dialects)-1 {
			return Capabilities{}, 0, err
		}
	}
	age, plain := capabilitiesAge, false
	// At once, since each waits for a server that may be far away. None writes what another does.
	err = parallel.Together(ctx, func(ctx context.Context) error {
		for _, feature := range c.options.Probes.Features {
			switch err := c.try(ctx, feature); {
			case err == nil:
				capabilities.Features = append(capabilities.Features, feature.Name)
			case KindOf(err) != BadQuery:
				return err
			}
		}
		return nil
	}, func(ctx context.Context) error {
		c.identify(ctx, &capabilities.Server)
		return nil
	}, func(ctx context.Context) (err error) {
		plain, err = c.probeRead(ctx)
		e, refused := errors.AsType[*Error](err)
		switch passing := refused && (e.Kind == Unavailable || unanswered(e)); {
		case !refused:
			capabilities.Reads, capabilities.External = true, c.external(ctx)
			return nil
		case passing && again:
			return e
		case passing:
			age = doubtAfter
		}
		capabilities.ReadRefusal = cmp.Or(e.headline(), e.Message)
		return nil
	})
	if ctx.Err() != nil { // what is missing may be so for that reason alone
		err = c.transportError(request{name: "which engine it is"}, ctx.Err(), Canceled)
	}
	if err != nil {
		return Capabilities{}, 0, err
	}
	if plain { // the only one that has no chunks to give; it does not say its name
		capabilities.Name = cortex
	}
	return capabilities, age, nil
}

// try sends the probe; its error is a [BadQuery] for a server that refuses it.
func (c *Client) try(ctx context.Context, p Probe) error {
	_, err := c.ask(ctx, c.instant(p.Query, c.capabilities.now(), Discard))
	return err
}

// identify sets name and version from the server's build info. They are for
// people only: a server that has none, or whose proxy hides it, is as good as
// any. Mimir and Cortex name themselves in application; VictoriaMetrics reports
// a version of Prometheus, or nothing.
func (c *Client) identify(ctx context.Context, s *Server) {
	var info struct{ Application, Version string }
	err := c.data(ctx, "status/buildinfo", url.Values{}, &info)
	application, version := shorten(info.Application, 60), shorten(info.Version, 60)
	switch {
	case s.Name != "":
	case err != nil:
		s.Name = "Prometheus"
	case application != "":
		s.Name, s.Version = application, version
	case strings.HasPrefix(version, "0."):
		s.Name, s.Version = thanos, version
	default:
		s.Name, s.Version = "Prometheus", version
	}
}

// maxLookback is the longest window there is, and how far back [Client.Oldest]
// looks.
const maxLookback = 400 * 24 * time.Hour

// Oldest says how far back the samples of a selector reach: the earliest of
// the instants now − n days, up to 400 days, at which it had one; the zero time
// when it had none. Counting at one instant a day, it reads little.
func (c *Client) Oldest(ctx context.Context, selector string, now time.Time) (time.Time, error) {
	return c.oldest(ctx, Range{Query: "count(" + selector + ")", End: now, Step: 24 * time.Hour}, now.Add(-maxLookback))
}

func (c *Client) oldest(ctx context.Context, r Range, from time.Time) (time.Time, error) {
	r.Start = from
	var oldest time.Time
	_, err := c.QueryRange(ctx, r, EachPoint(func(unixMilli int64, _ float64) {
		if oldest.IsZero() {
			oldest = time.UnixMilli(unixMilli).In(r.End.Location())
		}
	}))
	if e, refused := errors.AsType[*Error](err); refused && e.Kind == Cut {
		return c.oldest(ctx, r, e.From)
	}
	if err != nil {
		return time.Time{}, err
	}
	return oldest, nil
}

// external finds the labels that the server adds to what remote read returns: in
// its configuration or, where a proxy hides that, by what a series has more of when
// it is read than when it is queried.
func (c *Client) external(ctx context.Context) map[string]string {
	var served struct{ YAML string }
	var config struct {
		Global struct {
			External map[string]string `yaml:"external_labels"`
		}
	}
	if c.data(ctx, "status/config", url.Values{}, &served) == nil && served.YAML != "" && yaml.Unmarshal([]byte(served.YAML), &config) == nil {
		return config.Global.External
	}
	now := c.capabilities.now()
	queried := map[string]string{}
	_, err := c.ask(WithoutRetry(ctx), c.instant("topk(1, up)", now, func(labels map[string]string) func(int64, float64) {
		queried = labels
		return nil
	}))
	if err != nil || len(queried) == 0 {
		return nil
	}
	same := ReadQuery{From: now.Add(-5 * time.Minute).UnixMilli(), To: now.UnixMilli()}
	for name, value := range queried {
		same.Matchers = append(same.Matchers, labels.MustNewMatcher(labels.MatchEqual, name, value))
	}
	added := addedLabels{queried: queried}
	if _, err := c.ask(WithoutRetry(ctx), c.readRequest([]ReadQuery{same}, nil, added.series)); err != nil || len(added.common) == 0 {
		return nil
	}
	return added.common
}

// addedLabels are those that all series have beyond the ones of a query.
type addedLabels struct{ queried, common map[string]string }

func (a *addedLabels) series(_ int, series labels.Labels) Samples {
	added := series.Map()
	maps.DeleteFunc(added, func(name, _ string) bool { return a.queried[name] != "" })
	if a.common == nil {
		a.common = added
	}
	maps.DeleteFunc(a.common, func(name, value string) bool { return added[name] != value })
	return nil
}
