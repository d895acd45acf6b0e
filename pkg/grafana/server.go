package grafana

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Options of a Grafana. All paths are absolute.
type Options struct {
	// Home is the home path of the installation, with bin/grafana.
	Home string
	// Plugin is the folder of the built plugin.
	Plugin string
	// Dir is where all its data goes; it is made, and left to the caller.
	Dir string
	// Provisioning is copied into Dir.
	Provisioning fs.FS
	// Definitions is the folder of documents.
	Definitions string
	// Prometheus is the URL that the data sources ask.
	Prometheus string
	// Said hears of each error in Grafana's log, a line each.
	Said func(line string)
}

// How long Grafana may take to start (the first time it makes its database),
// and to end.
const (
	startTimeout = 3 * time.Minute
	stopTimeout  = 15 * time.Second
)

// Server is a running Grafana.
type Server struct {
	url     string
	version string
	health  string
	journal *journal
	stop    context.CancelFunc
	exited  chan struct{}
}

// Start starts Grafana, and returns once it answers and its Accord data source
// has told how it is. A Grafana that ends before is an error with its last
// words.
func Start(ctx context.Context, o Options) (*Server, error) {
	port, err := o.write()
	if err != nil {
		return nil, err
	}
	s := &Server{url: fmt.Sprintf("http://127.0.0.1:%d", port), journal: &journal{said: o.Said}, exited: make(chan struct{})}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
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

// run starts the process, which is asked to end when the context is done.
func (s *Server) run(ctx context.Context, o Options) error {
	command := exec.CommandContext(ctx, executable(o.Home), "server",
		"--homepath", o.Home, "--config", filepath.Join(o.Dir, configFile))
	command.Env = o.environment()
	command.Stdout, command.Stderr = s.journal, s.journal
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
		_ = command.Wait() // whatever it is, the log has more to say
		close(s.exited)
	}()
	return nil
}

// Ended is the error of a Grafana that ended by itself.
type Ended struct {
	// Log are the last lines of its log; there may be none.
	Log []string
}

func (e *Ended) Error() string {
	if len(e.Log) == 0 {
		return "Grafana has ended, and said nothing"
	}
	return "Grafana has ended; the last it said is: " + e.Log[len(e.Log)-1]
}

func (s *Server) ended() error { return &Ended{s.journal.end()} }

// Wait waits until Grafana ends by itself, which is an error, or the context is
// done.
func (s *Server) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.exited:
		if ctx.Err() != nil { // the same Ctrl-C reached it
			return nil
		}
		return s.ended()
	}
}

// Stop ends Grafana and waits for it.
func (s *Server) Stop() {
	s.stop()
	<-s.exited
}

// URL is where Grafana answers.
func (s *Server) URL() string { return s.url }

// Version is Grafana's own.
func (s *Server) Version() string { return s.version }

// Trouble is what the health check of the data source complained of when
// Grafana started; empty when all is well.
func (s *Server) Trouble() string { return s.health }
