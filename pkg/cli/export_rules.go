package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/rules"
	"github.com/accord-sla/accord/pkg/sli"
)

func newExportRules(streams Streams) *cobra.Command {
	var from definitions
	var to target
	var format, method, resolution string
	formats := []string{"rules", "prometheusrule"}
	methods := []string{string(sli.Offset), string(sli.Anchored), string(sli.MetricsQL)}
	command := &cobra.Command{
		Use:   "rules",
		Short: "Recording and alerting rules for Prometheus",
		Long: `Writes rules that record the slot counts of every objective, and alert when its
error budget burns too fast, as Accord itself does. An SLI with recorded: true
beside its queries is then read from the recorded counts.

accord report says which method a server allows. Support hours, exclusions and a
calendar's months are beyond PromQL; each such difference is told.`,
		Example: `  accord export rules --definitions slas -o accord-rules.yaml
  accord export rules --definitions slas --method anchored --format prometheusrule | kubectl apply -f -`,
	}
	from.selectionFlags(command)
	command.Flags().StringVar(&format, "format", formats[0], "`FORMAT`: rules, a file, or prometheusrule, for the Prometheus operator")
	command.Flags().StringVar(&method, "method", methods[0], "count by `METHOD`: offset (any Prometheus), anchored, or metricsql (vmalert)")
	command.Flags().StringVar(&resolution, "resolution", "5m", "record slots of `DURATION`: that of the data source and of reports")
	to.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if !slices.Contains(formats, format) {
			return usagef("--format %q: must be one of %s", format, strings.Join(formats, ", "))
		}
		if !slices.Contains(methods, method) {
			return usagef("--method %q: must be one of %s; accord report tells that of a server", method, strings.Join(methods, ", "))
		}
		length, err := (&connection{resolution: resolution}).slotLength()
		if err != nil {
			return err
		}
		chosen, err := from.read(command.Context(), streams, length)
		if err != nil {
			return err
		}
		groups, lost := rules.Prometheus(chosen.all(), rules.Options{Method: sli.Method(method), Resolution: length, At: streams.Now()})
		if len(groups) == 0 {
			_ = to.tell(streams, from.dir, lost)
			return fmt.Errorf("there is nothing to export")
		}
		write := rules.File
		if format == "prometheusrule" {
			write = rules.Resource
		}
		text, err := write(groups)
		if err != nil {
			return err
		}
		if err := to.write(streams, "accord-rules.yaml", text); err != nil {
			return err
		}
		return to.tell(streams, from.dir, lost)
	}
	return command
}
