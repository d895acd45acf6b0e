package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
	"github.com/accord-sla/accord/pkg/formats/openslo"
	"github.com/accord-sla/accord/pkg/formats/pyrra"
	"github.com/accord-sla/accord/pkg/formats/sloth"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newImport(streams Streams) *cobra.Command {
	command := &cobra.Command{
		Use:   "import",
		Short: "Turn SLOs of Sloth or Pyrra into documents",
		Long: `Turns the SLOs of another tool into documents, which can be measured at once.
OpenSLO needs no import: its files are read as they are.`,
		Example: `  accord import sloth slos/*.yml > slas/from-sloth.yaml
  kubectl get servicelevelobjectives -A -o yaml | accord import pyrra - --output-dir slas`,
	}
	addCommands(command, "there is no format %q%s; known: sloth, pyrra (files of OpenSLO are read as they are)", newImportSloth(streams), newImportPyrra(streams))
	return command
}

// importHelp is the end of the help of both imports.
const importHelp = `

Prints OpenSLO v1 and accord/v1 YAML. What has no place in it is told on stderr, a
line each: file:line:column: document: field: message. Then exit code 1, and nothing
is imported, unless --allow-loss says that the rest will do. FILE may be - for stdin.`

func newImportSloth(streams Streams) *cobra.Command {
	i := importing{Streams: streams}
	window := sloth.DefaultWindow
	command := &cobra.Command{
		Use:   "sloth FILE…",
		Short: "Turn SLOs of Sloth into documents",
		Long: `Reads prometheus/v1 files of Sloth and PrometheusServiceLevel resources. SLI plugins
are refused by name.` + importHelp,
		Example: `  accord import sloth slos/*.yml > slas/from-sloth.yaml
  accord import sloth slos/*.yml --allow-loss --window 28d --output-dir slas`,
	}
	i.flags(command)
	addFlag(command.Flags(), &window, "window", window, "length of the rolling windows, which files of Sloth do not say: `DURATION`", readRollingWindow)
	command.RunE = func(_ *cobra.Command, files []string) error {
		return i.run(files, sloth.Kind, func(set *imports.Set, d *document.Document) { sloth.Import(set, d, window) })
	}
	return command
}

func readRollingWindow(text string) (string, error) {
	probe := &document.Document{}
	if _, ok := openslo.RollingWindow(probe, "window", text); !ok {
		return "", errors.New(probe.Problems()[0].Message)
	}
	return text, nil
}

func newImportPyrra(streams Streams) *cobra.Command {
	i := importing{Streams: streams}
	command := &cobra.Command{
		Use:   "pyrra FILE…",
		Short: "Turn SLOs of Pyrra into documents",
		Long: `Reads ServiceLevelObjective resources of Pyrra. One with a grouping becomes a draft of
an agreement too, whose parties people then name.` + importHelp,
		Example: `  kubectl get servicelevelobjectives -A -o yaml | accord import pyrra - > slas/from-pyrra.yaml
  accord import pyrra slos/*.yaml --allow-loss --output-dir slas`,
	}
	i.flags(command)
	command.RunE = func(_ *cobra.Command, files []string) error { return i.run(files, pyrra.Kind, pyrra.Import) }
	return command
}

type importing struct {
	Streams
	dir       string
	allowLoss bool
}

func (i *importing) flags(command *cobra.Command) {
	command.Args = arguments(1, math.MaxInt, "name the files to import, or - for stdin")
	command.Flags().StringVar(&i.dir, "output-dir", "", "write a new file in `DIR` for each file, in place of stdout")
	command.Flags().BoolVar(&i.allowLoss, "allow-loss", false, "import although something has no place")
	_ = command.MarkFlagDirname("output-dir")
}

