package promserver

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"

	"github.com/grafana/regexp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"
)

// No page of another origin may read from a server on the user's own machine.
var noOrigin = regexp.MustCompile("^$")

// handler serves the API under /api/v1, the readiness probes and one page.
func (s *Server) handler(o Options, p parser.Parser, registry features.Collector) http.Handler {
	router := route.New()
	s.api(o, p, registry).Register(router)

	mux := http.NewServeMux()
	mux.Handle("/api/v1/", http.StripPrefix("/api/v1", router))
	if o.WithoutRead {
		mux.HandleFunc("/api/v1/read", http.NotFound)
	}
	mux.HandleFunc("GET /-/ready", say("Prometheus Server is Ready.\n"))
	mux.HandleFunc("GET /-/healthy", say("Prometheus Server is Healthy.\n"))
	mux.HandleFunc("GET /{$}", say(fmt.Sprintf(page, Version)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.asked.TryRLock() { // the server is not closing
			defer s.asked.RUnlock()
			mux.ServeHTTP(w, r)
		}
	})
}

// page is for a person who opens the address in a browser: what this is, and a
// way to ask it something.
//
//go:embed page.html
var page string

// say answers with the text, of the kind that it looks like.
func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

// api wires Prometheus' own HTTP API to the storage and the engine. What this
// server does not do (scraping, rules, alerting, writing) is answered with
// empty lists, as a Prometheus without configuration answers.
func (s *Server) api(o Options, p parser.Parser, registry features.Collector) *apiv1.API {
	const (
		admin, search, agent                        = false, false, false
		remoteWrite, otlpWrite                      = false, false
		otlpDelta, otlpNativeDelta, startTimestamps = false, false, false
		typeAndUnitLabels, metadata                 = false, false
		searchLimit                                 = 0
		readSamples, readConcurrency, readFrame     = maxSamples, 10, 1 << 20
	)
	return apiv1.NewAPI(
		s.Engine, s.DB, nil, nil, s.DB,
		func(context.Context) apiv1.ScrapePoolsRetriever { return absent{} },
		func(context.Context) apiv1.TargetRetriever { return absent{} },
		func(context.Context) apiv1.AlertmanagerRetriever { return absent{} },
		func() config.Config { return config.DefaultConfig },
		map[string]string{},
		apiv1.GlobalURLOptions{ListenAddress: s.address, Host: s.address, Scheme: "http"},
		func(h http.HandlerFunc) http.HandlerFunc { return h },
		statistics{s.DB}, o.Dir, admin, search, searchLimit, o.Logger,
		func(context.Context) apiv1.RulesRetriever { return absent{} },
		readSamples, readConcurrency, readFrame, agent, noOrigin,
		runtimeInfo,
		&apiv1.PrometheusVersion{Version: Version, Branch: "embedded", GoVersion: runtime.Version()},
		func() []notifications.Notification { return nil },
		func() (<-chan notifications.Notification, func(), bool) { return nil, nil, false },
		prometheus.NewRegistry(), prometheus.NewRegistry(), nil,
		remoteWrite, nil, otlpWrite, otlpDelta, otlpNativeDelta, startTimestamps,
		lookback, typeAndUnitLabels, metadata, nil, registry,
		// Most of the time of a start would go into describing the other paths.
		apiv1.OpenAPIOptions{ExternalURL: s.URL(), Version: Version, IncludePaths: []string{"/query"}},
		p,
	)
}

func runtimeInfo() (apiv1.RuntimeInfo, error) {
	return apiv1.RuntimeInfo{
		ReloadConfigSuccess: true,
		GoroutineCount:      runtime.NumGoroutine(),
		GOMAXPROCS:          runtime.GOMAXPROCS(0),
		StorageRetention:    "unlimited",
	}, nil
}

// absent answers for the parts of Prometheus that are not here, which would be
// linked with all that they need.
type absent struct{}

func (absent) ScrapePools() []string                       { return nil }
func (absent) TargetsActive() map[string][]*scrape.Target  { return nil }
func (absent) TargetsDropped() map[string][]*scrape.Target { return nil }
func (absent) TargetsDroppedCounts() map[string]int        { return nil }
func (absent) Alertmanagers() []*url.URL                   { return nil }
func (absent) DroppedAlertmanagers() []*url.URL            { return nil }
func (absent) RuleGroups() []*rules.Group                  { return nil }
func (absent) AlertingRules() []*rules.AlertingRule        { return nil }
func (absent) ScrapePoolConfig(string) (*config.ScrapeConfig, error) {
	return nil, errors.New("nothing is scraped by this server")
}

// statistics is the storage as the API's status pages ask for it.
type statistics struct{ *tsdb.DB }

func (s statistics) Stats(label string, limit int) (*tsdb.Stats, error) {
	return s.Head().Stats(label, limit), nil
}

func (s statistics) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	return tsdb.WALReplayStatus{}, nil
}

func (s statistics) BlockMetas() ([]tsdb.BlockMeta, error) { return s.DB.BlockMetas(), nil }
