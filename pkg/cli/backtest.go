package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// backtestRange is the history of a backtest unless said otherwise.
const backtestRange = 90 * 24 * time.Hour

// trialFlags are what is tried in place of what was agreed.
type trialFlags struct {
	target, window     string
	exclusions, alerts []string
}

func newBacktest(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var out output
	var tried trialFlags
	var begin, end string
	command := &cobra.Command{
		Use:   "backtest",
		Short: "How another target, window or alert would have done",
		Long: `Tries an objective on history, as if it had been in force all the time: the budget
that was left, every alert that would have fired, and the target that was held in
99 % of the past windows. With a target, a window, exclusions or alerts to be tried,
both definitions stand side by side. Alerts are evaluated at every edge of a slot.`,
		Example: `  accord backtest --agreement payments-for-checkout --objective availability --target 99.95%
  accord backtest --agreement payments-for-checkout --objective availability --window 7d \
      --exclude 2026-11-03T13:30:00Z/2026-11-03T14:30:00Z --alert page:2%:1h --alert ticket:10%:3d`,
	}
	from.selectionFlags(command)
	flags := command.Flags()
	flags.StringVar(&begin, "from", "", "from `INSTANT` on, such as 2026-09-01 (default 90 days before --to)")
	flags.StringVar(&end, "to", "", "up to `INSTANT` (default now)")
	flags.StringVar(&tried.target, "target", "", "try `TARGET`, such as 99.95% or 0.9995")
	flags.StringVar(&tried.window, "window", "", "try `WINDOW`, such as 7d or month")
	flags.StringArrayVar(&tried.exclusions, "exclude", nil, "try without the time `FROM/TO` (repeatable)")
	flags.StringArrayVar(&tried.alerts, "alert", nil, "try the alerts `SEVERITY:SHARE:LONG` only, such as page:2%:1h (repeatable)")
	out.flags(command, "table", "json", "csv")
	connected.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		var q measure.BacktestQuestion
		var err error
		if q.To, err = instantFlag("to", end, streams.Now()); err != nil {
			return err
		}
		if q.From, err = instantFlag("from", begin, q.To.Add(-backtestRange)); err != nil {
			return err
		}
		if err := q.Check(); err != nil {
			return &usageError{err}
		}
		trial, err := tried.read()
		if err != nil {
			return err
		}
		engine, err := connected.engine(streams)
		if err != nil {
			return err
		}
		return runBacktest(command.Context(), streams, &from, engine, &out, q, trial)
	}
	return command
}

func runBacktest(ctx context.Context, streams Streams, from *definitions, engine *measure.Engine, out *output, q measure.BacktestQuestion, trial measure.Trial) error {
	a, o, err := from.one(ctx, streams, engine.Resolution())
	if err != nil {
		return err
	}
	server, err := engine.Capabilities(ctx)
	if err != nil {
		return err
	}
	present := measure.Present(a, o)
	sides := []*wire.Tried{{Definition: present}, nil}
	if !trial.IsZero() {
		sides[1] = &wire.Tried{Definition: trial.Of(present), Exclusions: len(trial.Exclusions)}
	}
	var measurement measure.Measurement
	shown := newProgress(streams, func(done, total int) string { return fmt.Sprintf("trying definition %d of %d …", done+1, total) })
	for i, side := range sides {
		if side == nil {
			continue
		}
		shown.show(i, len(sides))
		if side.Groups, measurement, err = engine.Backtest(ctx, side.Definition, q); err != nil {
			shown.end()
			return err
		}
	}
	shown.end()
	b := wire.NewBacktest(q, engine.Step(), measurement, sides[0], sides[1])
	err = out.print(streams, b, func() tables.Page { return tables.BacktestPage(server, engine.Resolution(), b) },
		func() tables.Rows { return tables.BacktestFigures(b) })
	if err == nil && out.forPeople() {
		fmt.Fprintln(streams.Out)
		err = out.print(streams, nil, func() tables.Page { return tables.FiringPage(b) }, nil)
	}
	return err
}

// read is the trial that the flags tell.
func (f trialFlags) read() (trial measure.Trial, err error) {
	if f.target != "" {
		if trial.Target, err = ratioFlag("target", f.target); err != nil {
			return trial, err
		}
	}
	if trial.Window, err = windowFlag(f.window); err != nil {
		return trial, err
	}
	for _, text := range f.exclusions {
		x := agreement.Exclusion{Mode: agreement.Exclude, Zone: time.UTC}
		begin, end, ok := strings.Cut(text, "/")
		if !ok {
			return trial, usagef("--exclude %q: must be FROM/TO, such as 2026-11-03T13:30:00Z/2026-11-03T14:30:00Z", text)
		}
		if x.From, err = instantFlag("exclude", begin, time.Time{}); err != nil {
			return trial, err
		}
		if x.To, err = instantFlag("exclude", end, time.Time{}); err != nil {
			return trial, err
		}
		trial.Exclusions = append(trial.Exclusions, x)
	}
	for _, text := range f.alerts {
		rule, err := alertFlag(text)
		if err != nil {
			return trial, err
		}
		trial.Alerts = append(trial.Alerts, rule)
	}
	if err := trial.Check(); err != nil {
		return trial, usagef("--%s", flagOfTrial.Replace(err.Error()))
	}
	return trial, nil
}

// flagOfTrial has the flag where [measure.Trial.Check] names a field.
var flagOfTrial = strings.NewReplacer("exclusions:", "exclude:", "alerts:", "alert:")

// alertFlag reads page:2%:1h.
func alertFlag(text string) (rule budget.AlertRule, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return rule, usagef("--alert %q: must be SEVERITY:SHARE:LONG, such as page:2%%:1h", text)
	}
	rule.Severity = budget.Severity(parts[0])
	if rule.Share, err = ratioFlag("alert", parts[1]); err != nil {
		return rule, err
	}
	long, err := model.ParseDuration(parts[2])
	if err != nil {
		return rule, usagef("--alert %q: %q must be a duration such as 1h", text, parts[2])
	}
	rule.Long = time.Duration(long)
	return rule, nil
}

// ratioFlag reads a ratio: 99.9 % as 99.9%, or as 0.999.
func ratioFlag(name, text string) (float64, error) {
	number, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	ratio, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch {
	case err != nil || ratio <= 0:
		return 0, usagef("--%s %q: must be a ratio above 0, such as 99.9%% or 0.999", name, text)
	case isPercent:
		// As it is written, not as a quotient of floats.
		return strconv.ParseFloat(strconv.FormatFloat(ratio/100, 'g', 12, 64), 64)
	}
	return ratio, nil
}
