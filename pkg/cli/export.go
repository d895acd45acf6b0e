package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/loss"
	"github.com/accord-sla/accord/pkg/tables"
)

func newExport(streams Streams) *cobra.Command {
	command := &cobra.Command{
		Use:   "export",
		Short: "Take it elsewhere: Prometheus rules, Grafana alerting, OpenSLO",
		Long: `Writes what the documents say in another form. What that form cannot hold is told
on stderr, a line each, and makes the exit code 1, unless --allow-loss is given;
the rest is written all the same.`,
		Example: `  accord export rules --definitions slas -o accord-rules.yaml
  accord export grafana --definitions slas -o /etc/grafana/provisioning/alerting/
  accord export openslo --definitions slas -o openslo.yaml`,
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no export %q%s", args[0], document.DidYouMean(args[0], names(command)))
			}
			return command.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	command.AddCommand(newExportRules(streams), newExportGrafana(streams), newExportOpenSLO(streams))
	for _, sub := range command.Commands() {
		sub.Flags().SortFlags = false
		sub.Args = noArguments
	}
	return command
}

// target is where an export or import goes, and whether it may lose something.
type target struct {
	path      string
	allowLoss bool
}

func (t *target) flags(command *cobra.Command) {
	command.Flags().StringVarP(&t.path, "output", "o", "", "write to `PATH`, a file or a folder that is there (default: print it)")
	command.Flags().BoolVar(&t.allowLoss, "allow-loss", false, "exit with 0 though something could not be carried over")
}

// write writes the text, to the file of this name where a folder was given:
// all of it, or nothing.
func (t *target) write(streams Streams, name string, text []byte) error {
	if t.path == "" {
		_, err := streams.Out.Write(text)
		return err
	}
	path := t.path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, name)
	} else if strings.HasSuffix(path, string(filepath.Separator)) {
		return fmt.Errorf("--output: the folder %s does not exist", path)
	}
	if err := writeWhole(path, text); err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	fmt.Fprintf(streams.Err, "accord: wrote %s\n", path)
	return nil
}

// cause is what the system said, without the path that is named already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// writeWhole puts the text beside the file and then in its place, so that a
// reader finds the old file or the new one.
func writeWhole(path string, text []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".accord-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	mode := fs.FileMode(0o644)
	if info, statErr := os.Stat(path); statErr == nil {
		mode = info.Mode().Perm()
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// tell says what was lost, with paths that an editor opens from where the
// command was started, and fails unless that is allowed.
func (t *target) tell(streams Streams, dir string, lost loss.List) error {
	for _, line := range lost {
		if line.Place.File != "" {
			line.Place.File = filepath.Join(dir, filepath.FromSlash(line.Place.File))
		}
		fmt.Fprintln(streams.Err, tables.Inert(line.String()))
	}
	if len(lost) == 0 || t.allowLoss {
		return nil
	}
	fmt.Fprintf(streams.Err, "accord: %s not carried over; --allow-loss accepts that\n", plural(len(lost), "thing"))
	return errSaid
}
