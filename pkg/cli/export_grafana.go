package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/rules"
)

func newExportGrafana(streams Streams) *cobra.Command {
	var from definitions
	var to target
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
	from.selectionFlags(command)
	command.Flags().StringVar(&o.Datasource, "datasource", "accord", "ask the data source with the `UID`")
	command.Flags().StringVar(&o.Folder, "folder", "SLAs", "keep the rules in the folder `TITLE`")
	command.Flags().BoolVar(&o.Policies, "policies", false, "route by notification policies; they replace ALL that Grafana has")
	to.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		loaded, err := from.load(command.Context(), 0)
		if err != nil {
			return err
		}
		chosen, err := from.read(command.Context(), streams, 0)
		if err != nil {
			return err
		}
		if len(chosen.all()) == 0 {
			return fmt.Errorf("there is nothing to export")
		}
		file, lost := rules.Grafana(chosen.all(), loaded.Teams, o)
		text, err := file.Text()
		if err != nil {
			return err
		}
		if err := to.write(streams, "accord.yaml", text); err != nil {
			return err
		}
		if names := file.Variables(); len(names) > 0 {
			fmt.Fprintf(streams.Err, "accord: give Grafana these in its environment: %s\n", strings.Join(names, ", "))
		}
		if o.Policies {
			fmt.Fprintln(streams.Err, "accord: warning: the notification policies in it replace the whole tree that Grafana has")
		}
		return to.tell(streams, from.dir, lost)
	}
	return command
}