// run imports the resources of the kind in the files; add adds a document to the set.
func (i *importing) run(files []string, kind string, add func(*imports.Set, *document.Document)) error {
	set := &imports.Set{}
	var problems []problem.Problem
	var documents []*document.Document
	for _, file := range files {
		read, found, err := i.readDocuments(file)
		if err != nil {
			return err
		}
		problems = append(problems, found...)
		for _, d := range read {
			documents = append(documents, imports.Each(d, kind, func(d *document.Document) { add(set, d) })...)
		}
	}
	texts, err := set.Texts()
	if err != nil {
		return err
	}
	for _, d := range documents {
		problems = append(problems, d.Problems()...)
	}
	for _, p := range problem.Sort(problems) {
		fmt.Fprintln(i.Err, tables.Sanitize(p.String()))
	}
	refused := ""
	if set.Refused > 0 {
		refused = fmt.Sprintf(", %d left out", set.Refused)
	}
	slos := tables.Plural(set.Imported, "SLO")
	errorCount, lost := problem.Count(problems)
	switch {
	case errorCount > 0:
		fmt.Fprintf(i.Err, "%s; nothing is imported\n", tables.Plural(errorCount, "error"))
		return errReported
	case lost > 0 && !i.allowLoss:
		fmt.Fprintf(i.Err, "%s without a place; nothing is imported. With --allow-loss, %s would be imported%s\n", tables.Plural(lost, "thing"), slos, refused)
		return errReported
	case set.Imported == 0:
		return fmt.Errorf("no SLO is left to import%s", refused)
	}
	if err := i.write(files, texts); err != nil {
		return err
	}
	fmt.Fprintf(i.Err, "%s imported%s\n", slos, refused)
	if set.Drafted > 0 {
		fmt.Fprintf(i.Err, "%d of them by group, with a draft of an agreement each: it alerts nobody until you name its parties and set its stage to active\n", set.Drafted)
	}
	return nil
}

// readDocuments reads the documents of a file, or of stdin for "-". It is a problem if there are none.
func (i *importing) readDocuments(file string) ([]*document.Document, []problem.Problem, error) {
	from := i.In
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, nil, err
		}
		defer opened.Close()
		from = opened
	}
	data, err := io.ReadAll(io.LimitReader(from, document.MaxFileBytes+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%s cannot be read: %w", file, err)
	case len(data) > document.MaxFileBytes:
		return nil, nil, fmt.Errorf("%s has more than %d bytes, which is the limit; import it in parts", file, document.MaxFileBytes)
	}
	documents, problems := document.Read(shown(file), data)
	if len(documents) == 0 && len(problems) == 0 {
		problems = append(problems, problem.Problem{Severity: problem.Error, Message: "holds no document",
			Place: agreement.Place{File: shown(file), Line: 1, Column: 1}})
	}
	return documents, problems, nil
}

// shown returns the name of a file in messages.
func shown(file string) string {
	if file == "-" {
		return "stdin"
	}
	return file
}

// write prints all texts as one, or writes each to a new file in --output-dir: all or none.
func (i *importing) write(files []string, texts map[string][]byte) (err error) {
	files = slices.DeleteFunc(files, func(file string) bool { return len(texts[shown(file)]) == 0 })
	tooLarge := func(text []byte, instead string) error {
		if most := document.MaxFileBytes; len(text) > most {
			return fmt.Errorf("what comes out has %d bytes, and a file of documents at most %d: %s; nothing is imported", len(text), most, instead)
		}
		return nil
	}
	if i.dir == "" {
		all := bytes.Join(wire.Each(files, func(file string) []byte { return texts[shown(file)] }), []byte("---\n"))
		if err := tooLarge(all, "give --output-dir, for a file for each, or fewer SLOs"); err != nil {
			return err
		}
		_, err := i.Out.Write(all)
		return err
	}
	for _, file := range files {
		if err := tooLarge(texts[shown(file)], "import "+shown(file)+" in parts"); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(i.dir, 0o755); err != nil {
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
	for _, from := range files {
		name := filepath.Base(shown(from))
		path := filepath.Join(i.dir, strings.TrimSuffix(name, filepath.Ext(name))+".yaml")
		if slices.Contains(written, path) {
			return fmt.Errorf("%s would be written for two of the files (%s, too): rename one of them; nothing is imported", path, from)
		}
		err := createFile(path, texts[shown(from)])
		if errors.Is(err, os.ErrExist) {
			return fmt.Errorf("%s is there already, and is not written over (from %s); nothing is imported", path, from)
		}
		if written = append(written, path); err != nil {
			return err
		}
	}
	return nil
}

// createFile writes a new file. It fails if the file exists.
func createFile(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
