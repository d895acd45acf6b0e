package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

const backtestRange = 90 * 24 * time.Hour

func newBacktest(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	q := planning.BacktestQuestion{To: s.Now()}
	var trial planning.Trial
	command := &cobra.Command{
		Use:   "backtest",
		Short: "How another target, window or alert would have done",
		Long: `Tries an objective on history, as if it had been in force all the time: the budget
that was left, every alert that would have fired, and the target that was held in
99% of the past windows. With a target, a window, exclusions or alerts to be tried,
both definitions stand side by side. Alerts are evaluated at every edge of a slot.`,
		Example: `  accord backtest --agreement payments-for-checkout --objective availability --target 99.95%
  accord backtest --agreement payments-for-checkout --objective availability --window 7d \
      --exclude 2026-11-03T13:30:00Z/2026-11-03T14:30:00Z --alert page:2%:1h --alert ticket:10%:3d`,
	}
	s.from.selectionFlags(command)
	s.zoneFlag(command)
	flags := command.Flags()
	addFlag(flags, &q.From, "from", "", "from `INSTANT` on, such as 2026-09-01 (default 90 days before --to)", readInstant)
	addFlag(flags, &q.To, "to", "", "up to `INSTANT` (default now)", readInstant)
	addFlag(flags, &trial.Target, "target", "", "try `TARGET`, such as 99.95% or 0.9995", agreement.ParseRatio)
	addFlag(flags, &trial.Window, "window", "", "try `WINDOW`, such as 7d or month", readWindow)
	addListFlag(flags, &trial.Exclusions, "exclude", "try without the time `FROM/TO` (repeatable)", readExclusion)
	addListFlag(flags, &trial.Alerts, "alert", "try the alerts `SEVERITY:SHARE:LONG` only, such as page:2%:1h (repeatable)", readAlert)
	s.formatFlag(command, "table", "json", "csv")
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if q.From.IsZero() {
			q.From = q.To.Add(-backtestRange)
		}
		if err := q.Check(); err != nil {
			return &usageError{err}
		}
		if err := trial.Check(); err != nil {
			return usagef("--%s", flagOfTrial.Replace(err.Error()))
		}
		return s.backtest(command.Context(), q, trial)
	}
	return command
}

// flagOfTrial has the flag where [planning.Trial.Check] names a field.
var flagOfTrial = strings.NewReplacer("exclusions:", "exclude:", "alerts:", "alert:")

func (s *session) backtest(ctx context.Context, q planning.BacktestQuestion, trial planning.Trial) error {
	a, o, server, err := s.one(ctx)
	if err != nil {
		return err
	}
	present := planning.Present(a, o)
	sides := []*wire.BacktestTrial{{Definition: present}}
	if !trial.IsZero() {
		sides = append(sides, &wire.BacktestTrial{Definition: trial.Of(present), Exclusions: len(trial.Exclusions)})
	}
	var measurement counting.Measurement
	shown := &progress{out: s.Err, text: func(done, total int) string {
		return fmt.Sprintf("trying definition %d of %d …", done+1, total)
	}}
	defer shown.end()
	for i, side := range sides {
		shown.show(i, len(sides))
		if side.Groups, measurement, err = planning.RunBacktest(ctx, s.service, side.Definition, q); err != nil {
			return err
		}
	}
	shown.end()
	sides[0].Definition.Agreement = s.zoned(sides[0].Definition.Agreement)
	b := wire.NewBacktest(q, s.service.Resolution(), measurement, sides[0], append(sides, nil)[1])
	err = s.print(b, tables.BacktestPage(server, s.server.resolution, b))
	if err == nil && s.forPeople() {
		fmt.Fprintln(s.Out)
		err = s.print(nil, tables.FiringPage(b))
	}
	return err
}

func readExclusion(text string) (x agreement.Exclusion, err error) {
	x = agreement.Exclusion{Mode: agreement.Exclude, Zone: time.UTC}
	from, to, ok := strings.Cut(text, "/")
	if !ok {
		return x, fmt.Errorf("%q: must be FROM/TO, such as 2026-11-03T13:30:00Z/2026-11-03T14:30:00Z", text)
	}
	if x.From, err = readInstant(from); err == nil {
		x.To, err = readInstant(to)
	}
	return x, err
}

func readAlert(text string) (rule agreement.AlertRule, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return rule, fmt.Errorf("%q: must be SEVERITY:SHARE:LONG, such as page:2%%:1h", text)
	}
	rule.Severity = agreement.Severity(parts[0])
	if rule.Share, err = agreement.ParseRatio(parts[1]); err != nil {
		return rule, err
	}
	long, err := model.ParseDuration(parts[2])
	if err != nil {
		return rule, fmt.Errorf("%q: %q must be a duration such as 1h", text, parts[2])
	}
	rule.Long = agreement.Duration(long)
	return rule, nil
}
