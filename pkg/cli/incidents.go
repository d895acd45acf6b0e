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

func newIncidents(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var out output
	var begin, end string
	command := &cobra.Command{
		Use:   "incidents",
		Short: "When budgets burned, and how much it took",
		Long: `Prints the runs of time in which an objective's error budget burned faster than
it lasts, and that took at least 1 % of its window's budget.`,
		Example: `  accord incidents --agreement payments-for-checkout --from 2026-11-01`,
	}
	from.selectionFlags(command)
	command.Flags().StringVar(&begin, "from", "", "first `INSTANT`, such as 2026-11-01 (default 30 days before --to)")
	command.Flags().StringVar(&end, "to", "", "last `INSTANT` (default now)")
	out.flags(command, "table", "json", "csv", "markdown", "html")
	connected.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		to, err := instantFlag("to", end, streams.Now())
		if err != nil {
			return err
		}
		since, err := instantFlag("from", begin, to.Add(-defaultRange))
		if err != nil {
			return err
		}
		if !since.Before(to) {
			return usagef("--from %s is not before --to %s", since.Format(time.RFC3339), to.Format(time.RFC3339))
		}
		engine, err := connected.engine(streams)
		if err != nil {
			return err
		}
		return runIncidents(command.Context(), streams, &from, engine, &out, since, to)
	}
	return command
}

func runIncidents(ctx context.Context, streams Streams, from *definitions, engine *measure.Engine, out *output, since, to time.Time) error {
	chosen, err := from.read(ctx, streams, engine.Resolution())
	if err != nil {
		return err
	}
	server, err := engine.Capabilities(ctx)
	if err != nil {
		return err
	}
	lists := []wire.IncidentList{}
	var failed []measure.AgreementResult
	err = forEachObjective(ctx, streams, chosen, func(a *agreement.Agreement, o *agreement.Objective) {
		if o.OtherConnection != "" {
			return
		}
		groups, _, err := engine.Incidents(ctx, a, o, since, to)
		if err != nil {
			failed = append(failed, measure.AgreementResult{Agreement: a,
				Objectives: []measure.Result{{Agreement: a, Objective: o, Err: err}}})
		}
		for _, group := range groups {
			lists = append(lists, wire.NewIncidentList(a.Name, o.Name, o.Unit(), group))
		}
	})
	if err != nil {
		return err
	}
	err = out.print(streams, lists,
		func() tables.Page { return tables.IncidentPage(since, to, server, engine.Resolution(), lists) },
		func() tables.Rows { return tables.IncidentFigures(lists) })
	if err != nil {
		return err
	}
	return sayUnmeasured(streams, failed, false)
}
