package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
)

func newStatementVerify(streams Streams) *cobra.Command {
	var from definitions
	var connected connection
	var out output
	var offline bool
	command := &cobra.Command{
		Use:   "verify FILE...",
		Short: "Compute statements anew, and say what differs and why",
		Long: `Computes the figures of statements anew from the slots and definitions that they
store, then compares them with the documents and with Prometheus as they are now: late
samples, a target or another definition that was changed, an exclusion that was added.
What Prometheus has forgotten is verified from the stored slots. Exit code 0 when
nothing differs, 1 when something does or the file cannot be read.`,
		Example: `  accord statement verify slas/statements/2026-10/payments-for-checkout.json --definitions slas
  accord statement verify october.json --offline`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name the file of a statement")
			}
			return nil
		},
	}
	command.Flags().SortFlags = false
	from.flags(command)
	command.Flags().BoolVar(&offline, "offline", false, "check the statement by itself: ask neither documents nor Prometheus")
	out.flags(command, "table", "json")
	connected.flags(command)
	command.RunE = func(command *cobra.Command, args []string) error {
		if err := out.check(); err != nil {
			return err
		}
		engine, err := connected.engine(streams)
		if err != nil {
			return err
		}
		var read *catalog.Catalog
		if !offline {
			if read, err = from.load(command.Context(), engine.Resolution()); err != nil {
				return err
			}
		}
		return verifyFiles(command.Context(), streams, &out, args, read, engine)
	}
	return command
}

// verifyFiles verifies every statement of the files; without a catalog, by
// itself.
func verifyFiles(ctx context.Context, streams Streams, out *output, files []string, read *catalog.Catalog, engine *measure.Engine) error {
	verified := true
	all := []*statement.Verification{}
	for _, file := range files {
		statements, err := readStatements(file)
		if err != nil {
			fmt.Fprintf(streams.Err, "accord: %s: %s\n", tables.Inert(file), tables.Inert(err.Error()))
			verified = false
			continue
		}
		for _, s := range statements {
			v, err := statement.Verify(ctx, s, today(s, read, engine))
			if err != nil {
				return err
			}
			verified = verified && v.Verified
			all = append(all, v)
		}
	}
	if err := printVerifications(streams, out, all); err != nil {
		return err
	}
	if !verified {
		return errSaid
	}
	return nil
}

func readStatements(file string) ([]*statement.Statement, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, statement.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	return statement.DecodeAll(text)
}

func today(s *statement.Statement, read *catalog.Catalog, engine *measure.Engine) *statement.Today {
	if read == nil {
		return nil
	}
	now := &statement.Today{Engine: engine}
	for _, a := range read.Agreements {
		if a.Name == s.Agreement {
			now.Agreement = a
		}
	}
	return now
}

func printVerifications(streams Streams, out *output, all []*statement.Verification) error {
	if out.format == "json" {
		return out.print(streams, all, nil, nil)
	}
	var lines []string
	for _, v := range all {
		lines = append(lines, tables.VerificationLines(v)...)
	}
	for i := range lines {
		lines[i] = tables.Inert(lines[i]) + "\n"
	}
	_, err := io.WriteString(streams.Out, strings.Join(lines, ""))
	return err
}
