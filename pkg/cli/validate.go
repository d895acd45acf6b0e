package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/report"
)

func newValidate(streams Streams) *cobra.Command {
	var from definitions
	var out output
	var noReferences bool
	var resolution string
	command := &cobra.Command{
		Use:   "validate",
		Short: "Check the documents",
		Long: `Reads the folder and says what is wrong, a line each: file:line:column: message.
Exit code 1 when there is an error, or no document at all; warnings alone exit
with 0. Prometheus is not asked.`,
		Example: `  accord validate --definitions slas
  accord validate --definitions slas/payments --no-references`,
	}
	from.flags(command)
	command.Flags().BoolVar(&noReferences, "no-references", false, "check each document by itself, as for a part of the folder")
	command.Flags().StringVar(&resolution, "resolution", "5m", "slots of `DURATION`, which divides a day")
	out.flags(command, "table", "json", "csv")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		length, err := (&connection{resolution: resolution}).slotLength()
		if err != nil {
			return err
		}
		read, err := catalog.Load(command.Context(), from.dir, catalog.Options{
			NoReferences: noReferences, Connection: from.connection, CheckSLI: checkSLI, Resolution: length})
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
		if err := printProblems(streams, &out, read); err != nil {
			return err
		}
		if read.HasErrors() {
			return errSaid
		}
		return nil
	}
	return command
}

func printProblems(streams Streams, out *output, read *catalog.Catalog) error {
	if out.format != "table" {
		problems := read.Problems
		if problems == nil {
			problems = []catalog.Problem{}
		}
		return out.print(streams, problems, nil, func() report.Rows { return problemRows(problems) })
	}
	for _, problem := range read.Problems {
		fmt.Fprintln(streams.Out, report.Inert(problem.String()))
	}
	errors, warnings := countProblems(read.Problems)
	_, err := fmt.Fprintf(streams.Out, "%s, %s, %s\n", plural(read.Documents, "good document"), plural(errors, "error"), plural(warnings, "warning"))
	return err
}

func problemRows(problems []catalog.Problem) report.Rows {
	rows := report.Rows{Header: []string{"file", "line", "column", "severity", "kind", "name", "field", "message"}}
	for _, p := range problems {
		rows.Body = append(rows.Body, []string{p.File, fmt.Sprint(p.Line), fmt.Sprint(p.Column),
			string(p.Severity), p.Kind, p.Name, p.Field, p.Message})
	}
	return rows
}
