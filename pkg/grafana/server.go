// Package grafana runs an installed Grafana with Accord in it: on the loopback interface only,
// provisioned, and with all its data in a folder of the caller. The installation is not changed.
//
// How Grafana is configured and started follows its documentation
// (https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/).
package grafana

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options configures a Grafana.
type Options struct {
	// Home is the home path of the installation, with bin/grafana.
	Home string
	// Plugin is the folder of the built plugin.
	Plugin string
	// Dir is the folder for all its data; it is created, but not removed.
	Dir string
	// Provisioning is copied into Dir.
	Provisioning fs.FS
	// Definitions is the folder of documents.
	Definitions string
	// Prometheus is the URL that the data sources query.
	Prometheus string
	// OnError is called with each error in Grafana's log, as one line.
	OnError func(line string)
}

// How long Grafana may take to start, including creating its database, and to stop.
const (
	startTimeout = 3 * time.Minute
	stopTimeout  = 15 * time.Second
)

// Server is a running Grafana.
type Server struct {
	// URL is where Grafana answers.
	URL string
	// Version is Grafana's own.
	Version string
	// Problem is the error of the data source's health check at the start; empty if it passed.
	Problem string

	log    *logReader
	stop   context.CancelFunc
	exited chan struct{}
}

// Start starts Grafana, and returns once it and the health check of its Accord data
// source answer. If Grafana ends before that, the error is an [*EndedError].
func Start(ctx context.Context, o Options) (*Server, error) {
	for _, path := range []*string{&o.Home, &o.Plugin, &o.Dir, &o.Definitions} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return nil, err
		}
		*path = absolute
	}
	port, err := o.write()
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Server{URL: fmt.Sprintf("http://127.0.0.1:%d", port), log: &logReader{onError: o.OnError}, stop: stop, exited: make(chan struct{})}
	if err := s.run(running, o); err != nil {
		stop()
		return nil, fmt.Errorf("start Grafana: %w", err)
	}
	if err := s.ready(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// run starts the process, which is interrupted when ctx is done.
func (s *Server) run(ctx context.Context, o Options) error {
	command := exec.CommandContext(ctx, executable(o.Home), "server",
		"--homepath", o.Home, "--config", filepath.Join(o.Dir, configFile))
	command.Env = o.environment()
	command.Stdout, command.Stderr = s.log, s.log
	command.WaitDelay = stopTimeout
	command.Cancel = func() error {
		if command.Process.Signal(os.Interrupt) == nil {
			return nil
		}
		return command.Process.Kill() // a system without such a signal
	}
	if err := command.Start(); err != nil {
		return err
	}
	go func() {
		_ = command.Wait() // the log says more than the error
		close(s.exited)
	}()
	return nil
}

// EndedError is the error of a Grafana that ended by itself.
type EndedError struct {
	// Log are the last lines of its log; there may be none.
	Log []string
}

func (e *EndedError) Error() string {
	if len(e.Log) == 0 {
		return "Grafana has ended, and said nothing"
	}
	return "Grafana has ended; the last it said is: " + e.Log[len(e.Log)-1]
}

// Wait waits until Grafana ends by itself, which is an error, or ctx is done.
func (s *Server) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.exited:
		if ctx.Err() != nil { // the same Ctrl-C reached it
			return nil
		}
		return &EndedError{s.log.lastLines()}
	}
}

// Stop ends Grafana and waits for it.
func (s *Server) Stop() {
	s.stop()
	<-s.exited
}

// UID of the provisioned data source.
const UID = "accord"

const (
	// retryEvery is the pause between two requests while Grafana starts.
	retryEvery     = 250 * time.Millisecond
	requestTimeout = 30 * time.Second
	// dataSourceTimeout is the limit for the data source, whose plugin starts with Grafana.
	dataSourceTimeout = time.Minute
)

func (s *Server) ready(ctx context.Context) error {
	if err := s.until(ctx, startTimeout, s.healthy); err != nil {
		return fmt.Errorf("waiting for Grafana: %w", err)
	}
	if err := s.until(ctx, dataSourceTimeout, s.dataSource); err != nil {
		return fmt.Errorf("waiting for the data source in Grafana %s (12.3 or later is needed): %w", s.Version, err)
	}
	return nil
}

// until repeats ask until it succeeds, or until the limit, and then returns its last error.
func (s *Server) until(ctx context.Context, limit time.Duration, ask func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := ask(limited)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.exited:
			return &EndedError{s.log.lastLines()}
		case <-limited.Done():
			return fmt.Errorf("after %s: %w", limit, err)
		case <-time.After(retryEvery):
		}
	}
}

func (s *Server) healthy(ctx context.Context) error {
	var health struct{ Database, Version string }
	if err := s.get(ctx, "/api/health", &health); err != nil {
		return err
	}
	if health.Database != "ok" {
		return errors.New("its database is not ready")
	}
	s.Version = health.Version
	return nil
}

// dataSource accepts any answer of the health check, OK or ERROR.
func (s *Server) dataSource(ctx context.Context) error {
	var health struct{ Status, Message string }
	if err := s.get(ctx, "/api/datasources/uid/"+UID+"/health", &health); err != nil {
		return err
	}
	switch health.Status {
	case "OK":
		s.Problem = ""
	case "ERROR":
		s.Problem = health.Message
	default:
		return errors.New(health.Message)
	}
	return nil
}

// get decodes the JSON of a response with any status.
func (s *Server) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("%s: %s: %w", path, response.Status, err)
	}
	return nil
}

// logLines is how many of the last lines of the log are in an [EndedError].
const logLines = 12

type logReader struct {
	// onError is called with the errors, once for repetitions in succession.
	onError func(line string)

	mu        sync.Mutex
	rest      []byte
	last      []string
	lastError string // the last error passed to onError
}

// Write reads a piece of the output.
func (l *logReader) Write(piece []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, piece...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found {
			return len(piece), nil
		}
		l.read(string(bytes.TrimSpace(line)))
		l.rest = rest
	}
}

type entry struct {
	Level, Logger, Msg string
	Error, Err         any
}

func (l *logReader) read(line string) {
	if line == "" {
		return
	}
	var e entry
	if json.Unmarshal([]byte(line), &e) != nil || e.Msg == "" {
		l.add(line) // a panic, or output from before logging starts
		return
	}
	text := e.text()
	l.add(text)
	if (e.Level == "error" || e.Level == "crit") && !e.expected() && text != l.lastError {
		l.lastError = text
		l.onError(text)
	}
}

func (l *logReader) add(line string) { l.last = append(l.last[max(0, len(l.last)+1-logLines):], line) }

func (e entry) text() string {
	text := e.Msg
	for _, cause := range []any{e.Error, e.Err} {
		if words, ok := cause.(string); ok && words != "" {
			text += ": " + words
		}
	}
	return text + " (" + e.Logger + ")"
}

// expected reports whether an error is not worth reporting: there is no mail server, a failed request is
// logged twice, and requests of a page that was left fail.
func (e entry) expected() bool {
	return strings.HasPrefix(e.Logger, "ngalert.notifier") || e.Msg == "Proxy request failed" || e.Msg == "Request Completed" ||
		strings.Contains(e.text(), context.Canceled.Error())
}

func (l *logReader) lastLines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.last)
}
