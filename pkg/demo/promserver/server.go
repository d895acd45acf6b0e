// Package promserver is a real Prometheus inside the program: its TSDB, its
// PromQL engine and its HTTP API v1, on a port of this machine. The demo shows
// its example company through it, and tests measure against it.
//
// It never scrapes, evaluates rules, accepts remote writes or deletes: history comes
// in as whole blocks ([WriteBlocks]) and the present through [Server.DB]. Only
// Prometheus' public packages are used, wired as its main program wires them.
package promserver

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"time"

	"github.com/grafana/regexp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"
)

// Version is the Prometheus release that is embedded, as its build info
// reports it.
const Version = "3.15.0"

// Limits of a query, Prometheus' own defaults.
const (
	maxSamples   = 50_000_000
	queryTimeout = 2 * time.Minute
	lookback     = 5 * time.Minute
)

// Options say where the server keeps its data and where it listens.
type Options struct {
	// Dir is the TSDB folder; it is made when it does not exist.
	Dir string
	// Listen is host:port, default 127.0.0.1:0, which takes a free port.
	Listen string
	// WithoutAnchored leaves extended range selectors (anchored, smoothed)
	// off, as Prometheus does by default up to 3.15, so that the fallback
	// for older engines can be tried.
	WithoutAnchored bool
	// WithoutRead refuses remote read, as a proxy that lets only queries pass.
	WithoutRead bool
	// LateFor is how much older than the newest a sample may be that is still
	// taken; 0: not at all, Prometheus' own default.
	LateFor time.Duration
	// Logger hears of warnings and errors; nil discards them.
	Logger *slog.Logger
}

// Server is a running Prometheus.
type Server struct {
	// DB is the storage. Samples that are appended must not be older than the
	// last block's end.
	DB *tsdb.DB
	// Engine evaluates PromQL on DB without the way over HTTP.
	Engine *promql.Engine

	http     *http.Server
	asked    sync.RWMutex // is read-locked by each request, and locked for good once the server closes
	address  string       // host:port
	finished chan error   // the listener's error once it has stopped
}

// Start opens the TSDB and serves the HTTP API. It returns when the first
// request can be answered.
func Start(o Options) (*Server, error) {
	o.Listen = cmp.Or(o.Listen, "127.0.0.1:0")
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	registry := features.NewRegistry()
	db, err := openTSDB(o, registry)
	if err != nil {
		return nil, fmt.Errorf("open the metrics history in %s: %w", o.Dir, err)
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", o.Listen, err), db.Close())
	}

	promqlParser := parser.NewParser(parser.Options{EnableExtendedRangeSelectors: !o.WithoutAnchored})
	promqlParser.RegisterFeatures(registry)
	s := &Server{
		DB:       db,
		Engine:   newEngine(promqlParser, o.Logger, registry),
		address:  listener.Addr().String(),
		finished: make(chan error, 1),
	}
	s.http = &http.Server{
		Handler:           s.handler(o, promqlParser, registry),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelWarn),
	}
	go func() { s.finished <- s.http.Serve(listener) }()
	return s, nil
}

func openTSDB(o Options, registry features.Collector) (*tsdb.DB, error) {
	options := tsdb.DefaultOptions()
	options.OutOfOrderTimeWindow = o.LateFor.Milliseconds()
	options.RetentionDuration = 0
	// The live blocks of two hours are joined up to 18 hours; the long ones
	// of WriteBlocks are larger than that and stay as they are.
	options.MaxBlockDuration = 9 * options.MinBlockDuration
	options.FeatureRegistry = registry
	return tsdb.Open(o.Dir, o.Logger, nil, options, nil)
}

func newEngine(p parser.Parser, logger *slog.Logger, registry features.Collector) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		Logger:        logger,
		MaxSamples:    maxSamples,
		Timeout:       queryTimeout,
		LookbackDelta: lookback,
		NoStepSubqueryIntervalFn: func(int64) int64 {
			return time.Minute.Milliseconds()
		},
		EnableAtModifier:     true,
		EnableNegativeOffset: true,
		FeatureRegistry:      registry,
		Parser:               p,
	})
}

// URL is the server's base address, without a slash at the end.
func (s *Server) URL() string { return "http://" + s.address }

// Close ends requests in flight, stops listening and closes the storage.
func (s *Server) Close() error {
	err := s.http.Close()
	s.asked.Lock() // no request reads the storage any more
	if served := <-s.finished; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, s.DB.Close())
}

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
		func() (apiv1.RuntimeInfo, error) {
			return apiv1.RuntimeInfo{ReloadConfigSuccess: true, GoroutineCount: runtime.NumGoroutine(),
				GOMAXPROCS: runtime.GOMAXPROCS(0), StorageRetention: "unlimited"}, nil
		},
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
