package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newValidate(streams Streams) *cobra.Command {
	var from definitions
	var out output
	var noReferences, alerts bool
	var resolution string
	command := &cobra.Command{
		Use:   "validate",
		Short: "Check the documents",
		Long: `Reads the folder and says what is wrong, a line each: file:line:column: message.
Exit code 1 when there is an error, or no document at all; warnings alone exit
with 0. Alerts that can never fire are counted at the end; --alerts shows what each
burn-rate alert can do. Prometheus is not asked.`,
		Example: `  accord validate --definitions slas
  accord validate --definitions slas/payments --no-references
  accord validate --definitions slas --alerts`,
	}
	from.flags(command)
	command.Flags().BoolVar(&noReferences, "no-references", false, "check each document by itself, as for a part of the folder")
	command.Flags().BoolVar(&alerts, "alerts", false, "show whether each burn-rate alert can fire, and how soon, in place of the problems")
	command.Flags().StringVar(&resolution, "resolution", "5m", "slots of `DURATION`, which divides a day")
	out.flags(command, "table", "json", "csv")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		if alerts && noReferences {
			return usagef("--alerts needs the targets and windows that references lead to, so it does not go with --no-references")
		}
		length, err := (&connection{resolution: resolution}).slotLength()
		if err != nil {
			return err
		}
		read, err := catalog.Load(command.Context(), from.dir, catalog.Options{
			NoReferences: noReferences, Connection: from.connection, CheckSLI: sli.Check, Resolution: length})
		if err != nil {
			return err
		}
		// A path that an editor opens from where the command was started.
		for i, problem := range read.Problems {
			read.Problems[i].File = filepath.Join(from.dir, filepath.FromSlash(problem.File))
		}
		if read.Documents == 0 && !read.HasErrors() {
			return fmt.Errorf("no documents (.yaml, .yml) in %q; give their folder with --definitions", from.dir)
		}
		if noReferences {
			return finishProblems(streams, &out, read, nil)
		}
		checked := wire.NewObjectiveAlerts(measure.CheckUnmeasured(everything(read), streams.Now(), length))
		if alerts {
			return printAlerts(streams, &out, checked)
		}
		return finishProblems(streams, &out, read, checked)
	}
	return command
}

// finishProblems prints what is wrong, and fails where there is an error.
func finishProblems(streams Streams, out *output, read *catalog.Catalog, checked []wire.ObjectiveAlerts) error {
	if err := printProblems(streams, out, read, checked); err != nil {
		return err
	}
	if read.HasErrors() {
		return errSaid
	}
	return nil
}

// everything are the agreements, then the SLOs that none names.
func everything(c *catalog.Catalog) []*agreement.Agreement {
	all := append([]*agreement.Agreement{}, c.Agreements...)
	for _, s := range c.SLOs {
		all = append(all, s.AsAgreement())
	}
	return all
}

func printAlerts(streams Streams, out *output, checked []wire.ObjectiveAlerts) error {
	heading := []string{"Burn-rate alerts by what is written, at even traffic after time without anything bad."}
	return out.print(streams, checked, func() tables.Page { return tables.AlertPage(heading, checked) },
		func() tables.Rows { return tables.AlertFigures(checked) })
}

// neverFire says how many alerts can never fire; empty when all can.
func neverFire(checked []wire.ObjectiveAlerts) string {
	alerts, objectives := 0, 0
	for _, of := range checked {
		before := alerts
		for _, alert := range of.Alerts {
			if !alert.CanFire {
				alerts++
			}
		}
		if alerts > before {
			objectives++
		}
	}
	if alerts == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s can never fire; see: accord validate --alerts", plural(alerts, "burn-rate alert"), plural(objectives, "objective"))
}

func printProblems(streams Streams, out *output, read *catalog.Catalog, checked []wire.ObjectiveAlerts) error {
	if out.format != "table" {
		problems := read.Problems
		if problems == nil {
			problems = []catalog.Problem{}
		}
		return out.print(streams, problems, nil, func() tables.Rows { return problemRows(problems) })
	}
	for _, problem := range read.Problems {
		fmt.Fprintln(streams.Out, tables.Inert(problem.String()))
	}
	errors, warnings := document.CountProblems(read.Problems)
	if said := neverFire(checked); said != "" {
		fmt.Fprintln(streams.Out, said)
	}
	_, err := fmt.Fprintf(streams.Out, "%s, %s, %s\n", plural(read.Documents, "good document"), plural(errors, "error"), plural(warnings, "warning"))
	return err
}

func problemRows(problems []catalog.Problem) tables.Rows {
	rows := tables.Rows{Header: []string{"file", "line", "column", "severity", "kind", "name", "field", "message"}}
	for _, p := range problems {
		rows.Body = append(rows.Body, []string{p.File, fmt.Sprint(p.Line), fmt.Sprint(p.Column),
			string(p.Severity), p.Kind, p.Name, p.Field, p.Message})
	}
	return rows
}
