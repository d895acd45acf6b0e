package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// errStopped ends with the exit code of a release that may not go.
var errStopped = errors.New("stopped")

func newGate(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var elsewhere dataSource
	var out output
	var at, least string
	command := &cobra.Command{
		Use:   "gate",
		Short: "May this release go",
		Long: `Says in one line whether a release may go: not while less of the error budget is left
than it takes, nor while an alert of severity page fires. Exit code 0 when it may, 3
when not; also 3 where nothing was measured, and 1 where it could not be measured:
what nobody has measured is never a go.`,
		Example: `  accord gate --agreement payments-for-checkout --definitions slas
  accord gate --agreement payments-for-checkout --min-remaining 25% -o json
  accord gate --agreement payments-for-checkout --grafana https://grafana.example.org --datasource accord`,
	}
	from.selectionFlags(command)
	command.Flags().StringVar(&least, "min-remaining", "10%", "`SHARE` of the error budget that has to be left")
	command.Flags().StringVar(&at, "at", "", "as of `INSTANT`, such as 2026-11-23T09:00:00Z (default now)")
	out.flags(command, "table", "json")
	elsewhere.flags(command)
	connected.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		if len(from.names) != 1 {
			return usagef("name one agreement with --agreement")
		}
		share, err := budget.ParseShare(least)
		if err != nil {
			return usagef("--min-remaining: %w", err)
		}
		instant, err := instantFlag("at", at, streams.Now())
		if err != nil {
			return err
		}
		source, err := elsewhere.remote(&connected)
		if err != nil {
			return err
		}
		var decided wire.Gate
		if source != nil {
			decided, err = source.gate(command.Context(), gateQuery(&from, at, instant, least))
		} else {
			decided, err = decide(command.Context(), streams, &from, &connected, instant, share)
		}
		if err != nil {
			return err
		}
		return printGate(streams, &out, decided)
	}
	return command
}

func gateQuery(from *definitions, at string, instant time.Time, least string) url.Values {
	query := url.Values{"agreement": from.names, "minRemaining": {least}}
	if from.objective != "" {
		query.Set("objective", from.objective)
	}
	if at != "" {
		query.Set("at", instant.Format(time.RFC3339))
	}
	return query
}

func decide(ctx context.Context, streams Streams, from *definitions, connected *connection, at time.Time, least float64) (wire.Gate, error) {
	engine, err := connected.engine(streams)
	if err != nil {
		return wire.Gate{}, err
	}
	chosen, err := from.read(ctx, streams, engine.Resolution())
	if err != nil {
		return wire.Gate{}, err
	}
	results := engine.Status(ctx, []*agreement.Agreement{chosen.all()[0]}, measure.Question{At: at})
	if err := ctx.Err(); err != nil {
		return wire.Gate{}, err
	}
	return wire.NewGate(at, results[0], least), nil
}

func printGate(streams Streams, out *output, decided wire.Gate) error {
	var err error
	if out.format == "json" {
		err = out.print(streams, decided, nil, nil)
	} else {
		_, err = fmt.Fprintln(streams.Out, tables.Inert(tables.GateLine(decided)))
	}
	switch {
	case err != nil:
		return err
	case decided.Decision == budget.Go:
		return nil
	case decided.Decision == budget.GateFailed:
		return errSaid
	}
	return errStopped
}
