package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
)

// byCommandLine is who freezes here.
const byCommandLine = "the command line"

// freezing is what is to be frozen.
type freezing struct {
	from    definitions
	period  agreement.CalendarPeriod
	order   statement.Order
	unkept  bool
	archive *statement.Archive
	engine  *measure.Engine
}

func newStatement(streams Streams) *cobra.Command {
	var f freezing
	var connected connection
	var out output
	var period string
	command := &cobra.Command{
		Use:   "statement",
		Short: "The frozen figures of a closed period",
		Long: `Freezes how agreements stood over a whole period, with all that made the figures:
definitions, targets, exclusions, queries and the count of every slot. A statement is
kept as a file beside the documents, in statements/, and printed. One that was frozen
before is printed as it stands: statements are never overwritten. With --restate the
period is measured again, and where that says otherwise, a statement is kept that
replaces the last one and names it.`,
		Example: `  accord statement --period 2026-10 --definitions slas
  accord statement --period 2026-Q3 --agreement payments-for-checkout -o html > q3.html
  accord statement --period 2026-10 --agreement payments-for-checkout --restate --reason "Late samples"
  accord statement verify slas/statements/2026-10/payments-for-checkout.json --definitions slas`,
	}
	command.Flags().StringVar(&period, "period", "", "of `PERIOD`: 2026-10, 2026-Q4, 2026, 2026-W44 or 2026-10-31")
	f.from.flags(command)
	f.from.agreementFlag(command, "only the agreement `NAME` (repeatable)")
	command.Flags().BoolVar(&f.order.Restate, "restate", false, "measure again what was frozen, and keep a statement that replaces it")
	command.Flags().StringVar(&f.order.Reason, "reason", "", "`TEXT` that says in the statement why it is restated")
	command.Flags().BoolVar(&f.unkept, "print", false, "print without keeping anything, where the folder is read-only")
	out.flags(command, "table", "json", "csv", "markdown", "html")
	connected.flags(command)
	command.AddCommand(newStatementVerify(streams))
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		var err error
		if period == "" {
			return usagef("name a period with --period, such as --period 2026-10")
		}
		if f.period, err = agreement.ParsePeriod(period); err != nil {
			return &usageError{fmt.Errorf("--period: %w", err)}
		}
		if f.order.Reason != "" && !f.order.Restate {
			return usagef("--reason goes with --restate")
		}
		if f.engine, err = connected.engine(streams); err != nil {
			return err
		}
		f.order.By, f.order.Now = byCommandLine, streams.Now()
		f.archive = f.from.archive(streams)
		return f.run(command.Context(), streams, &out)
	}
	return command
}

// archive is the statements beside the documents.
func (d *definitions) archive(streams Streams) *statement.Archive {
	return &statement.Archive{Documents: &editing.Folder{Dir: d.dir, Options: catalog.Options{Connection: d.connection}, Now: streams.Now}}
}

func (f *freezing) run(ctx context.Context, streams Streams, out *output) error {
	chosen, err := f.from.read(ctx, streams, f.engine.Resolution())
	if err != nil {
		return err
	}
	if len(f.from.names) > 0 && len(chosen.slos) > 0 {
		return usagef("--agreement: %s is an SLO that no agreement names: a statement is about what one team promised another", chosen.slos[0].Name)
	}
	var made []*statement.Statement
	failed := false
	for _, a := range chosen.agreements {
		s, err := f.one(ctx, a)
		var nothing *statement.NothingPromisedError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &nothing) && len(f.from.names) == 0:
			fmt.Fprintf(streams.Err, "accord: %s\n", tables.Inert(err.Error()))
			continue
		case err != nil:
			fmt.Fprintf(streams.Err, "accord: %s\n", tables.Inert(err.Error()))
			failed = true
			continue
		}
		made = append(made, s)
	}
	if err := f.print(streams, out, made); err != nil {
		return err
	}
	if failed {
		return errSaid
	}
	return nil
}

// one is the statement of an agreement: as it was frozen, or frozen now.
func (f *freezing) one(ctx context.Context, a *agreement.Agreement) (*statement.Statement, error) {
	make := f.archive.Freeze
	if f.unkept {
		make = f.archive.Draw
	}
	s, err := make(ctx, f.engine, a, f.period, f.order)
	var frozen *statement.FrozenError
	var readOnly *editing.Refusal
	switch {
	case errors.As(err, &frozen):
		s, _, err = f.archive.Read(f.period.Name(), a.Name, 0)
	case errors.As(err, &readOnly) && readOnly.Reason == editing.ReadOnly:
		err = fmt.Errorf("%w; with --print it is printed, and not kept", err)
	}
	return s, err
}

func (f *freezing) print(streams Streams, out *output, made []*statement.Statement) error {
	switch {
	case out.format == "json":
		return f.printJSON(streams.Out, made)
	case len(made) == 0:
		return nil
	case out.format == "csv":
		return tables.WriteStatementCSV(streams.Out, made)
	case out.format == "markdown":
		return tables.WriteStatementMarkdown(streams.Out, made)
	case out.format == "html":
		return tables.WriteStatementHTML(streams.Out, made)
	}
	return out.print(streams, nil, func() tables.Page { return tables.StatementPage(made) }, nil)
}

// printJSON prints the statement as it is kept, or a list of several.
func (f *freezing) printJSON(out io.Writer, made []*statement.Statement) error {
	texts := make([][]byte, len(made))
	for i, s := range made {
		text, err := s.Encode()
		if err != nil {
			return err
		}
		texts[i] = bytes.TrimSpace(text)
	}
	text := slices.Concat([]byte("["), bytes.Join(texts, []byte(",\n")), []byte("]"))
	if len(f.from.names) == 1 {
		if len(texts) == 0 {
			return nil
		}
		text = texts[0]
	}
	_, err := out.Write(append(text, '\n'))
	return err
}
