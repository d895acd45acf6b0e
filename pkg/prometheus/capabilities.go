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

// Server is what answers at the address, by the name that people know.
type Server struct {
	Name    string // Prometheus, VictoriaMetrics, Grafana Mimir, …
	Version string // empty when the server does not report it
}

// String returns the name and, where it is known, the version.
func (s Server) String() string { return strings.TrimSpace(s.Name + " " + s.Version) }

// VictoriaMetrics is the name of the server that takes parameters of its own.
const VictoriaMetrics = "VictoriaMetrics"

const cortex = "Cortex"

// HasTenants reports whether the server separates series by tenant.
func (s Server) HasTenants() bool { return s.Name == cortex || strings.Contains(s.Name, "Mimir") }

// Capabilities describes what a server is and which of the probes it answers.
type Capabilities struct {
	Server
	// Dialect is the name of the first of [Probes.Dialects] that the server answers.
	Dialect string
	// Features are the names of the [Probes.Features] that the server answers.
	Features []string
	// Reads says whether the server serves remote read, as streamed chunks or, like Cortex, as plain samples.
	Reads bool
	// ReadRefusal is why it does not, such as "404 Not Found"; empty if it does.
	ReadRefusal string
	// External are the labels that the server adds to series on remote read (external_labels), by name; nil
	// when there are none or they are unknown.
	External map[string]string
	// Asked is when the server was last probed: whatever else a caller learned about it has the same age.
	Asked time.Time
}

// Has reports whether the server has the feature.
func (c Capabilities) Has(feature string) bool { return slices.Contains(c.Features, feature) }

// Probe is a query that a server answers if it has the capability of that name, and refuses if not. It is
// evaluated at the present, since some servers return an empty answer for a time before their history,
// whatever the query. It names a metric that does not exist, so that it reads no samples.
type Probe struct {
	Name  string
	Query string
	// Server is the name of the only server that answers; empty for any.
	Server string
}

// Probes are the queries that show what a server can do.
type Probes struct {
	// Dialects exclude each other; the best comes first. A server that refuses all of them is not supported.
	Dialects []Probe
	// Features are independent of each other.
	Features []Probe
}

// A server is probed again after capabilitiesAge, since it may have been replaced or reconfigured. After a
// query that it refused it is probed at once, though not within doubtAfter of the last probe: most refused
// queries are just wrong.
const (
	capabilitiesAge = 10 * time.Minute
	doubtAfter      = time.Minute
)

type capabilitiesCache struct {
	now     func() time.Time
	probing *semaphore.Weighted // one at a time
	known   atomic.Pointer[learned]
	failed  atomic.Int64 // probes of a known server
}

type learned struct {
	Capabilities
	until time.Time // when to probe again
	doubt time.Time // from then on, a refused query is a reason to probe again
}

// doubt causes a new probe after a query that the server refused, unless the last one is younger than doubtAfter.
func (k *capabilitiesCache) doubt() {
	if known := k.known.Load(); known != nil && !k.now().Before(known.doubt) {
		k.known.CompareAndSwap(known, &learned{Capabilities: known.Capabilities, doubt: known.doubt})
	}
}

// Capabilities returns what the server is and can do. The result is cached for a while, an error is not.
// While the server cannot be probed again, the last result stays valid, also for those who wait for that probe.
func (c *Client) Capabilities(ctx context.Context) (Capabilities, error) {
	known, failed := c.capabilities.known.Load(), c.capabilities.failed.Load()
	if known != nil && c.capabilities.now().Before(known.until) {
		return known.Capabilities, nil
	}
	if err := c.capabilities.probing.Acquire(ctx, 1); err != nil {
		return Capabilities{}, c.transportError(request{name: "which engine it is"}, err, Canceled)
	}
	defer c.capabilities.probing.Release(1)
	now := c.capabilities.now()
	if known = c.capabilities.known.Load(); known != nil && (now.Before(known.until) || c.capabilities.failed.Load() > failed) {
		return known.Capabilities, nil
	}
	found, age, err := c.probe(ctx, known != nil)
	switch {
	case err == nil:
		if known != nil {
			found.Asked = known.Asked // which must not count as a difference
		}
		if known == nil || !reflect.DeepEqual(known.Capabilities, found) {
			slog.InfoContext(ctx, "What Prometheus can do", "server", c.server, "engine", found.Name, "version", found.Version,
				"dialect", found.Dialect, "features", found.Features, "remoteRead", found.Reads, "refusal", found.ReadRefusal)
		}
		found.Asked = now
		c.capabilities.known.Store(&learned{found, now.Add(age), now.Add(doubtAfter)})
	case known != nil && KindOf(err) != BadQuery:
		if ctx.Err() == nil {
			c.capabilities.failed.Add(1)
		}
		return known.Capabilities, nil
	}
	return found, err
}

// probe finds out what the server is and can do, and for how long to cache that. again says that it was known
// before: what is known will do in place of a retry.
func (c *Client) probe(ctx context.Context, again bool) (capabilities Capabilities, _ time.Duration, err error) {
	if again {
		ctx = WithoutRetry(ctx)
	}
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
	// Concurrently, since each waits for a server that may be far away. No two write the same variable.
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
	if ctx.Err() != nil { // which may be the only reason why something is missing
		err = c.transportError(request{name: "which engine it is"}, ctx.Err(), Canceled)
	}
	if err != nil {
		return Capabilities{}, 0, err
	}
	if plain { // only Cortex has no chunks
		capabilities.Name = cortex
	}
	return capabilities, age, nil
}

// try sends the probe. The error of a server that refuses it has the kind [BadQuery].
func (c *Client) try(ctx context.Context, p Probe) error {
	_, err := c.ask(ctx, c.instant(p.Query, c.capabilities.now(), Discard))
	return err
}

// identify sets name and version from the server's build info. A server that has none, or whose proxy hides
// it, counts as Prometheus. Mimir names itself in application and Thanos has a version 0.x; VictoriaMetrics
// reports a version of Prometheus, or none, and is known by its dialect.
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

// maxLookback is how far back [Client.Oldest] looks: the longest window there is.
const maxLookback = 400 * 24 * time.Hour

// Oldest returns how far back the samples of a selector reach: the earliest of the instants now − n days, up
// to 400 days, at which it had one; the zero time if it had none. One instant a day reads little.
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

// external returns the labels that the server adds to series on remote read. They come from its configuration
// or, where a proxy hides that, from comparing a series as read with the same series as queried.
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

// addedLabels collects the labels that all series read have in common beyond those of the series queried.
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
