package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newHistory(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	var at time.Time
	var unit *agreement.Window
	var periods int
	command := &cobra.Command{
		Use:   "history",
		Short: "How agreements stood, period by period",
		Long: `Prints each objective period by period, oldest first: past periods whole, the
current one to date. A rolling window has no periods; its history is told by month.`,
		Example: `  accord history --agreement payments-for-checkout --periods 6
  accord history --window week --periods 4 -o csv`,
	}
	s.from.selectionFlags(command)
	atFlag(command, &at, s.Now())
	addFlag(command.Flags(), &unit, "window", "", "measure by `PERIOD`: day, week, month, quarter, year (default each objective's own)", readPeriodUnit)
	addFlag(command.Flags(), &periods, "periods", "", fmt.Sprintf("`N` periods, 1 to %d (default %d)", measure.MaxPeriods, measure.DefaultPeriods), readPeriods)
	s.zoneFlag(command)
	s.formatFlag(command, "table", "json", "csv", "markdown", "html")
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		return s.history(command.Context(), at, unit, periods)
	}
	return command
}

func readPeriodUnit(text string) (*agreement.Window, error) {
	unit, err := readWindow(text)
	if err == nil && (!unit.IsCalendar() || unit.Offset != 0) {
		err = fmt.Errorf("%q: periods are day, week, month, quarter or year", text)
	}
	return unit, err
}

func readPeriods(text string) (n int, err error) {
	if n, err = strconv.Atoi(text); err != nil || n < 1 || n > measure.MaxPeriods {
		err = fmt.Errorf("%q: must be a number from 1 to %d", text, measure.MaxPeriods)
	}
	return n, err
}

func (s *session) history(ctx context.Context, at time.Time, unit *agreement.Window, n int) error {
	server, answers, err := measureEach(ctx, s, func(ctx context.Context, service *measure.Service, a *agreement.Agreement, o *agreement.Objective) (periods []measure.Period, err error) {
		periods = service.History(ctx, a, o, at, unit, n)
		for i := range periods {
			periods[i].Agreement = s.zoned(a)
			err = cmp.Or(err, periods[i].Err)
		}
		return periods, err
	})
	if err != nil {
		return err
	}
	var rows []measure.Period
	for _, answer := range answers {
		rows = append(rows, answer.Value...)
	}
	if err := s.print(wire.Periods(rows), tables.HistoryPage(at, server, s.server.resolution, rows)); err != nil {
		return err
	}
	return s.warnFailed(failures(answers), s.forPeople())
}

func newIncidents(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	var over timeRange
	command := &cobra.Command{
		Use:   "incidents",
		Short: "When budgets burned, and how much it took",
		Long: `Prints the runs of time in which an objective's error budget burned faster than
it lasts, and that took at least 1% of its window's budget.`,
		Example: `  accord incidents --agreement payments-for-checkout --from 2026-11-01`,
	}
	s.from.selectionFlags(command)
	over.flags(command, s.Now())
	s.zoneFlag(command)
	s.formatFlag(command, "table", "json", "csv", "markdown", "html")
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := over.check(); err != nil {
			return err
		}
		return s.incidents(command.Context(), over)
	}
	return command
}

func (s *session) incidents(ctx context.Context, over timeRange) error {
	server, answers, err := measureEach(ctx, s, func(ctx context.Context, service *measure.Service, a *agreement.Agreement, o *agreement.Objective) (found incidents, err error) {
		if o.OtherConnection == "" {
			found.groups, found.Measurement, err = service.Incidents(ctx, a, o, over.from, over.to)
		}
		return found, err
	})
	if err != nil {
		return err
	}
	var all []measure.GroupIncidents
	var measured []measure.Result
	for _, answer := range answers {
		for _, group := range answer.Value.groups {
			group.Agreement = s.zoned(group.Agreement)
			all = append(all, group)
		}
		measured = append(measured, measure.Result{Agreement: answer.Agreement, Objective: answer.Objective, Measurement: answer.Value.Measurement})
	}
	if err := s.print(wire.Each(all, wire.NewIncidentList), tables.IncidentPage(over.from, over.to, server, s.server.resolution, all)); err != nil {
		return err
	}
	s.warnAll(tables.Measurements(measured))
	return s.warnFailed(failures(answers), false)
}

