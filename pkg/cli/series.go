package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

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
	s.from.selectionFlags(command)
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
		q.Step = cmp.Or(q.Step, q.To.Sub(q.From)/100)
		return s.series(command.Context(), q)
	}
	return command
}

// readScope reads whether every slot counts, rather than those in scope.
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
	series, _, err := s.service.Series(ctx, a, o, q)
	shown.end()
	if err != nil {
		return err
	}
	heading := fmt.Sprintf("%s of %s/%s, %s.", seriesTitles[q.Kind], a.Name, o.Name, tables.ServerText(server, s.server.resolution))
	return s.print(wire.List(series), tables.SeriesPage(heading, q.Kind, o.Unit(), cmp.Or(s.zoned(a).Zone, time.UTC), series))
}
