package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/grafana"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/provisioning"
)

// grafanaFlags say which Grafana the demo starts; none without a home.
type grafanaFlags struct{ home, plugin string }

func (g *grafanaFlags) flags(command *cobra.Command) {
	command.Flags().StringVar(&g.home, "grafana", "", "also start the Grafana whose home path is `DIR`, which has bin/grafana")
	command.Flags().StringVar(&g.plugin, "plugin", "dist", "with --grafana: the built plugin is in `DIR`")
	_ = command.MarkFlagDirname("grafana")
	_ = command.MarkFlagDirname("plugin")
}

func (g *grafanaFlags) check(once bool) error {
	if g.home == "" {
		return nil
	}
	if once {
		return usagef("--once ends after the report, so there is nothing for --grafana to show: give one of them")
	}
	if err := absolute(&g.home, &g.plugin); err != nil {
		return err
	}
	if err := grafana.CheckHome(g.home); err != nil {
		return fmt.Errorf("--grafana: %w", err)
	}
	if err := grafana.CheckPlugin(g.plugin); err != nil {
		return fmt.Errorf("--plugin: %w", err)
	}
	return nil
}

func absolute(paths ...*string) (err error) {
	for _, path := range paths {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	return nil
}

// demoGrafana is the running Grafana; none is nil.
type demoGrafana struct{ *grafana.Server }

// start starts Grafana, with its data in dir.
func (g *grafanaFlags) start(ctx context.Context, streams Streams, dir, definitions, prometheus string) (_ demoGrafana, stop func(), err error) {
	if g.home == "" {
		return demoGrafana{}, func() {}, nil
	}
	data := filepath.Join(dir, "grafana")
	if err := absolute(&data, &definitions); err != nil {
		return demoGrafana{}, nil, err
	}
	fmt.Fprintf(streams.Err, "\nstarting the Grafana in %s …\n", g.home)
	server, err := grafana.Start(ctx, grafana.Options{
		Home: g.home, Plugin: g.plugin, Dir: data, Provisioning: provisioning.Grafana,
		Definitions: definitions, Prometheus: prometheus,
		Said: func(line string) { fmt.Fprintf(streams.Err, "Grafana says: %s\n", tables.Inert(line)) },
	})
	if err != nil {
		return demoGrafana{}, nil, lastWords(streams, err)
	}
	return demoGrafana{server}, server.Stop, nil
}

// tell says where to look.
func (d demoGrafana) tell(streams Streams) {
	if d.Server == nil {
		return
	}
	fmt.Fprintf(streams.Err, `
Grafana %s with the plugin: %s
  the catalog:      %[2]s/d/accord-catalog
  one SLA:          %[2]s/d/accord-sla
  a provider:       %[2]s/d/accord-provider
  alert rules:      %[2]s/alerting/list
`, d.Version(), d.URL())
	if trouble := d.Trouble(); trouble != "" {
		fmt.Fprintf(streams.Err, "Its data source says: %s\n", tables.Inert(trouble))
	}
}

// wait waits until Grafana ends by itself, which is an error, or the context is
// done.
func (d demoGrafana) wait(ctx context.Context, streams Streams) error {
	if d.Server == nil {
		return nil
	}
	return lastWords(streams, d.Wait(ctx))
}

// lastWords prints the end of the log of a Grafana that ended.
func lastWords(streams Streams, err error) error {
	var ended *grafana.Ended
	if errors.As(err, &ended) {
		for _, line := range ended.Log {
			fmt.Fprintf(streams.Err, "Grafana's log: %s\n", tables.Inert(line))
		}
	}
	return err
}
