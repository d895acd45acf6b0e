package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/formats/pyrra"
	"github.com/accord-sla/accord/pkg/formats/sloth"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/tables"
)

func newImport(streams Streams) *cobra.Command {
	command := &cobra.Command{
		Use:   "import",
		Short: "Turn SLOs of Sloth or Pyrra into documents",
		Long: `Turns the SLOs of another tool into documents, which can be measured at once.
OpenSLO needs no import: its files are read as they are.`,
		Example: `  accord import sloth slos/*.yml > slas/from-sloth.yaml
  kubectl get servicelevelobjectives -A -o yaml | accord import pyrra - --output-dir slas`,
		Args: cobra.ArbitraryArgs,
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no format %q%s; known: sloth, pyrra", args[0], document.DidYouMean(args[0], names(command)))
			}
			return command.Help()
		},
	}
	command.AddCommand(newImportSloth(streams), newImportPyrra(streams))
	for _, sub := range command.Commands() {
		sub.Flags().SortFlags = false
	}
	return command
}

// What both imports do, for their help.
const importing = `

Prints OpenSLO v1 and accord/v1 YAML. What has no place in it is told on stderr, a
line each: file:line:column: document: field: message. Then exit code 1, and nothing
is imported, unless --allow-loss says that the rest will do. FILE may be - for stdin.`

func newImportSloth(streams Streams) *cobra.Command {
	var do importer
	window := sloth.DefaultWindow
	command := &cobra.Command{
		Use:   "sloth FILE…",
		Short: "Turn SLOs of Sloth into documents",
		Long: `Reads prometheus/v1 files of Sloth and PrometheusServiceLevel resources. SLI plugins
are refused by name.` + importing,
		Example: `  accord import sloth slos/*.yml > slas/from-sloth.yaml
  accord import sloth slos/*.yml --allow-loss --window 28d --output-dir slas`,
	}
	do.flags(command)
	command.Flags().StringVar(&window, "window", window, "length of the rolling windows, which files of Sloth do not say: `DURATION`")
	command.RunE = func(_ *cobra.Command, files []string) error {
		probe := &document.Document{}
		if _, ok := openslo.RollingWindow(probe, "window", window); !ok {
			return usagef("--window: %s", probe.Problems()[0].Message)
		}
		return do.run(streams, files, func(set *imports.Set, d *document.Document) []*document.Document {
			return sloth.Import(set, d, window)
		})
	}
	return command
}

func newImportPyrra(streams Streams) *cobra.Command {
	var do importer
	command := &cobra.Command{
		Use:   "pyrra FILE…",
		Short: "Turn SLOs of Pyrra into documents",
		Long: `Reads ServiceLevelObjective resources of Pyrra. One with a grouping becomes a draft of
an agreement too, whose parties people then name.` + importing,
		Example: `  kubectl get servicelevelobjectives -A -o yaml | accord import pyrra - > slas/from-pyrra.yaml
  accord import pyrra slos/*.yaml --allow-loss --output-dir slas`,
	}
	do.flags(command)
	command.RunE = func(_ *cobra.Command, files []string) error { return do.run(streams, files, pyrra.Import) }
	return command
}

// importer is what all imports have in common.
type importer struct {
	dir       string
	allowLoss bool
}

func (i *importer) flags(command *cobra.Command) {
	command.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("name the files to import, or - for stdin")
		}
		return nil
	}
	command.Flags().StringVar(&i.dir, "output-dir", "", "write a new file in `DIR` for each file, in place of stdout")
	command.Flags().BoolVar(&i.allowLoss, "allow-loss", false, "import although something has no place")
	_ = command.MarkFlagDirname("output-dir")
}

// read adds what a document holds to a set, and returns the documents that now
// have the problems.
type read func(*imports.Set, *document.Document) []*document.Document

