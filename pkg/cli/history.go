package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newHistory(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var out output
	var at, window string
	periods := measure.DefaultPeriods
	command := &cobra.Command{
		Use:   "history",
		Short: "How agreements stood, period by period",
		Long: `Prints each objective period by period, oldest first: past periods whole, the
current one to date. A rolling window has no periods; its history is told by month.`,
		Example: `  accord history --agreement payments-for-checkout --periods 6
  accord history --window week --periods 4 -o csv`,
	}
	from.selectionFlags(command)
	command.Flags().StringVar(&at, "at", "", "as of `INSTANT`, such as 2026-11-23T09:00:00Z (default now)")
	command.Flags().StringVar(&window, "window", "", "measure by `PERIOD`: day, week, month, quarter, year (default each objective's own)")
	command.Flags().IntVar(&periods, "periods", periods, "`N` periods, 1 to 400")
	out.flags(command, "table", "json", "csv", "markdown", "html")
	connected.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		if periods < 1 || periods > 400 {
			return usagef("--periods %d: must be from 1 to 400", periods)
		}
		instant, err := instantFlag("at", at, streams.Now())
		if err != nil {
			return err
		}
		unit, err := windowFlag(window)
		if err != nil {
			return err
		}
		if unit != nil && (!unit.IsCalendar() || unit.Offset != 0) {
			return usagef("--window %q: periods are day, week, month, quarter or year", window)
		}
		engine, err := connected.engine(streams)
		if err != nil {
			return err
		}
		return runHistory(command.Context(), streams, &from, engine, &out, instant, unit, periods)
	}
	return command
}

func runHistory(ctx context.Context, streams Streams, from *definitions, engine *measure.Engine, out *output,
	at time.Time, unit *agreement.Window, periods int) error {
	chosen, err := from.read(ctx, streams, engine.Resolution())
	if err != nil {
		return err
	}
	server, err := engine.Capabilities(ctx)
	if err != nil {
		return err
	}
	var rows []measure.Period
	err = forEachObjective(ctx, streams, chosen, func(a *agreement.Agreement, o *agreement.Objective) {
		rows = append(rows, engine.History(ctx, a, o, at, unit, periods)...)
	})
	if err != nil {
		return err
	}
	err = out.print(streams, wire.Periods(rows),
		func() tables.Page { return tables.HistoryPage(at, server, engine.Resolution(), rows) },
		func() tables.Rows { return tables.HistoryFigures(rows) })
	if err != nil {
		return err
	}
	return sayUnmeasured(streams, unmeasured(rows), out.forPeople())
}

// forEachObjective visits what was chosen, with progress, until ctx ends.
func forEachObjective(ctx context.Context, streams Streams, chosen selection, visit func(*agreement.Agreement, *agreement.Objective)) error {
	shown := measuring(streams)
	defer shown.end()
	done, total := 0, chosen.objectives()
	for _, a := range chosen.all() {
		for _, o := range a.Objectives {
			shown.show(done, total)
			visit(a, o)
			if err := ctx.Err(); err != nil {
				return err
			}
			done++
		}
	}
	return nil
}

// unmeasured is a result for each objective that has a period with an error.
func unmeasured(rows []measure.Period) (results []measure.AgreementResult) {
	last := ""
	for _, row := range rows {
		if name := row.Agreement.Name + "/" + row.Objective.Name; row.Err != nil && name != last {
			last = name
			results = append(results, measure.AgreementResult{Agreement: row.Agreement, Objectives: []measure.Result{row.Result}})
		}
	}
	return results
}
