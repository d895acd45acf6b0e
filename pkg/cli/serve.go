package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/site"
	"github.com/accord-sla/accord/pkg/tables"
)

const (
	defaultServe = "127.0.0.1:8080"
	// closing is how long answers under way may take once Ctrl-C was pressed.
	closing = 10 * time.Second
)

func newServe(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	listen := defaultServe
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
	from.flags(command)
	command.Flags().StringVar(&listen, "listen", listen, "listen at `ADDRESS`")
	connected.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		api, err := connected.api(streams)
		if err != nil {
			return err
		}
		listener, err := net.Listen("tcp", listen)
		if err != nil {
			return fmt.Errorf("--listen %s: %w", listen, err)
		}
		return runServe(command.Context(), streams, &from, listener, api)
	}
	return command
}

// api is what the resources on the connection answer from, without documents.
func (c *connection) api(streams Streams) (httpapi.Options, error) {
	resolution, err := c.slotLength()
	if err != nil {
		return httpapi.Options{}, err
	}
	patience, err := c.patience()
	if err != nil {
		return httpapi.Options{}, err
	}
	client, err := c.client()
	if err != nil {
		return httpapi.Options{}, err
	}
	engine := measure.New(client, measure.Options{Resolution: resolution, Now: streams.Now})
	return httpapi.Options{Client: client, Engine: engine, Now: streams.Now, Patience: patience}, nil
}

// runServe serves until the context ends, then lets answers under way end.
func runServe(ctx context.Context, streams Streams, from *definitions, listener net.Listener, api httpapi.Options) error {
	options := from.options(api.Engine.Resolution())
	read := catalog.NewLive(from.dir, options, tellRead(streams))
	api.Catalog, api.Stale = read.Now, read.Stale
	api.Folder = &editing.Folder{Root: from.dir, Dir: from.dir, Options: options, Now: streams.Now}
	server := &http.Server{Handler: site.New(api), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(streams.Err, "Serving the agreements at http://%s\nCtrl-C ends.\n", listener.Addr())
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error {
		read.Run(ctx)
		return nil
	})
	all.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	all.Go(func() error {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		if err := server.Shutdown(ending); err != nil {
			return fmt.Errorf("answers under way did not end within %s", tables.Elapsed(closing))
		}
		return nil
	})
	return all.Wait()
}

// tellRead says of each catalog that is taken up what it holds, and why none
// can be.
func tellRead(streams Streams) func(*catalog.Catalog, error) {
	return func(c *catalog.Catalog, err error) {
		if err != nil {
			fmt.Fprintf(streams.Err, "accord: %s\n", tables.Inert(err.Error()))
			return
		}
		failed, _ := document.CountProblems(c.Problems)
		fmt.Fprintf(streams.Err, "%s read, %s in the documents\n", plural(c.Documents, "document"), plural(failed, "error"))
	}
}
