package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newValidate(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
	var noReferences, alerts bool
	command := &cobra.Command{
		Use:   "validate [PATH]...",
		Short: "Check the documents",
		Long: `Reads the folders and files, or those of --definitions, and says what is wrong, a line
each: file:line:column: message. Exit code 1 when there is an error, or no document at
all; warnings alone exit with 0. Alerts that can never fire are counted at the end;
--alerts shows what each burn-rate alert can do.

With --prometheus also what only the data can tell: queries that match nothing and
the matcher to blame, gauges taken for counters, bounds that no bucket has, good that
is no part of the total, data shorter than the window.`,
		Example: `  accord validate slas
  accord validate --no-references slas/payments.yaml slas/checkout.yaml
  accord validate slas --prometheus http://prometheus:9090
  accord validate slas --alerts`,
		Args: cobra.ArbitraryArgs,
	}
	s.from.flags(command)
	command.Flags().BoolVar(&noReferences, "no-references", false, "check each document by itself, as for a part of the folder")
	command.Flags().BoolVar(&alerts, "alerts", false, "show whether each burn-rate alert can fire, and how soon, in place of the problems")
	s.formatFlag(command, "table", "json", "csv")
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, paths []string) error {
		if alerts && noReferences {
			return usagef("--alerts needs the targets and windows that references lead to, so it does not go with --no-references")
		}
		if noReferences && command.Flags().Changed("prometheus") {
			return usagef("--prometheus needs the targets and windows that references lead to, so it does not go with --no-references")
		}
		if s.server.given(command) && !noReferences && !alerts {
			if err := s.connect(); err != nil {
				return err
			}
		}
		options := s.from.options(s.server.resolution)
		options.NoReferences = noReferences
		if len(paths) > 0 {
			var err error
			if s.from.dir, options.Only, err = inOneFolder(paths); err != nil {
				return err
			}
		}
		return s.validate(command.Context(), options, alerts)
	}
	return command
}

// inOneFolder returns the deepest folder that contains all paths, and their paths in it, with slashes.
func inOneFolder(paths []string) (dir string, names []string, err error) {
	absolute := make([]string, len(paths))
	for i, name := range paths {
		if absolute[i], err = filepath.Abs(name); err != nil {
			return "", nil, err
		}
		info, err := os.Stat(name)
		if err != nil {
			return "", nil, fmt.Errorf("%s cannot be read: %w", name, catalog.Cause(err))
		}
		if dir == "" {
			dir = absolute[i]
			if !info.IsDir() {
				dir = filepath.Dir(dir)
			}
		}
		for dir != filepath.Dir(dir) {
			if in, err := filepath.Rel(dir, absolute[i]); err == nil && filepath.IsLocal(in) {
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	for _, name := range absolute {
		in, err := filepath.Rel(dir, name)
		if err != nil { // two drives of Windows have no common folder
			return "", nil, err
		}
		names = append(names, filepath.ToSlash(in))
	}
	if here, err := os.Getwd(); err == nil && !filepath.IsAbs(paths[0]) {
		dir, err = filepath.Rel(here, dir)
		return dir, names, err
	}
	return dir, names, nil
}

func (s *session) validate(ctx context.Context, options catalog.Options, alerts bool) error {
	loaded, err := catalog.Load(ctx, s.from.dir, options)
	if err != nil {
		return err
	}
	var unasked error // why the data could not be checked
	if s.service != nil {
		if _, unasked = s.service.Capabilities(ctx); unasked == nil {
			var found []problem.Problem
			found, unasked = planning.Findings(ctx, s.service, loaded.All(), s.Now())
			loaded.Problems = problem.Sort(append(loaded.Problems, found...))
		}
	}
	// Editors can open these paths from the working directory.
	from := func(at agreement.Place) agreement.Place {
		at.File = filepath.Join(s.from.dir, filepath.FromSlash(at.File))
		return at
	}
	for i := range loaded.Problems {
		p := &loaded.Problems[i]
		p.Place = from(p.Place)
		if p.See.File != "" {
			p.Message = strings.Replace(p.Message, problem.See(p.See).String(), problem.See(from(p.See)).String(), 1)
		}
	}
	if loaded.Documents == 0 && !loaded.HasErrors() && !options.NoReferences {
		for _, p := range loaded.Problems { // about skipped documents
			fmt.Fprintln(s.Err, tables.Sanitize(p.String())+"; SLOs of Sloth and Pyrra are taken over by accord import")
		}
		looked := s.from.dir
		if len(options.Only) == 1 {
			looked = filepath.Join(looked, options.Only[0])
		}
		return fmt.Errorf("no documents (.yaml, .yml) in %q; give their folder with --definitions", looked)
	}
	var checks []planning.ObjectiveAlerts
	if !options.NoReferences {
		checks = planning.CheckWrittenAlerts(ctx, loaded.All(), s.Now(), s.server.resolution)
	}
	if alerts {
		heading := []string{"Burn-rate alerts by what is written, at even traffic after time without anything bad."}
		err = s.print(checks, tables.AlertPage(heading, checks))
		if loaded.HasErrors() {
			s.warnf("documents with errors are left out; accord validate without --alerts lists them")
		}
	} else {
		err = s.printProblems(loaded, checks)
	}
	return cmp.Or(err, unasked, failing(loaded.HasErrors()))
}

func (s *session) printProblems(loaded *catalog.Catalog, checks []planning.ObjectiveAlerts) error {
	if s.format != "table" {
		problems := wire.List(loaded.Problems)
		rows := tables.Rows{Head: tables.Heads("file", "line", "column", "severity", "kind", "name", "field", "message")}
		for _, p := range problems {
			rows.Body = append(rows.Body,
				[]string{p.File, fmt.Sprint(p.Line), fmt.Sprint(p.Column), string(p.Severity), p.Kind, p.Name, p.Field, p.Message})
		}
		return s.print(problems, tables.Page{Rows: rows})
	}
	for _, p := range loaded.Problems {
		fmt.Fprintln(s.Out, tables.Sanitize(p.String()))
	}
	if alerts, objectives := neverFire(checks); alerts > 0 {
		fmt.Fprintf(s.Out, "%s of %s can never fire; see: accord validate --alerts\n", tables.Plural(alerts, "burn-rate alert"), tables.Plural(objectives, "objective"))
	}
	errors, warnings := problem.Count(loaded.Problems)
	_, err := fmt.Fprintf(s.Out, "%s, %s, %s\n", tables.Plural(loaded.Documents, "good document"), tables.Plural(errors, "error"), tables.Plural(warnings, "warning"))
	return err
}

func neverFire(checks []planning.ObjectiveAlerts) (alerts, objectives int) {
	for _, objective := range checks {
		never := 0
		for _, alert := range objective.Alerts {
			if !alert.CanFire {
				never++
			}
		}
		alerts, objectives = alerts+never, objectives+min(never, 1)
	}
	return alerts, objectives
}

func newSchema(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the documents, for editors",
		Long: `Prints the JSON Schema of the documents, with which an editor completes and
checks them as they are typed. What hangs on other documents or on PromQL is
checked by accord validate.`,
		Example: `  accord schema > accord.schema.json
  # then, as the first line of a document, for the YAML language server:
  # yaml-language-server: $schema=accord.schema.json`,
		RunE: func(*cobra.Command, []string) error {
			_, err := streams.Out.Write(catalog.Schema)
			return err
		},
	}
}
