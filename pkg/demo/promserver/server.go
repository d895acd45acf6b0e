// Package promserver embeds a Prometheus for the demo and for tests: the TSDB, the PromQL engine, remote read
// and the reading part of the HTTP API v1, on a port of this machine.
//
// It never scrapes, evaluates rules, accepts remote write or deletes: history is written as whole blocks
// ([WriteBlocks]), and current samples through [Server.DB].
package promserver

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
)

// Version is the embedded Prometheus release, as reported by the build info.
const Version = "3.16.0"

const (
	maxSamples   = 50_000_000
	queryTimeout = 2 * time.Minute
	lookback     = 5 * time.Minute
)

// Options configures a [Server].
type Options struct {
	// Dir is the TSDB folder, created if it does not exist.
	Dir string
	// Listen is host:port, default 127.0.0.1:0, which takes a free port.
	Listen string
	// WithoutAnchored refuses extended range selectors (anchored, smoothed), as Prometheus before 3.16 does.
	WithoutAnchored bool
	// WithoutRead refuses remote read, like a proxy that lets only queries pass.
	WithoutRead bool
	// LateFor is how much older than the newest a sample may be; 0, as by default in Prometheus: not at all.
	LateFor time.Duration
}

// discard drops the log: errors are returned to the caller.
var discard = slog.New(slog.DiscardHandler)

// Server is a running Prometheus.
type Server struct {
	// DB is the storage. Do not append samples older than the end of the last block.
	DB *tsdb.DB
	// Engine evaluates PromQL on DB without HTTP.
	Engine *promql.Engine

	http     *http.Server
	asked    sync.RWMutex // read-locked by each request, locked forever once the server closes
	address  string       // host:port
	finished chan error   // the listener's error once it has stopped
}

// Start opens the TSDB and serves the HTTP API. The server is ready when Start returns.
func Start(o Options) (*Server, error) {
	db, err := openTSDB(o)
	if err != nil {
		return nil, fmt.Errorf("open the metrics history in %s: %w", o.Dir, err)
	}
	listener, err := net.Listen("tcp", cmp.Or(o.Listen, "127.0.0.1:0"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", o.Listen, err), db.Close())
	}
	promqlParser := parser.NewParser(parser.Options{})
	if o.WithoutAnchored {
		promqlParser = older{promqlParser}
	}
	s := &Server{DB: db, Engine: newEngine(promqlParser), address: listener.Addr().String(), finished: make(chan error, 1)}
	s.http = &http.Server{
		Handler:           s.handler(o, promqlParser),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(discard.Handler(), slog.LevelWarn),
	}
	go func() { s.finished <- s.http.Serve(listener) }()
	return s, nil
}

func openTSDB(o Options) (*tsdb.DB, error) {
	options := tsdb.DefaultOptions()
	options.OutOfOrderTimeWindow = o.LateFor.Milliseconds()
	options.RetentionDuration = 0
	// Blocks of the head are compacted up to 18 hours; those of WriteBlocks are longer and stay as they are.
	options.MaxBlockDuration = 9 * options.MinBlockDuration
	return tsdb.Open(o.Dir, discard, nil, options, nil)
}

// older refuses what Prometheus before 3.16 refuses, with its error message.
type older struct{ parser.Parser }

func (o older) ParseExpr(query string) (parser.Expr, error) {
	expr, err := o.Parser.ParseExpr(query)
	if err != nil {
		return nil, err
	}
	return expr, parser.Walk(o, expr, nil)
}

// Visit makes the parser a [parser.Visitor] that stops at an extended range selector.
func (o older) Visit(node parser.Node, _ []parser.Node) (parser.Visitor, error) {
	if selector, is := node.(*parser.VectorSelector); is && (selector.Anchored || selector.Smoothed) {
		modifier := map[bool]string{true: "anchored", false: "smoothed"}[selector.Anchored]
		return nil, &parser.ParseErr{PositionRange: selector.PositionRange(), Err: fmt.Errorf("%s modifier is experimental and not enabled", modifier)}
	}
	return o, nil
}

func newEngine(p parser.Parser) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		Logger:                   discard,
		MaxSamples:               maxSamples,
		Timeout:                  queryTimeout,
		LookbackDelta:            lookback,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		Parser:                   p,
	})
}

// URL returns the server's base address, without a slash at the end.
func (s *Server) URL() string { return "http://" + s.address }

// Close ends requests in flight, stops listening and closes the storage.
func (s *Server) Close() error {
	err := s.http.Close()
	s.asked.Lock() // wait until no request reads the storage
	if served := <-s.finished; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, s.DB.Close())
}

// handler serves the API under /api/v1, the readiness probes and one page.
func (s *Server) handler(o Options, p parser.Parser) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", http.StripPrefix("/api/v1", newAPI(s, p, o)))
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

// page is for a person who opens the address in a browser: it says what this is and how to send a query.
//
//go:embed page.html
var page string

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}
