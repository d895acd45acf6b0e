package cli

import (
	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/catalog"
)

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