// incidents are those of one objective, and how it was measured.
type incidents struct {
	groups []measure.GroupIncidents
	counting.Measurement
}

func newSeries(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	kinds := wire.Each(measure.SeriesKinds(), func(kind measure.SeriesKind) string { return string(kind) })
	giveOne := "give one of " + strings.Join(kinds, ", ")
	var q measure.SeriesQuestion
	var over timeRange
	command := &cobra.Command{
		Use:   "series KIND",
		Short: "One objective over time",
		Long: `Prints one objective over time.

  compliance  that of the window as of each point
  budget      the share of the window's error budget that is left
  burnRate    a series for each burn window
  sli         the good ratio of what was counted since the point before
  events      how much of it was good, and how much bad`,
		Example:   "  accord series budget --agreement payments-for-checkout --objective availability --from 2026-11-01 --step 6h",
		ValidArgs: kinds,
		Args:      arguments(1, 1, giveOne),
	}
	s.from.oneFlags(command)
	over.flags(command, s.Now())
	addFlag(command.Flags(), &q.Step, "step", "", "a point every `DURATION`, in whole slots (default such that there are about 100)", readDuration("1h"))
	addFlag(command.Flags(), &q.Window, "window", "", "measure over `WINDOW`, such as 7d or month (default the objective's own)", readWindow)
	addFlag(command.Flags(), &q.Raw, "scope", "adjusted", "count `SCOPE`: adjusted, or raw for time out of scope too", readScope)
	s.zoneFlag(command)
	s.formatFlag(command, "table", "json", "csv")
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, args []string) error {
		q.Kind = measure.SeriesKind(args[0])
		if seriesTitles[q.Kind] == "" {
			return usagef("there is no series %q%s: %s", args[0], problem.DidYouMean(args[0], kinds), giveOne)
		}
		if err := over.check(); err != nil {
			return err
		}
		q.From, q.To = over.from, over.to
		length := q.To.Sub(q.From)
		q.Step = cmp.Or(q.Step, length/100)
		if q.Step > length {
			return usagef("--step: %s is longer than the %s from --from to --to, in which there would be no point", agreement.FormatDuration(q.Step), agreement.FormatDuration(length))
		}
		return s.series(command.Context(), q)
	}
	return command
}

// readScope reports whether all slots count (raw) or only those in scope (adjusted).
func readScope(text string) (raw bool, err error) {
	if text != "raw" && text != "adjusted" {
		return false, fmt.Errorf("%q: must be adjusted or raw", text)
	}
	return text == "raw", nil
}

var seriesTitles = map[measure.SeriesKind]string{
	measure.ComplianceSeries: "Compliance",
	measure.BudgetSeries:     "Budget left",
	measure.BurnRateSeries:   "Burn rate",
	measure.SLISeries:        "Good ratio",
	measure.EventsSeries:     "Good and bad",
}

func (s *session) series(ctx context.Context, q measure.SeriesQuestion) error {
	a, o, server, err := s.one(ctx)
	if err != nil {
		return err
	}
	shown := measuring(s.Streams)
	shown.show(0, 1)
	series, measurement, err := s.service.Series(ctx, a, o, q)
	shown.end()
	if err != nil {
		return err
	}
	heading := fmt.Sprintf("%s of %s/%s, %s.", seriesTitles[q.Kind], a.Name, o.Name, tables.ServerText(server, s.server.resolution))
	err = s.print(wire.List(series), tables.SeriesPage(heading, q.Kind, o.Unit(), cmp.Or(s.zoned(a).Zone, time.UTC), series))
	s.warnAll(tables.Measurements([]measure.Result{{Agreement: a, Objective: o, Measurement: measurement}}))
	return cmp.Or(err, s.warnFailed(nil, true))
}
