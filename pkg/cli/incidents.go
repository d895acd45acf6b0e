package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/report"
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
		Example: "  accord incidents --agreement payments-for-checkout --from 2026-11-01",
	}
	from.selectionFlags(command)
	connected.flags(command)
	out.flags(command, "table", "json", "csv", "markdown", "html")
	command.Flags().StringVar(&begin, "from", "", "first instant, default 30 days before --to")
	command.Flags().StringVar(&end, "to", "", "last instant, default now")
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
			return usagef("--from is not before --to")
		}
		engine, err := connected.engine(streams)
		if err != nil {
			return err
		}
		read, err := from.load(command.Context(), engine.Resolution())
		if err != nil {
			return err
		}
		sayProblems(streams, read, from.dir)
		agreements, slos, err := from.chosen(read)
		if err != nil {
			return err
		}
		lists := []report.IncidentList{}
		var failed []measure.AgreementResult
		forEachObjective(append(agreements, slos...), func(a *agreement.Agreement, o *agreement.Objective) {
			if o.Unmeasured != "" {
				return
			}
			groups, _, err := engine.Incidents(command.Context(), a, o, since, to)
			if err != nil {
				failed = append(failed, measure.AgreementResult{Agreement: a,
					Objectives: []measure.Result{{Agreement: a, Objective: o, Err: err}}})
			}
			for _, group := range groups {
				lists = append(lists, report.NewIncidentList(a.Name, o.Name, report.UnitOf(o), group))
			}
		})
		err = out.print(streams, lists,
			func() report.Rows { return report.IncidentRows(lists) },
			func() report.Rows { return report.IncidentFigures(lists) })
		if err != nil {
			return err
		}
		if out.format == string(report.Table) {
			for _, list := range lists {
				fmt.Fprintln(streams.Out, report.RepairText(list))
			}
		}
		return sayUnmeasured(streams, failed)
	}
	return command
}
