package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/report"
)

func newReport(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var out output
	var at, window string
	command := &cobra.Command{
		Use:   "report",
		Short: "The status of every agreement",
		Long: `Measures every agreement, and every SLO that no agreement names, as of an instant.
Exit code 1 when something could not be measured; the rest is printed all the same.`,
		Example: `  accord report --definitions slas --prometheus http://prometheus:9090
  accord report --agreement payments-for-checkout --window month:-1 -o json`,
	}
	from.selectionFlags(command)
	connected.flags(command)
	out.flags(command, "table", "json", "csv", "markdown", "html")
	command.Flags().StringVar(&at, "at", "", "as of this instant, default now")
	command.Flags().StringVar(&window, "window", "", "instead of each objective's own: 30d, month, or a past period such as month:-1")
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
	read, err := from.load(ctx, engine.Resolution())
	if err != nil {
		return err
	}
	agreements, slos, err := from.chosen(read)
	if err != nil {
		return err
	}
	sayProblems(streams, read, from.dir)
	results := engine.Status(ctx, agreements, q)
	alone := engine.Status(ctx, slos, q)
	method, _ := engine.Method(ctx)
	err = out.print(streams, report.New(q.At, string(method), engine.Resolution(), results, alone, read.Problems),
		func() report.Rows { return report.StatusRows(append(results, alone...)) },
		func() report.Rows { return report.StatusFigures(append(results, alone...)) })
	if err != nil {
		return err
	}
	return sayUnmeasured(streams, append(results, alone...))
}

// sayUnmeasured tells on stderr what could not be measured, the same reason
// once, and fails when there is any.
func sayUnmeasured(streams Streams, results []measure.AgreementResult) error {
	var reasons []string
	where := map[string][]string{}
	for _, result := range results {
		for _, objective := range result.Objectives {
			if objective.Err == nil {
				continue
			}
			reason := objective.Err.Error()
			if where[reason] == nil {
				reasons = append(reasons, reason)
			}
			where[reason] = append(where[reason], result.Agreement.Name+"/"+objective.Objective.Name)
		}
	}
	for _, reason := range reasons {
		places := where[reason][0]
		if more := len(where[reason]) - 1; more > 0 {
			places += fmt.Sprintf(" and %d more", more)
		}
		fmt.Fprintf(streams.Err, "accord: %s: not measured: %s\n", places, reason)
	}
	if len(reasons) > 0 {
		return errSaid
	}
	return nil
}

// one is the single objective that --agreement and --objective name.
func (d *definitions) one(ctx context.Context, engine *measure.Engine, streams Streams) (*agreement.Agreement, *agreement.Objective, error) {
	if len(d.names) != 1 || d.objective == "" {
		return nil, nil, usagef("name one objective with --agreement and --objective")
	}
	read, err := d.load(ctx, engine.Resolution())
	if err != nil {
		return nil, nil, err
	}
	sayProblems(streams, read, d.dir)
	agreements, slos, err := d.chosen(read)
	if err != nil {
		return nil, nil, err
	}
	a := append(agreements, slos...)[0]
	return a, a.Objectives[0], nil
}

const defaultRange = 30 * 24 * time.Hour
