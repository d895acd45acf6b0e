package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/formats/openslo/writing"
	"github.com/accord-sla/accord/pkg/sli"
)

func newExportOpenSLO(streams Streams) *cobra.Command {
	var from definitions
	var to target
	command := &cobra.Command{
		Use:   "openslo",
		Short: "Everything as OpenSLO documents",
		Long: `Writes all documents as openslo/v1. Those of OpenSLO stay as they are; each
objective of an agreement becomes an SLO that other tools can read. The agreements
themselves stand in annotations, so that Accord reads back all that was written.`,
		Example: `  accord export openslo --definitions slas -o openslo.yaml
  accord validate --definitions folder-with-openslo.yaml`,
	}
	from.flags(command)
	to.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		read, err := catalog.Load(command.Context(), from.dir,
			catalog.Options{Connection: from.connection, CheckSLI: sli.Check, KeepWritten: true})
		if err != nil {
			return err
		}
		text, lost, err := writing.Write(read, streams.Now())
		if err != nil {
			return err
		}
		if len(text) == 0 {
			_ = to.tell(streams, from.dir, lost)
			return fmt.Errorf("there is nothing to export in %q", from.dir)
		}
		if err := to.write(streams, "openslo.yaml", text); err != nil {
			return err
		}
		return to.tell(streams, from.dir, lost)
	}
	return command
}
