package cli

import (
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/report"
)

func newSeries(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var out output
	var begin, end, step, window, scope string
	command := &cobra.Command{
		Use:   "series KIND",
		Short: "One objective over time: " + kinds(),
		Long: `Prints one objective over time.

  compliance  that of the window as of each point
  budget      the share of the window's error budget that is left
  burnRate    a series for each burn window
  sli         the good ratio of what was counted since the point before`,
		Example: "  accord series budget --agreement payments-for-checkout --objective availability --from 2026-11-01 --step 6h",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("give one of %s", kinds())
			}
			return nil
		},
	}
	for _, kind := range measure.SeriesKinds() {
		command.ValidArgs = append(command.ValidArgs, string(kind))
	}
	from.selectionFlags(command)
	connected.flags(command)
	out.flags(command, "table", "json", "csv")
	command.Flags().StringVar(&begin, "from", "", "first instant, default 30 days before --to")
	command.Flags().StringVar(&end, "to", "", "last instant, default now")
	command.Flags().StringVar(&step, "step", "", "time between points, default such that there are about 100")
	command.Flags().StringVar(&window, "window", "", "instead of the objective's own, such as 7d or month")
	command.Flags().StringVar(&scope, "scope", "adjusted", "adjusted, or raw to count time out of scope too")
	command.RunE = func(command *cobra.Command, args []string) error {
		q := measure.SeriesQuestion{Raw: scope == "raw"}
		if err := seriesQuestion(streams, &q, args[0], begin, end, step, window, scope, &out); err != nil {
			return err
		}
		engine, err := connected.engine(streams)
		if err != nil {
			return err
		}
		a, o, err := from.one(command.Context(), engine, streams)
		if err != nil {
			return err
		}
		series, _, err := engine.Series(command.Context(), a, o, q)
		if err != nil {
			return err
		}
		return out.print(streams, report.Lines(series),
			func() report.Rows {
				return report.SeriesRows(series, report.FigureText(q.Kind == measure.BurnRateSeries))
			},
			func() report.Rows {
				return report.SeriesRows(series, func(f budget.Figure) string { return report.Number(f) })
			})
	}
	return command
}

func kinds() string {
	var names []string
	for _, kind := range measure.SeriesKinds() {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}

func seriesQuestion(streams Streams, q *measure.SeriesQuestion, kind, begin, end, step, window, scope string, out *output) (err error) {
	if err = out.check(); err != nil {
		return err
	}
	for _, known := range measure.SeriesKinds() {
		if string(known) == kind {
			q.Kind = known
		}
	}
	if q.Kind == "" {
		return usagef("there is no series %q: give one of %s", kind, kinds())
	}
	if scope != "raw" && scope != "adjusted" {
		return usagef("--scope %q: must be adjusted or raw", scope)
	}
	if q.To, err = instantFlag("to", end, streams.Now()); err != nil {
		return err
	}
	if q.From, err = instantFlag("from", begin, q.To.Add(-defaultRange)); err != nil {
		return err
	}
	if !q.From.Before(q.To) {
		return usagef("--from %s is not before --to %s", q.From.Format(time.RFC3339), q.To.Format(time.RFC3339))
	}
	if q.Window, err = windowFlag(window); err != nil {
		return err
	}
	q.Step = q.To.Sub(q.From) / 100
	if step != "" {
		parsed, err := model.ParseDuration(step)
		if err != nil || parsed <= 0 {
			return usagef("--step %q: must be a duration such as 1h", step)
		}
		q.Step = time.Duration(parsed)
	}
	return nil
}
