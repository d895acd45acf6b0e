package cli

import (
	"context"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newReport(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	var inGrafana dataSource
	var q measure.Question
	command := &cobra.Command{
		Use:   "report",
		Short: "How every agreement stands",
		Long: `Measures every agreement, and every SLO that no agreement names, as of an instant.
Exit code 1 when something could not be measured; the rest is printed all the same.`,
		Example: `  accord report --definitions slas --prometheus http://prometheus:9090
  accord report --agreement payments-for-checkout --window month:-1 -o json
  accord report --grafana https://grafana.example.org --datasource accord`,
	}
	s.from.selectionFlags(command)
	atFlag(command, &q.At, s.Now())
	addFlag(command.Flags(), &q.Window, "window", "", "measure over `WINDOW`: 30d, month, or the last whole month:-1 (default each objective's own)", readWindow)
	s.formatFlag(command, "table", "json", "csv", "markdown", "html")
	inGrafana.flags(command)
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		source, err := inGrafana.remote(&s.server)
		if err != nil {
			return err
		}
		if source != nil {
			query := s.from.query(command, q.At)
			query.Set("window", command.Flag("window").Value.String())
			return s.remoteReport(command.Context(), source, query)
		}
		if err := s.connect(); err != nil {
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
	agreements := chosen.agreements()
	return s.printReport(wire.Status{At: q.At, Server: server, Resolution: s.server.resolution, Problems: chosen.Problems,
		Agreements: results[:agreements], SLOs: results[agreements:]})
}

func (s *session) printReport(status wire.Status) error {
	if err := s.print(status.Report(), func() tables.Page { return tables.StatusPage(status) }); err != nil {
		return err
	}
	var results []measure.Result
	for _, result := range status.All() {
		results = append(results, result.Objectives...)
	}
	return s.warnFailed(results, s.forPeople())
}

// remoteReport prints the report of a data source in Grafana.
func (s *session) remoteReport(ctx context.Context, source *remote, query url.Values) error {
	var report wire.Report
	if err := source.get(ctx, "status", query, &report, func() bool { return report.Resolution != "" }); err != nil {
		return err
	}
	if errors, _ := document.CountProblems(report.Problems); errors > 0 {
		s.warnf("%s in the documents of the data source, which are left out", tables.Plural(errors, "error"))
	}
	status, err := report.Status()
	if err != nil {
		return fmt.Errorf("the answer of Grafana at %s is not that of this plugin: %w", source.shown, err)
	}
	chosen, err := withObjective(&s.from, status.All(),
		func(r measure.AgreementResult) []measure.Result { return r.Objectives },
		func(r measure.Result) string { return r.Objective.Name },
		narrowResult)
	if err != nil {
		return err
	}
	status.Agreements, status.SLOs = nil, nil
	for _, r := range chosen {
		if r.Agreement.Provider == "" {
			status.SLOs = append(status.SLOs, r)
		} else {
			status.Agreements = append(status.Agreements, r)
		}
	}
	return s.printReport(status)
}

// narrowResult is the result with these objectives, and the state that they make.
func narrowResult(r measure.AgreementResult, objectives []measure.Result) measure.AgreementResult {
	r.Objectives = objectives
	if r.Agreement.Stage == agreement.Active {
		var states []budget.State
		for _, o := range objectives {
			states = append(states, o.State)
		}
		r.State = budget.Worst(states...)
	}
	return r
}
