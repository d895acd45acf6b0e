package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/report"
)

// output is how a command prints.
type output struct {
	format  string
	allowed []string
}

func (o *output) flags(command *cobra.Command, formats ...string) {
	o.allowed = formats
	command.Flags().StringVarP(&o.format, "output", "o", "table", "one of "+strings.Join(formats, ", "))
}

func (o *output) check() error {
	if !slices.Contains(o.allowed, o.format) {
		return usagef("--output %q: must be one of %s", o.format, strings.Join(o.allowed, ", "))
	}
	return nil
}

func (o *output) json() bool { return o.format == "json" }

// print prints the value as JSON, or the rows of the format: figures for CSV,
// words for people.
func (o *output) print(streams Streams, value any, words, figures func() report.Rows) error {
	if o.json() {
		text, err := report.JSON(value)
		if err == nil {
			_, err = streams.Out.Write(text)
		}
		return err
	}
	printer := report.Printer{Out: streams.Out, Format: report.Format(o.format),
		Colours: isTerminal(streams.Out), Width: terminalWidth(streams.Out)}
	if o.format == string(report.CSV) {
		printer.Print(figures())
		return nil
	}
	printer.Print(words())
	return nil
}
