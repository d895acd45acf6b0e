package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/accord-sla/accord/pkg/demo"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/provisioning"
)

// demoFlags are the flags of the demo.
type demoFlags struct {
	from             definitions
	out              output
	listen, cacheDir string
	once             bool
	grafana          grafanaFlags
}

func newDemo(streams Streams) *cobra.Command {
	var f demoFlags
	command := &cobra.Command{
		Use:   "demo",
		Short: "An example company on an embedded Prometheus",
		Long: `Starts an embedded Prometheus with 90 days of history of an example company and
goes on recording, prints the company's report, and stays until Ctrl-C. The
history is kept in your cache folder, so that the next start is quick.

With --grafana it also starts the Grafana that is installed there, on the
loopback, with the plugin, dashboards and alert rules. Grafana's data lie in a
temporary folder; the installation is left as it is.`,
		Example: `  accord demo
  accord demo --once -o html > report.html
  accord demo --grafana /usr/share/grafana`,
	}
	command.Flags().StringVar(&f.from.dir, "definitions", "", "read the documents in `DIR` (default those of the example company)")
	command.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "let the embedded Prometheus listen on `ADDRESS`; port 0 is a free one")
	command.Flags().StringVar(&f.cacheDir, "cache", "", "keep the history in `DIR` (default in your cache folder)")
	command.Flags().BoolVar(&f.once, "once", false, "end after the report")
	f.grafana.flags(command)
	f.out.flags(command, "table", "json", "csv", "markdown", "html")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return runDemo(command.Context(), streams, &f)
	}
	return command
}

// check tells before long work what would fail after it.
func (f *demoFlags) check() error {
	if err := f.out.check(); err != nil {
		return err
	}
	if err := f.grafana.check(f.once); err != nil {
		return err
	}
	if f.cacheDir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("your cache folder is not known, give one with --cache: %w", err)
		}
		f.cacheDir = filepath.Join(user, "accord", "demo")
	}
	return canListen(f.listen)
}

func runDemo(ctx context.Context, streams Streams, f *demoFlags) error {
	now := streams.Now()
	dir, err := prepareDemo(ctx, streams, f.cacheDir, now)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if f.from.dir == "" {
		if f.from.dir, err = exampleDocuments(dir); err != nil {
			return err
		}
	}
	server, err := promserver.Start(promserver.Options{Dir: dir, Listen: f.listen})
	if err != nil {
		return err
	}
	defer server.Close()
	engine, err := (&connection{address: server.URL(), timeout: "1m", resolution: "5m"}).engine(streams)
	if err != nil {
		return err
	}
	if err := runReport(ctx, streams, &f.from, engine, &f.out, measure.Question{At: now}); err != nil && !errors.Is(err, errSaid) || f.once {
		return err
	}
	running, stop, err := f.grafana.start(ctx, streams, dir, f.from.dir, server.URL())
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintf(streams.Err, `
Prometheus with the example company: %s
Its documents:                       %s
Try:  accord report --prometheus %[1]s --definitions %[2]s
`, server.URL(), f.from.dir)
	running.tell(streams)
	fmt.Fprintln(streams.Err, "Ctrl-C ends.")
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return record(ctx, server, now) })
	both.Go(func() error { return running.wait(ctx, streams) })
	return both.Wait()
}

// canListen reports why nobody can listen on the address.
func canListen(address string) error {
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("--listen %s: another program listens there; give another port, or leave --listen out for a free one", address)
	case err != nil:
		return fmt.Errorf("--listen %s: %w", address, err)
	}
	return listener.Close()
}

// prepareDemo makes the history, or what is missing of it.
func prepareDemo(ctx context.Context, streams Streams, cacheDir string, now time.Time) (dir string, err error) {
	what := fmt.Sprintf("writing %d days of history", demo.Days)
	shown := newProgress(streams, func(done, total int) string { return fmt.Sprintf("%s … %d %%", what, 100*done/total) })
	var once sync.Once
	dir, err = demo.Prepare(ctx, cacheDir, now, func(done, total int) {
		shown.show(done, total)
		once.Do(func() {
			if total > 0 && !isTerminal(streams.Err) {
				fmt.Fprintf(streams.Err, "%s …\n", what)
			}
		})
	})
	shown.end()
	return dir, err
}

// record goes on with the history, once a minute, until the context ends.
func record(ctx context.Context, server *promserver.Server, recorded time.Time) error {
	next := recorded.Truncate(demo.Scrape).Add(demo.Scrape)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(next)):
		}
		if err := demo.Record(ctx, server.Appender(ctx), next); err != nil && ctx.Err() == nil {
			return err
		}
		next = next.Add(demo.Scrape)
	}
}

// exampleDocuments writes the example company's documents beside its history.
func exampleDocuments(dir string) (string, error) {
	documents, err := fs.Sub(provisioning.SLAs, "slas")
	if err != nil {
		return "", err
	}
	folder := filepath.Join(dir, "slas")
	if err := os.CopyFS(folder, documents); err != nil {
		return "", fmt.Errorf("write the example company's documents: %w", err)
	}
	return folder, nil
}
