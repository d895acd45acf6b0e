package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/report"
)

func newValidate(streams Streams) *cobra.Command {
	var from definitions
	var out output
	var noReferences bool
	command := &cobra.Command{
		Use:   "validate",
		Short: "Check the documents",
		Long: `Reads the folder and says what is wrong, a line each: file:line:column: message.
Exit code 1 when there is an error; warnings alone exit with 0.`,
		Example: "  accord validate --definitions provisioning/slas",
	}
	from.flags(command)
	out.flags(command, "table", "json", "csv")
	command.Flags().BoolVar(&noReferences, "no-references", false, "check each document by itself, as for half a checkout")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		read, err := catalog.Load(command.Context(), from.dir, catalog.Options{
			NoReferences: noReferences, Connection: from.connection, CheckSLI: checkSLI})
		if err != nil {
			return err
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
	errors, warnings := 0, 0
	for _, problem := range read.Problems {
		fmt.Fprintln(streams.Out, problem)
		if problem.Severity == catalog.Error {
			errors++
		} else {
			warnings++
		}
	}
	_, err := fmt.Fprintf(streams.Out, "%s read: %s, %s\n", plural(read.Documents, "document"), plural(errors, "error"), plural(warnings, "warning"))
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
