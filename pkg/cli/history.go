package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/measure"
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
	command.Flags().IntVar(&periods, "periods", 0, fmt.Sprintf("`N` periods, 1 to %d (default %d)", measure.MaxPeriods, measure.DefaultPeriods))
	s.zoneFlag(command)
	s.formatFlag(command, "table", "json", "csv", "markdown", "html")
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if command.Flags().Changed("periods") && (periods < 1 || periods > measure.MaxPeriods) {
			return usagef("--periods %d: must be from 1 to %d", periods, measure.MaxPeriods)
		}
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

func (s *session) history(ctx context.Context, at time.Time, unit *agreement.Window, periods int) error {
	var rows []measure.Period
	server, failed, err := s.measureEach(ctx, func(a *agreement.Agreement, o *agreement.Objective) (err error) {
		for _, period := range s.service.History(ctx, a, o, at, unit, periods) {
			period.Agreement = s.zoned(a)
			rows = append(rows, period)
			err = cmp.Or(err, period.Err)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := s.print(wire.Periods(rows), tables.HistoryPage(at, server, s.server.resolution, rows)); err != nil {
		return err
	}
	return s.warnFailed(failed, s.forPeople())
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
	var lists []tables.IncidentList
	server, failed, err := s.measureEach(ctx, func(a *agreement.Agreement, o *agreement.Objective) error {
		if o.OtherConnection != "" {
			return nil
		}
		groups, _, err := s.service.Incidents(ctx, a, o, over.from, over.to)
		for _, group := range groups {
			lists = append(lists, tables.IncidentList{Agreement: s.zoned(a), Objective: o, GroupIncidents: group})
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := s.print(wire.Each(lists, tables.IncidentList.JSON), tables.IncidentPage(over.from, over.to, server, s.server.resolution, lists)); err != nil {
		return err
	}
	return s.warnFailed(failed, false)
}
