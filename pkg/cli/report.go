package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/report"
)

func newReport(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var out output
	var at, window string
	command := &cobra.Command{
		Use:   "report",
		Short: "How every agreement stands",
		Long: `Measures every agreement, and every SLO that no agreement names, as of an instant.
Exit code 1 when something could not be measured; the rest is printed all the same.`,
		Example: `  accord report --definitions slas --prometheus http://prometheus:9090
  accord report --agreement payments-for-checkout --window month:-1 -o json`,
	}
	from.selectionFlags(command)
	command.Flags().StringVar(&at, "at", "", "as of `INSTANT`, such as 2026-11-23T09:00:00Z (default now)")
	command.Flags().StringVar(&window, "window", "", "measure over `WINDOW`: 30d, month, or the last whole month:-1 (default each objective's own)")
	out.flags(command, "table", "json", "csv", "markdown", "html")
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
	var asked prometheus.Engine
	asked, q.Unreachable = engine.Asked(ctx)
	results := engine.Status(ctx, chosen.all(), q)
	shown.end()
	if err := ctx.Err(); err != nil {
		return err
	}
	status := report.Status{At: q.At, Engine: asked, Resolution: engine.Resolution(), Problems: chosen.problems,
		Agreements: results[:len(chosen.agreements)], SLOs: results[len(chosen.agreements):]}
	if err := out.print(streams, status.Report(), status.Page, status.Figures); err != nil {
		return err
	}
	return sayUnmeasured(streams, results, out.forPeople())
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
		fmt.Fprintf(streams.Err, "accord: %s: not measured: %s\n", places, report.Inert(reason))
	}
	return errSaid
}

const defaultRange = 30 * 24 * time.Hour
