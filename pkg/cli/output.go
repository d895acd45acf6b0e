package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// output is how a command prints.
type output struct {
	format  string
	allowed []string
}

func (o *output) flags(command *cobra.Command, formats ...string) {
	o.allowed = formats
	command.Flags().StringVarP(&o.format, "output", "o", "table", "print as `FORMAT`: "+strings.Join(formats, ", "))
	_ = command.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

func (o *output) check() error {
	if !slices.Contains(o.allowed, o.format) {
		return usagef("--output %q: must be one of %s", o.format, strings.Join(o.allowed, ", "))
	}
	return nil
}

// forPeople reports whether the format has headings and notes.
func (o *output) forPeople() bool { return o.format != "json" && o.format != "csv" }

// print prints the value as JSON, or the page or figures of the format:
// figures for CSV, words for people.
func (o *output) print(streams Streams, value any, page func() tables.Page, figures func() tables.Rows) error {
	if o.format == "json" {
		text, err := wire.JSON(value)
		if err == nil {
			_, err = streams.Out.Write(text)
		}
		return err
	}
	printer := tables.Printer{Out: streams.Out, Format: tables.Format(o.format),
		Colours: isTerminal(streams.Out), Width: terminalWidth(streams.Out)}
	if o.format == string(tables.CSV) {
		return printer.Print(tables.Page{Rows: figures()})
	}
	return printer.Print(page())
}
