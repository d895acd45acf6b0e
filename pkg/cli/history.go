package cli

import (
	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/report"
)

func newHistory(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var out output
	var at, window string
	periods := measure.DefaultPeriods
	command := &cobra.Command{
		Use:   "history",
		Short: "Agreements period by period",
		Long: `Prints each objective period by period, oldest first: past periods whole, the
current one to date. A rolling window has no periods; its history is told by month.`,
		Example: "  accord history --agreement payments-for-checkout --periods 6",
	}
	from.selectionFlags(command)
	connected.flags(command)
	out.flags(command, "table", "json", "csv", "markdown", "html")
	command.Flags().StringVar(&at, "at", "", "as of this instant, default now")
	command.Flags().StringVar(&window, "window", "", "periods other than the objective's own: day, week, month, quarter, year")
	command.Flags().IntVar(&periods, "periods", periods, "how many periods, 1 to 400")
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
		read, err := from.load(command.Context(), engine.Resolution())
		if err != nil {
			return err
		}
		sayProblems(streams, read, from.dir)
		agreements, slos, err := from.chosen(read)
		if err != nil {
			return err
		}
		var rows []measure.Period
		forEachObjective(append(agreements, slos...), func(a *agreement.Agreement, o *agreement.Objective) {
			rows = append(rows, engine.History(command.Context(), a, o, instant, unit, periods)...)
		})
		err = out.print(streams, report.Periods(rows),
			func() report.Rows { return report.HistoryRows(rows) },
			func() report.Rows { return report.HistoryFigures(rows) })
		if err != nil {
			return err
		}
		return sayUnmeasured(streams, asResults(rows))
	}
	return command
}

func forEachObjective(agreements []*agreement.Agreement, visit func(*agreement.Agreement, *agreement.Objective)) {
	for _, a := range agreements {
		for _, o := range a.Objectives {
			visit(a, o)
		}
	}
}

func asResults(rows []measure.Period) []measure.AgreementResult {
	var results []measure.AgreementResult
	for _, row := range rows {
		results = append(results, measure.AgreementResult{Agreement: row.Agreement, Objectives: []measure.Result{row.Result}})
	}
	return results
}