func (i *importer) run(streams Streams, files []string, read read) error {
	set := imports.NewSet(sli.Check)
	var problems []document.Problem
	var out []imported
	for _, file := range files {
		found, text, err := importFile(streams, set, file, read)
		if err != nil {
			return err
		}
		problems = append(problems, found...)
		out = append(out, imported{file, text})
	}
	for _, problem := range document.Sort(problems) {
		fmt.Fprintln(streams.Err, tables.Inert(problem.String()))
	}
	errorCount, lost := document.CountProblems(problems)
	switch {
	case errorCount > 0:
		fmt.Fprintf(streams.Err, "%s; nothing is imported\n", plural(errorCount, "error"))
		return errSaid
	case lost > 0 && !i.allowLoss:
		fmt.Fprintf(streams.Err, "%s without a place; nothing is imported. With --allow-loss, %s\n", plural(lost, "thing"), wouldImport(set))
		return errSaid
	case set.Imported == 0:
		return fmt.Errorf("no SLO is left to import%s", refused(set))
	case i.dir == "":
		for _, each := range out {
			if _, err := streams.Out.Write(each.text); err != nil {
				return err
			}
		}
	default:
		if err := writeNew(i.dir, out); err != nil {
			return err
		}
	}
	fmt.Fprintf(streams.Err, "%s imported%s\n", plural(set.Imported, "SLO"), refused(set))
	return nil
}

func wouldImport(set *imports.Set) string {
	return fmt.Sprintf("%s would be imported%s", plural(set.Imported, "SLO"), refused(set))
}

func refused(set *imports.Set) string {
	if set.Refused == 0 {
		return ""
	}
	return fmt.Sprintf(", %d left out", set.Refused)
}

// imported is what becomes of a file.
type imported struct {
	file string
	text []byte
}

// importFile imports one file, which is given its own text.
func importFile(streams Streams, set *imports.Set, file string, read read) ([]document.Problem, []byte, error) {
	data, err := streams.readFile(file)
	if err != nil {
		return nil, nil, err
	}
	name := file
	if file == "-" {
		name = "stdin"
	}
	documents, problems := document.Read(name, data, document.Limits{})
	if len(documents) == 0 && len(problems) == 0 {
		problems = append(problems, document.Problem{Severity: document.Error, Message: "holds no document",
			Place: agreement.Place{File: name, Line: 1, Column: 1}})
	}
	for _, d := range documents {
		for _, of := range read(set, d) {
			problems = append(problems, of.Problems()...)
		}
	}
	text, err := set.Flush()
	return problems, text, err
}

// readFile is the text of a file, or of stdin for "-", up to the limit that
// documents have.
func (s Streams) readFile(file string) ([]byte, error) {
	var from io.Reader = strings.NewReader("")
	switch {
	case file != "-":
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		from = opened
	case s.In != nil:
		from = s.In
	}
	most := document.Limits{}.WithDefaults().FileBytes
	data, err := io.ReadAll(io.LimitReader(from, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", file, err)
	case int64(len(data)) > most:
		return nil, fmt.Errorf("%s has more than %d bytes, which is the limit; import it in parts", file, most)
	}
	return data, nil
}

// writeNew writes each text to a file of its own in the folder: all, or none.
// A file that is there already is never written over.
func writeNew(dir string, all []imported) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var written []string
	defer func() {
		if err != nil {
			for _, path := range written {
				_ = os.Remove(path)
			}
		}
	}()
	for _, each := range all {
		if len(each.text) == 0 {
			continue
		}
		path := filepath.Join(dir, outputName(each.file))
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if errors.Is(err, os.ErrExist) {
			return fmt.Errorf("%s is there already, and is not written over (from %s); nothing is imported", path, each.file)
		}
		if err != nil {
			return err
		}
		written = append(written, path)
		_, err = file.Write(each.text)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// outputName is the name of the file that an imported one becomes.
func outputName(file string) string {
	if file == "-" {
		return "stdin.yaml"
	}
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base)) + ".yaml"
}
