package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/formats/openslo/writing"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/rules"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/tables"
)

func newExport(streams Streams) *cobra.Command {
	command := &cobra.Command{
		Use:   "export",
		Short: "Take it elsewhere: Prometheus rules, Grafana alerting, OpenSLO",
		Long: `Writes what the documents say in another form. What that form cannot hold is told
on stderr, a line each, and so are documents with errors, which are left out. That
makes the exit code 1, unless --allow-loss is given; the rest is written all the same.`,
		Example: `  accord export rules --definitions slas -o accord-rules.yaml
  accord export grafana --definitions slas -o /etc/grafana/provisioning/alerting/
  accord export openslo --definitions slas -o openslo.yaml`,
	}
	addCommands(command, "there is no export %q%s", newExportRules(streams), newExportGrafana(streams), newExportOpenSLO(streams))
	return command
}

type exporting struct {
	session
	path      string
	allowLoss bool
	problems  []problem.Problem // of the documents that were read
}

func (x *exporting) flags(command *cobra.Command) {
	command.Flags().StringVarP(&x.path, "output", "o", "", "write to `PATH`, a file or a folder that is there (default: print it)")
	command.Flags().BoolVar(&x.allowLoss, "allow-loss", false, "exit with 0 though something could not be carried over")
}

// read returns what the flags select, without agreements that were not read, which reportLoss prints.
func (x *exporting) read(ctx context.Context) (selection, error) {
	chosen, err := x.session.read(ctx)
	if err == nil {
		x.problems = chosen.Problems
		chosen.all = slices.DeleteFunc(chosen.all, func(a *agreement.Agreement) bool { return a.NotRead != "" })
	}
	return chosen, err
}

func newExportRules(streams Streams) *cobra.Command {
	x := &exporting{session: session{Streams: streams}}
	var method string
	command := &cobra.Command{
		Use:   "rules",
		Short: "Recording and alerting rules for Prometheus",
		Long: `Writes rules that record the slot counts of every objective, and alert when its
error budget burns too fast, as Accord itself does. An SLI with recorded: true
beside its queries is then read from the recorded counts.

Prometheus 3.16 and later can count by anchored, every one by offset. Support hours,
exclusions and a calendar's months are beyond PromQL; each such difference is told.`,
		Example: `  accord export rules --definitions slas -o accord-rules.yaml
  accord export rules --definitions slas --method anchored --format prometheusrule | kubectl apply -f -`,
	}
	x.from.selectionFlags(command)
	addFlag(command.Flags(), &x.format, "format", "rules",
		"`FORMAT`: rules, a file, or prometheusrule, for the Prometheus operator", oneOf("rules", "prometheusrule"))
	addFlag(command.Flags(), &method, "method", string(sli.Offset),
		"count by `METHOD`: offset (any Prometheus), anchored, or metricsql (vmalert)", oneOf(string(sli.Offset), string(sli.Anchored), string(sli.MetricsQL)))
	x.server.resolutionFlag(command.Flags(), "record slots of `DURATION`: that of the data source and of reports")
	x.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		chosen, err := x.read(command.Context())
		if err != nil {
			return err
		}
		groups, lost := rules.Prometheus(chosen.all, rules.Options{Method: sli.Method(method), Resolution: x.server.resolution, At: x.Now()})
		var text []byte
		if len(groups) > 0 {
			encode := rules.File
			if x.format == "prometheusrule" {
				encode = rules.Resources
			}
			if text, err = encode(groups); err != nil {
				return err
			}
		}
		return x.write("accord-rules.yaml", text, lost)
	}
	return command
}

