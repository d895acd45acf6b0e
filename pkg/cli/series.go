package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newSeries(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var out output
	var begin, end, step, window, scope string
	command := &cobra.Command{
		Use:   "series KIND",
		Short: "One objective over time",
		Long: `Prints one objective over time.

  compliance  that of the window as of each point
  budget      the share of the window's error budget that is left
  burnRate    a series for each burn window
  sli         the good ratio of what was counted since the point before
  events      how much of it was good, and how much bad`,
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
	command.Flags().StringVar(&begin, "from", "", "first `INSTANT`, such as 2026-11-01 (default 30 days before --to)")
	command.Flags().StringVar(&end, "to", "", "last `INSTANT` (default now)")
	command.Flags().StringVar(&step, "step", "", "a point every `DURATION`, in whole slots (default such that there are about 100)")
	command.Flags().StringVar(&window, "window", "", "measure over `WINDOW`, such as 7d or month (default the objective's own)")
	command.Flags().StringVar(&scope, "scope", "adjusted", "count `SCOPE`: adjusted, or raw for time out of scope too")
	out.flags(command, "table", "json", "csv")
	connected.flags(command)
	command.RunE = func(command *cobra.Command, args []string) error {
		q := measure.SeriesQuestion{Raw: scope == "raw"}
		if err := seriesQuestion(streams, &q, args[0], begin, end, step, window, scope, &out); err != nil {
			return err
		}
		engine, err := connected.engine(streams)
		if err != nil {
			return err
		}
		return runSeries(command.Context(), streams, &from, engine, &out, q)
	}
	return command
}

func runSeries(ctx context.Context, streams Streams, from *definitions, engine *measure.Engine, out *output, q measure.SeriesQuestion) error {
	a, o, err := from.one(ctx, streams, engine.Resolution())
	if err != nil {
		return err
	}
	shown := measuring(streams)
	shown.show(0, 1)
	series, _, err := engine.Series(ctx, a, o, q)
	shown.end()
	if err != nil {
		return err
	}
	server, err := engine.Capabilities(ctx)
	if err != nil {
		return err
	}
	return out.print(streams, wire.Lines(series),
		func() tables.Page {
			heading := fmt.Sprintf("%s of %s/%s, %s.", titles[q.Kind], a.Name, o.Name, tables.ServerText(server, engine.Resolution()))
			return tables.SeriesPage(heading, series, seriesText(q.Kind, o))
		},
		func() tables.Rows { return tables.SeriesFigures(series) })
}

// seriesText prints a point of a series.
func seriesText(kind measure.SeriesKind, o *agreement.Objective) func(budget.Figure) string {
	if kind == measure.EventsSeries {
		return func(f budget.Figure) string { return tables.Amount(f, o.Unit()) }
	}
	return tables.FigureText(kind == measure.BurnRateSeries)
}

var titles = map[measure.SeriesKind]string{
	measure.ComplianceSeries: "Compliance",
	measure.BudgetSeries:     "Budget left",
	measure.BurnRateSeries:   "Burn rate",
	measure.SLISeries:        "Good ratio",
	measure.EventsSeries:     "Good and bad",
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
	var names []string
	for _, known := range measure.SeriesKinds() {
		names = append(names, string(known))
		if string(known) == kind {
			q.Kind = known
		}
	}
	if q.Kind == "" {
		return usagef("there is no series %q%s: give one of %s", kind, document.DidYouMean(kind, names), kinds())
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
