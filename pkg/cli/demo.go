package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/demo"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/grafana"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/provisioning"
)

type demonstration struct {
	session
	listen, cacheDir string
	once             bool
	// home is the home path of the Grafana to start, empty for none; plugin is the folder of the built plugin.
	home, plugin string
}

func newDemo(streams Streams) *cobra.Command {
	d := &demonstration{session: session{Streams: streams}}
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
	flags := command.Flags()
	flags.StringVar(&d.from.dir, "definitions", "", "read the documents in `DIR` (default those of the example company)")
	flags.StringVar(&d.listen, "listen", "127.0.0.1:0", "let the embedded Prometheus listen on `ADDRESS`; port 0 is a free one")
	flags.StringVar(&d.cacheDir, "cache", "", "keep the history in `DIR` (default in your cache folder)")
	flags.BoolVar(&d.once, "once", false, "end after the report")
	flags.StringVar(&d.home, "grafana", "", "also start the Grafana whose home path is `DIR`, which has bin/grafana")
	flags.StringVar(&d.plugin, "plugin", "dist", "with --grafana: the built plugin is in `DIR`")
	_ = command.MarkFlagDirname("grafana")
	_ = command.MarkFlagDirname("plugin")
	d.formatFlag(command, "table", "json", "csv", "markdown", "html")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := d.check(); err != nil {
			return err
		}
		return d.run(command.Context())
	}
	return command
}

// check reports before long work what would fail after it.
func (d *demonstration) check() error {
	if err := d.checkGrafana(); err != nil {
		return err
	}
	if d.cacheDir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("your cache folder is not known, give one with --cache: %w", err)
		}
		d.cacheDir = filepath.Join(user, "accord", "demo")
	}
	return canListen(d.listen)
}

func (d *demonstration) run(ctx context.Context) error {
	now := d.Now()
	dir, err := d.prepare(ctx, now)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if d.from.dir == "" {
		if d.from.dir, err = exampleDocuments(dir); err != nil {
			return err
		}
	}
	server, err := promserver.Start(promserver.Options{Dir: dir, Listen: d.listen})
	if err != nil {
		return err
	}
	defer server.Close()
	d.server = connection{address: server.URL(), timeout: time.Minute, resolution: counting.DefaultResolution, noCache: true}
	if err := d.connect(); err != nil {
		return err
	}
	if err := d.report(ctx, measure.Question{At: now}); err != nil && !errors.Is(err, errReported) || d.once {
		return err
	}
	running, err := d.startGrafana(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Err, `
Prometheus with the example company: %s
Its documents:                       %s
Try:  accord report --prometheus %[1]s --definitions %[2]s
`, server.URL(), d.from.dir)
	pieces := []func(context.Context) error{func(ctx context.Context) error { return record(ctx, server, now) }}
	if running != nil {
		defer running.Stop()
		d.introduce(running)
		pieces = append(pieces, func(ctx context.Context) error { return d.lastWords(running.Wait(ctx)) })
	}
	fmt.Fprintln(d.Err, "Ctrl-C ends.")
	return parallel.Together(ctx, pieces...)
}

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

// prepare writes the history, or what is missing of it, and returns its folder.
func (d *demonstration) prepare(ctx context.Context, now time.Time) (dir string, err error) {
	what := fmt.Sprintf("writing %d days of history …", demo.Days)
	shown := &progress{out: d.Err, instead: what + "\n", text: func(done, total int) string { return fmt.Sprintf("%s %d%%", what, 100*done/total) }}
	defer shown.end()
	return demo.Prepare(ctx, d.cacheDir, now, demo.Days, shown.show)
}

// record appends to the history every [demo.Scrape] until ctx ends.
func record(ctx context.Context, server *promserver.Server, recorded time.Time) error {
	next := recorded.Truncate(demo.Scrape).Add(demo.Scrape)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(next)):
		}
		if err := demo.Record(ctx, server.DB.Appender(ctx), next); err != nil && ctx.Err() == nil {
			return err
		}
		next = next.Add(demo.Scrape)
	}
}

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

func (d *demonstration) checkGrafana() error {
	switch {
	case d.home == "":
		return nil
	case d.once:
		return usagef("--once ends after the report, so there is nothing for --grafana to show: give one of them")
	}
	if err := grafana.CheckHome(d.home); err != nil {
		return fmt.Errorf("--grafana: %w", err)
	}
	if err := grafana.CheckPlugin(d.plugin); err != nil {
		return fmt.Errorf("--plugin: %w", err)
	}
	return nil
}

// startGrafana starts Grafana with its data in a folder of dir. It returns nil without --grafana.
func (d *demonstration) startGrafana(ctx context.Context, dir string) (*grafana.Server, error) {
	if d.home == "" {
		return nil, nil
	}
	fmt.Fprintf(d.Err, "\nstarting the Grafana in %s …\n", d.home)
	server, err := grafana.Start(ctx, grafana.Options{
		Home: d.home, Plugin: d.plugin, Dir: filepath.Join(dir, "grafana"), Provisioning: provisioning.Grafana,
		Definitions: d.from.dir, Prometheus: d.server.address,
		OnError: func(line string) { fmt.Fprintf(d.Err, "Grafana says: %s\n", tables.Sanitize(line)) },
	})
	return server, d.lastWords(err)
}

func (d *demonstration) introduce(server *grafana.Server) {
	fmt.Fprintf(d.Err, `
Grafana %s with the plugin: %s
  the catalog:      %[2]s/d/accord-catalog
  one SLA:          %[2]s/d/accord-sla
  a provider:       %[2]s/d/accord-provider
  alert rules:      %[2]s/alerting/list
To change documents, sign in: user admin, password admin.
`, server.Version, server.URL)
	if server.Problem != "" {
		fmt.Fprintf(d.Err, "Its data source says: %s\n", tables.Sanitize(server.Problem))
	}
}

// lastWords prints the end of the log if err is that Grafana ended, and returns err.
func (d *demonstration) lastWords(err error) error {
	if ended, ok := errors.AsType[*grafana.EndedError](err); ok {
		for _, line := range ended.Log {
			fmt.Fprintf(d.Err, "Grafana's log: %s\n", tables.Sanitize(line))
		}
	}
	return err
}