func newExportGrafana(streams Streams) *cobra.Command {
	x := &exporting{session: session{Streams: streams}}
	var o rules.GrafanaOptions
	command := &cobra.Command{
		Use:   "grafana",
		Short: "Alert rules and contact points for Grafana",
		Long: `Writes a file for Grafana's alerting provisioning: alert rules on the data source,
a rule for each step of an escalation, and the contact points that the steps name.
Secrets are names of environment variables, which Grafana fills in.`,
		Example: `  accord export grafana --definitions slas -o /etc/grafana/provisioning/alerting/
  accord export grafana --definitions slas --datasource my-uid --folder "Internal SLAs"`,
	}
	x.from.selectionFlags(command)
	command.Flags().StringVar(&o.Datasource, "datasource", rules.DefaultDatasource, "ask the data source with the `UID`")
	command.Flags().StringVar(&o.Folder, "folder", "SLAs", "keep the rules in the folder `TITLE`")
	command.Flags().BoolVar(&o.Policies, "policies", false, "route by notification policies; they replace ALL that Grafana has")
	x.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		chosen, err := x.read(command.Context())
		if err != nil {
			return err
		}
		if len(chosen.all) == 0 {
			return x.write("accord.yaml", nil, nil)
		}
		file, lost := rules.Grafana(chosen.all, chosen.Teams, o)
		text, err := file.Text()
		if err != nil {
			return err
		}
		if names := file.Variables(); len(names) > 0 {
			x.warnf("give Grafana these in its environment: %s", strings.Join(names, ", "))
		}
		if o.Policies {
			x.warnf("warning: the notification policies in it replace the whole tree that Grafana has")
		}
		return x.write("accord.yaml", text, lost)
	}
	return command
}

func newExportOpenSLO(streams Streams) *cobra.Command {
	x := &exporting{session: session{Streams: streams}}
	command := &cobra.Command{
		Use:   "openslo",
		Short: "Everything as OpenSLO documents",
		Long: `Writes all documents as openslo/v1. Those of OpenSLO stay as they are; each
objective of an agreement becomes an SLO that other tools can read. The agreements
themselves stand in annotations, so that Accord reads back all that was written.`,
		Example: `  accord export openslo --definitions slas -o openslo.yaml
  accord validate --definitions folder-with-openslo.yaml`,
	}
	x.from.flags(command)
	x.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		options := x.from.options(0)
		options.KeepSources = true
		loaded, err := catalog.Load(command.Context(), x.from.dir, options)
		if err != nil {
			return err
		}
		text, lost, err := writing.Write(loaded, x.Now())
		if err != nil {
			return err
		}
		if limit := document.MaxFileBytes; len(text) > limit {
			x.warnf("warning: what is written has %d bytes: to be read again by Accord it has to be taken apart, into files of at most %d", len(text), limit)
		}
		return x.write("openslo.yaml", text, lost)
	}
	return command
}

// write writes the text and reports what was lost. An empty text is an error.
func (x *exporting) write(name string, text []byte, lost problem.Losses) error {
	if len(text) == 0 {
		_ = x.reportLoss(lost) // prints why there is nothing
		return fmt.Errorf("there is nothing to export in %q", x.from.dir)
	}
	if err := x.writeText(name, text); err != nil {
		return err
	}
	return x.reportLoss(lost)
}

// writeText prints the text or writes it to --output, to the file of this name if that is a folder.
func (x *exporting) writeText(name string, text []byte) error {
	if x.path == "" {
		_, err := x.Out.Write(text)
		return err
	}
	path := x.path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, name)
	} else if strings.HasSuffix(path, string(filepath.Separator)) {
		return fmt.Errorf("--output: the folder %s does not exist", path)
	}
	if catalog.IsSource(x.from.dir, path) {
		return fmt.Errorf("--output: %s belongs to the folder of documents, and would be lost: give another file", path)
	}
	if catalog.WouldRead(x.from.dir, path, text) {
		return fmt.Errorf("--output: %s would be read with the documents in %s, where all of it stands already: give a file elsewhere", path, x.from.dir)
	}
	if err := replaceFile(path, text); err != nil {
		return fmt.Errorf("write %s: %w", path, catalog.Cause(err))
	}
	x.warnf("wrote %s", path)
	return nil
}

// replaceFile replaces a file atomically: readers see the old or the new one. Anything but a
// regular file, such as /dev/null or a pipe, is written to directly.
func replaceFile(path string, text []byte) error {
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(path, text, 0)
		}
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer root.Close()
	return editing.ReplaceFile(root, filepath.Base(path), text, 0o644)
}

// reportLoss prints what was lost or left out, with paths that editors can open. It fails if there is
// anything, unless that is allowed.
func (x *exporting) reportLoss(lost problem.Losses) error {
	allowed := x.allowLoss || x.from.allowProblems && len(lost) == 0
	lost.AddLeftOut(x.problems)
	for _, line := range lost {
		line.File = filepath.Join(x.from.dir, filepath.FromSlash(line.File))
		fmt.Fprintln(x.Err, tables.Sanitize(line.String()))
	}
	if len(lost) == 0 || allowed {
		return nil
	}
	x.warnf("%s not carried over; --allow-loss accepts that", tables.Plural(len(lost), "thing"))
	return errReported
}
