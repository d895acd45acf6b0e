package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/site"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/tables"
)

// shutdownTimeout is how long requests in flight may take after Ctrl-C.
const shutdownTimeout = 10 * time.Second

// idleTimeout of idle connections is longer than most scrape intervals.
const idleTimeout = 2 * time.Minute

func newServe(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	var listen string
	var level slog.Level
	command := &cobra.Command{
		Use:   "serve",
		Short: "The catalog as read-only pages, for people without Grafana",
		Long: `Serves the catalog and each agreement as pages that only read, until Ctrl-C.
Beside them: /metrics for a Prometheus to scrape, /api/v1 with the resources that
only read (see /api/v1/openapi.json), and /healthz.

A change in the folder is taken up at once. Whoever reaches the address sees
everything; put a proxy with a login before it where that is too much.`,
		Example: `  accord serve --definitions slas --prometheus http://prometheus:9090
  accord serve --listen :8080`,
	}
	s.from.flags(command)
	command.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "listen at `ADDRESS`")
	command.Flags().TextVar(&level, "log-level", slog.LevelWarn, "write the log from `LEVEL` on: debug, info, warn or error")
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		slog.SetDefault(slog.New(slog.NewTextHandler(s.Err, &slog.HandlerOptions{Level: level})))
		slots.BoundGarbage()
		if err := s.connect(); err != nil {
			return err
		}
		listener, err := net.Listen("tcp", listen)
		if err != nil {
			return fmt.Errorf("--listen %s: %w", listen, err)
		}
		documents := catalog.NewLive(s.from.dir, s.from.options(s.server.resolution), s.reportDocuments)
		api := httpapi.Options{
			Client: s.client, Engine: s.service, Now: s.Now,
			Catalog: documents.Now, Stale: documents.Stale,
			Folder: &editing.Folder{Root: s.from.dir, Dir: s.from.dir, Live: documents, Now: s.Now},
		}
		return s.serve(command.Context(), listener, documents, site.New(api))
	}
	return command
}

// serve serves until ctx ends, then waits for requests in flight.
func (s *session) serve(ctx context.Context, listener net.Listener, documents *catalog.Live, pages http.Handler) error {
	if address, ok := listener.Addr().(*net.TCPAddr); ok && address.IP.IsLoopback() {
		pages = onlyLoopback(pages)
	}
	server := &http.Server{Handler: pages, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: idleTimeout}
	fmt.Fprintf(s.Err, "Serving the agreements at http://%s\nCtrl-C ends.\n", listener.Addr())
	return parallel.Together(ctx, func(ctx context.Context) error {
		documents.Run(ctx)
		return nil
	}, func(context.Context) error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}, func(ctx context.Context) error {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		if err := server.Shutdown(ending); err != nil {
			return fmt.Errorf("answers under way did not end within %s", tables.Elapsed(shutdownTimeout))
		}
		return nil
	})
}

// onlyLoopback refuses requests for hosts other than the loopback. Otherwise a web page elsewhere
// could let its own host name resolve to this machine and read what is served (DNS rebinding).
func onlyLoopback(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if !strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") && !(ip != nil && ip.IsLoopback()) {
			http.Error(w, "here is only answered for localhost and 127.0.0.1; accord serve --listen :8080 answers for every name", http.StatusForbidden)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// reportDocuments prints the number of documents and errors in a new catalog, or why there is none.
func (s *session) reportDocuments(c *catalog.Catalog, err error) {
	if err != nil {
		s.warnf("%s", err)
		return
	}
	failed, _ := problem.Count(c.Problems)
	fmt.Fprintf(s.Err, "%s read, %s in the documents\n", tables.Plural(c.Documents, "document"), tables.Plural(failed, "error"))
}
