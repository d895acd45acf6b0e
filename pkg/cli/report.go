package cli

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newReport(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var elsewhere dataSource
	var out output
	var at, window string
	command := &cobra.Command{
		Use:   "report",
		Short: "How every agreement stands",
		Long: `Measures every agreement, and every SLO that no agreement names, as of an instant.
Exit code 1 when something could not be measured; the rest is printed all the same.`,
		Example: `  accord report --definitions slas --prometheus http://prometheus:9090
  accord report --agreement payments-for-checkout --window month:-1 -o json
  accord report --grafana https://grafana.example.org --datasource accord`,
	}
	from.selectionFlags(command)
	command.Flags().StringVar(&at, "at", "", "as of `INSTANT`, such as 2026-11-23T09:00:00Z (default now)")
	command.Flags().StringVar(&window, "window", "", "measure over `WINDOW`: 30d, month, or the last whole month:-1 (default each objective's own)")
	out.flags(command, "table", "json", "csv", "markdown", "html")
	elsewhere.flags(command)
	connected.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		instant, err := instantFlag("at", at, streams.Now())
		if err != nil {
			return err
		}
		override, err := windowFlag(window)
		if err != nil {
			return err
		}
		source, err := elsewhere.remote(&connected)
		if err != nil {
			return err
		}
		if source != nil {
			return tellReport(command.Context(), streams, &from, source, &out, reportQuery(&from, at, instant, window))
		}
		engine, err := connected.engine(streams)
		if err != nil {
			return err
		}
		return runReport(command.Context(), streams, &from, engine, &out, measure.Question{At: instant, Window: override})
	}
	return command
}

func runReport(ctx context.Context, streams Streams, from *definitions, engine *measure.Engine, out *output, q measure.Question) error {
	chosen, err := from.read(ctx, streams, engine.Resolution())
	if err != nil {
		return err
	}
	shown := measuring(streams)
	shown.show(0, chosen.objectives())
	q.Progress = shown.show
	var server prometheus.Capabilities
	server, q.Unreachable = engine.Capabilities(ctx)
	results := engine.Status(ctx, chosen.all(), q)
	shown.end()
	if err := ctx.Err(); err != nil {
		return err
	}
	return printReport(streams, out, wire.Status{At: q.At, Server: server, Resolution: engine.Resolution(), Problems: chosen.problems,
		Agreements: results[:len(chosen.agreements)], SLOs: results[len(chosen.agreements):]})
}

func printReport(streams Streams, out *output, status wire.Status) error {
	if err := out.print(streams, status.Report(), func() tables.Page { return tables.StatusPage(status) }, func() tables.Rows { return tables.StatusFigures(status) }); err != nil {
		return err
	}
	return sayUnmeasured(streams, status.All(), out.forPeople())
}

// tellReport prints the report of a data source in Grafana.
func tellReport(ctx context.Context, streams Streams, from *definitions, source *remote, out *output, query url.Values) error {
	told, err := source.report(ctx, query)
	if err != nil {
		return err
	}
	if errors, _ := document.CountProblems(told.Problems); errors > 0 {
		fmt.Fprintf(streams.Err, "accord: %s in the documents of the data source, which are left out\n", plural(errors, "error"))
	}
	status, err := told.Status()
	if err != nil {
		return fmt.Errorf("the answer of Grafana at %s is not that of this plugin: %w", source.shown, err)
	}
	if status.Agreements, status.SLOs, err = from.onlyObjective(status.Agreements, status.SLOs); err != nil {
		return err
	}
	return printReport(streams, out, status)
}

func reportQuery(from *definitions, at string, instant time.Time, window string) url.Values {
	query := url.Values{"agreement": from.names}
	if at != "" {
		query.Set("at", instant.Format(time.RFC3339))
	}
	if window != "" {
		query.Set("window", window)
	}
	return query
}

// onlyObjective keeps the results of --objective, if it is given.
func (d *definitions) onlyObjective(agreements, slos []measure.AgreementResult) (_, _ []measure.AgreementResult, err error) {
	if d.objective == "" {
		return agreements, slos, nil
	}
	var names []string
	found := false
	narrow := func(all []measure.AgreementResult) (kept []measure.AgreementResult) {
		for _, result := range all {
			states := []budget.State{}
			var matching []measure.Result
			for _, r := range result.Objectives {
				names = append(names, r.Objective.Name)
				if r.Objective.Name == d.objective {
					matching, states, found = append(matching, r), append(states, r.State), true
				}
			}
			if len(matching) > 0 {
				if result.Objectives = matching; result.Agreement.Stage == agreement.Active {
					result.State = budget.Worst(states...)
				}
				kept = append(kept, result)
			}
		}
		return kept
	}
	if agreements, slos = narrow(agreements), narrow(slos); !found {
		err = usagef("--objective: there is no objective %q%s%s", d.objective, of(d.names), document.DidYouMean(d.objective, names))
	}
	return agreements, slos, err
}

// sayUnmeasured tells on stderr what could not be measured, and fails when
// there is any. The same reason is told once, and not at all where what was
// printed has it.
func sayUnmeasured(streams Streams, results []measure.AgreementResult, told bool) error {
	var reasons []string
	where := map[string][]string{}
	objectives := 0
	for _, result := range results {
		for _, objective := range result.Objectives {
			if objective.Err == nil {
				continue
			}
			objectives++
			reason := objective.Err.Error()
			if where[reason] == nil {
				reasons = append(reasons, reason)
			}
			where[reason] = append(where[reason], result.Agreement.Name+"/"+objective.Objective.Name)
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	if told {
		fmt.Fprintf(streams.Err, "accord: %s could not be measured\n", plural(objectives, "objective"))
		return errSaid
	}
	for _, reason := range reasons {
		places := where[reason][0]
		if more := len(where[reason]) - 1; more > 0 {
			places += fmt.Sprintf(" and %d more", more)
		}
		fmt.Fprintf(streams.Err, "accord: %s: not measured: %s\n", places, tables.Inert(reason))
	}
	return errSaid
}

const defaultRange = 30 * 24 * time.Hour
