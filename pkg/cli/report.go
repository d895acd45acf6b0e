package cli

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newReport(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	var inGrafana remote
	var q measure.Question
	command := &cobra.Command{
		Use:   "report",
		Short: "How every agreement stands",
		Long: `Measures every agreement, and every SLO that no agreement names, as of an instant.
Exit code 1 when something could not be measured or a document was left out, unless
--allow-problems is given; the rest is printed all the same.`,
		Example: `  accord report --definitions slas --prometheus http://prometheus:9090
  accord report --agreement payments-for-checkout --window month:-1 -o json
  accord report --grafana https://grafana.example.org --datasource accord`,
	}
	s.from.selectionFlags(command)
	atFlag(command, &q.At, s.Now())
	addFlag(command.Flags(), &q.Window, "window", "", "measure over `WINDOW`: 30d, month, or the last whole month:-1 (default each objective's own)", readWindow)
	command.Flags().BoolVar(&s.hideIdle, "hide-idle", false, "leave out the groups in which nothing was counted; their agreement's state stays")
	s.zoneFlag(command)
	s.formatFlag(command, "table", "json", "csv", "markdown", "html")
	inGrafana.flags(command)
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		asked, err := inGrafana.open(&s.server)
		if err != nil {
			return err
		}
		if asked {
			query := s.from.query(command, q.At)
			query.Set("window", command.Flag("window").Value.String())
			return s.remoteReport(command.Context(), &inGrafana, query)
		}
		if err := s.connect(); err != nil {
			return err
		}
		if err := s.service.Check(q.Window, q.At); err != nil {
			return err
		}
		return s.report(command.Context(), q)
	}
	return command
}

func (s *session) report(ctx context.Context, q measure.Question) error {
	chosen, err := s.read(ctx)
	if err != nil {
		return err
	}
	shown := measuring(s.Streams)
	shown.show(0, chosen.objectives())
	q.Progress = shown.show
	var server prometheus.Capabilities
	server, q.Unreachable = s.service.Capabilities(ctx)
	results := s.service.Status(ctx, chosen.all, q)
	shown.end()
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.printReport(wire.NewReport(q.At, server, s.server.resolution, results, chosen.Problems))
}

func (s *session) printReport(report wire.Report) error {
	if s.hideIdle {
		report = withoutIdle(report)
	}
	if err := s.print(report, tables.StatusPage(report, s.zone)); err != nil {
		return err
	}
	var failed []measure.Result
	for _, status := range report.All() {
		for _, o := range status.Objectives {
			if o.Error != nil {
				of := measure.Result{Agreement: &agreement.Agreement{Name: status.Name}, Objective: &agreement.Objective{Name: o.Name}, Err: errors.New(*o.Error)}
				if status.LeftOut {
					of.Agreement.NotRead = *o.Error
				}
				failed = append(failed, of)
			}
		}
	}
	return s.warnFailed(failed, s.forPeople())
}

func withoutIdle(report wire.Report) wire.Report {
	all := report.All()
	for i := range all {
		all[i].Objectives = slices.DeleteFunc(slices.Clone(all[i].Objectives), func(o wire.ObjectiveStatus) bool {
			return len(o.Group) > 0 && o.Error == nil && o.Total == 0
		})
	}
	return report.With(all)
}

func (s *session) remoteReport(ctx context.Context, source *remote, query url.Values) error {
	var report wire.Report
	if err := source.get(ctx, "status", query, &report, func() bool { return report.Resolution != 0 }); err != nil {
		return err
	}
	s.leftOut, _ = problem.Count(report.Problems)
	if s.warnLeftOut(); s.leftOut == 0 && len(report.All()) == 0 {
		s.leftOut = 1
		s.warnf("no agreements or SLOs in the documents of the data source")
	}
	name := func(o wire.ObjectiveStatus) string { return o.Name }
	chosen, err := withObjective(&s.from, report.All(), func(r wire.AgreementStatus) (bool, []string) { return r.LeftOut, wire.Each(r.Objectives, name) },
		func(r wire.AgreementStatus) wire.AgreementStatus {
			r.Objectives = slices.DeleteFunc(slices.Clone(r.Objectives), func(o wire.ObjectiveStatus) bool { return name(o) != s.from.objective })
			if r.Stage == agreement.Active {
				r.State = budget.Worst(wire.Each(r.Objectives, func(o wire.ObjectiveStatus) budget.State { return o.State })...)
			}
			return r
		})
	if err != nil {
		return err
	}
	return s.printReport(report.With(chosen))
}
