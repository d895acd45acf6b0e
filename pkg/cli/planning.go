package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
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
	s.from.oneFlags(command)
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
			if gate, err = s.gate(command.Context(), at, limits); err != nil {
				return err
			}
		} else {
			query := s.from.query(command, at)
			query.Set("objective", s.from.objective)
			query.Set("minRemaining", command.Flag("min-remaining").Value.String())
			query.Set("maxBlind", command.Flag("max-blind").Value.String())
			if err := inGrafana.get(command.Context(), "gate", query, &gate, func() bool { return gate.Decision != "" }); err != nil {
				return err
			}
			s.leftOut = gate.LeftOut
			s.warnLeftOut()
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

// errStopped is the error of a gate that stops a release; see exitStopped.
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
		return s.warnFailed(nil, true)
	case gate.Decision == planning.Failed:
		return errReported
	}
	return errStopped
}

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
	s.from.oneFlags(command)
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
			q.From = q.To.Add(-90 * 24 * time.Hour)
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

// flagOfTrial replaces fields in errors of [planning.Trial.Check] by their flags.
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
	return cmp.Or(err, s.warnFailed(nil, true))
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

func newPromises(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	at := s.Now()
	command := &cobra.Command{
		Use:   "promises",
		Short: "What can be promised at best, given what is promised upstream",
		Long: `Multiplies what an agreement is promised by those that it depends on (dependsOn), and
compares that with what it promises itself. Exit code 1 when one promises more than
can be kept. Prometheus is not asked.`,
		Example: `  accord promises --definitions slas
  accord promises --agreement payments-for-checkout -o json`,
	}
	s.from.selectionFlags(command)
	addFlag(command.Flags(), &at, "at", "", "by the targets in force at `INSTANT` (default now)", readInstant)
	s.formatFlag(command, "table", "json", "csv")
	command.RunE = func(command *cobra.Command, _ []string) error { return s.promises(command.Context(), at) }
	return command
}

func (s *session) promises(ctx context.Context, at time.Time) error {
	chosen, err := s.read(ctx)
	if err != nil {
		return err
	}
	promises := slices.DeleteFunc(planning.CheckPromises(chosen.Agreements, at), func(p planning.PromiseCheck) bool {
		return !slices.ContainsFunc(chosen.all, func(a *agreement.Agreement) bool {
			return a.Name == p.Agreement && slices.Contains(a.ObjectiveNames(), p.Objective)
		})
	})
	tooMuch := 0
	for _, promise := range promises {
		if !promise.Kept {
			tooMuch++
		}
	}
	if len(promises) == 0 && s.forPeople() {
		_, err = fmt.Fprintln(s.Out, "No agreement here depends on another: see dependsOn in the documents.")
	} else {
		err = s.print(promises, tables.PromisePage(at, promises))
	}
	if err != nil {
		return err
	}
	if tooMuch > 0 {
		s.warnf("more is promised than what it rests on allows: %s", tables.Plural(tooMuch, "objective"))
		return errReported
	}
	return s.warnFailed(nil, true)
}
