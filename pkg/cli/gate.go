package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newGate(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	var inGrafana remote
	var at time.Time
	var limits planning.Limits
	command := &cobra.Command{
		Use:   "gate",
		Short: "May this release go",
		Long: `Says in one line whether a release may go: not while less of the error budget is left
than it takes, nor while an alert of severity page fires. Exit code 0 when it may, 3
when not; also 3 where nothing was measured, in the window or in the last hour, and 1
where it could not be measured or documents are left out: what nobody has measured is
never a go.`,
		Example: `  accord gate --agreement payments-for-checkout --definitions slas
  accord gate --agreement payments-for-checkout --min-remaining 25% -o json
  accord gate --agreement payments-for-checkout --grafana https://grafana.example.org --datasource accord`,
	}
	s.from.selectionFlags(command)
	addFlag(command.Flags(), &limits.MinRemaining, "min-remaining", "10%", "`SHARE` of the error budget that has to be left", planning.ParseShare)
	addFlag(command.Flags(), &limits.MaxBlind, "max-blind", "1h", "`DURATION` in scope for which nothing may have been measured", readDuration("1h"))
	atFlag(command, &at, s.Now())
	s.formatFlag(command, "table", "json")
	inGrafana.flags(command)
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if len(s.from.names) != 1 {
			return usagef("name one agreement with --agreement")
		}
		asked, err := inGrafana.open(&s.server)
		if err != nil {
			return err
		}
		var gate wire.Gate
		if !asked {
			gate, err = s.gate(command.Context(), at, limits)
		} else {
			query := s.from.query(command, at)
			query.Set("objective", s.from.objective)
			query.Set("minRemaining", command.Flag("min-remaining").Value.String())
			query.Set("maxBlind", command.Flag("max-blind").Value.String())
			err = inGrafana.get(command.Context(), "gate", query, &gate, func() bool { return gate.Decision != "" })
		}
		if err != nil {
			return err
		}
		return s.printGate(gate)
	}
	return command
}

func (s *session) gate(ctx context.Context, at time.Time, limits planning.Limits) (wire.Gate, error) {
	chosen, err := s.open(ctx)
	if err != nil {
		return wire.Gate{}, err
	}
	results := s.service.Status(ctx, chosen.all[:1], measure.Question{At: at})
	return wire.NewGate(at, results[0], limits, chosen.Problems), ctx.Err()
}

// errStopped ends with the exit code of a release that may not go.
var errStopped = errors.New("stopped")

func (s *session) printGate(gate wire.Gate) (err error) {
	if s.format == "json" {
		err = s.print(gate, tables.Page{})
	} else {
		_, err = fmt.Fprintln(s.Out, tables.Sanitize(tables.GateLine(gate)))
	}
	switch {
	case err != nil:
		return err
	case gate.Decision == planning.Go:
		s.leftOut = gate.LeftOut
		return s.warnFailed(nil, true)
	case gate.Decision == planning.Failed:
		return errReported
	}
	return errStopped
}
