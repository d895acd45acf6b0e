package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

type freezing struct {
	session
	period  agreement.CalendarPeriod
	order   statement.Order
	archive *statement.Archive
}

func newStatement(streams Streams) *cobra.Command {
	f := &freezing{session: session{Streams: streams}}
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
	addFlag(command.Flags(), &f.period, "period", "", "of `PERIOD`: 2026-10, 2026-Q4, 2026, 2026-W44 or 2026-10-31", agreement.ParsePeriod)
	f.from.flags(command)
	f.from.agreementFlag(command, "only the agreement `NAME` (repeatable)")
	f.from.problemsFlag(command)
	command.Flags().BoolVar(&f.order.Restate, "restate", false, "measure again what was frozen, and keep a statement that replaces it")
	command.Flags().StringVar(&f.order.Reason, "reason", "", "`TEXT` that says in the statement why it is restated")
	command.Flags().BoolVar(&f.order.Unkept, "print", false, "print without keeping anything, where the folder is read-only")
	f.formatFlag(command, "table", "json", "csv", "markdown", "html")
	f.server.flags(command)
	command.AddCommand(newStatementVerify(streams))
	command.RunE = func(command *cobra.Command, _ []string) error {
		if command.Flag("period").Value.String() == "" {
			return usagef("name a period with --period, such as --period 2026-10")
		}
		if err := f.order.Check(); err != nil {
			return usagef("--%s", err)
		}
		if err := f.connect(); err != nil {
			return err
		}
		f.order.By, f.order.Now = "the command line", f.Now()
		f.archive = f.from.archive(f.Now)
		return f.freeze(command.Context())
	}
	return command
}

func (d *definitions) archive(now func() time.Time) *statement.Archive {
	return &statement.Archive{Documents: &editing.Folder{Dir: d.dir, Now: now}}
}

// freeze prints the statement of each agreement and fails if one could not be frozen. That
// nothing was promised in the period, or that a restatement would change nothing, is an error
// only for agreements named by flags.
func (f *freezing) freeze(ctx context.Context) error {
	chosen, err := f.read(ctx)
	if err != nil {
		return err
	}
	var statements []*statement.Statement
	failed := false
	agreements := slices.DeleteFunc(slices.Clone(chosen.all), func(a *agreement.Agreement) bool { return a.IsSLO })
	for _, name := range f.from.names {
		if !slices.ContainsFunc(agreements, func(a *agreement.Agreement) bool { return a.Name == name }) {
			return usagef("--agreement: %s is an SLO that no agreement names: a statement is about what one team promised another", name)
		}
	}
	if f.order.Last, err = f.archive.Last(f.period); err != nil {
		return err
	}
	if len(f.from.names) == 0 && !f.order.Restate {
		agreements = append(agreements, f.gone(agreements)...)
	}
	if len(agreements) == 0 && f.leftOut == 0 {
		return fmt.Errorf("no agreements in %q, only SLOs: a statement is about what one team promised another", f.from.dir)
	}
	for _, a := range agreements {
		s, err := f.archive.Freeze(ctx, f.service, a, f.period, f.order)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !editing.IsRefused(err, statement.AlreadyFrozen) {
			if editing.IsRefused(err, editing.ReadOnly) {
				err = fmt.Errorf("%w; with --print it is printed, and not kept", err)
			}
			notRead := a.NotRead != "" && f.from.allowProblems
			none := editing.IsRefused(err, statement.NothingPromised) || editing.IsRefused(err, statement.Unchanged)
			failed = failed || !notRead && (!none || len(f.from.names) > 0)
			f.warnf("%s", err)
			continue
		}
		statements = append(statements, s)
	}
	if err := f.printStatements(statements); err != nil {
		return err
	}
	if failed {
		return errReported
	}
	return f.warnFailed(nil, true)
}

// gone returns agreements that have a statement of the period and no document, for their statements to be printed.
func (f *freezing) gone(present []*agreement.Agreement) (gone []*agreement.Agreement) {
	for _, name := range slices.Sorted(maps.Keys(f.order.Last)) {
		if !slices.ContainsFunc(present, func(a *agreement.Agreement) bool { return a.Name == name }) {
			f.warnf("no agreement is read that is called %s: its statement is printed as it was frozen", name)
			gone = append(gone, &agreement.Agreement{Name: name})
		}
	}
	return gone
}

func (f *freezing) printStatements(all []*statement.Statement) error {
	switch {
	case f.format == "json":
		return f.printJSON(all)
	case len(all) == 0:
		return nil
	}
	return f.printer().PrintStatements(all)
}

// printJSON prints the stored form of the statement if --agreement names one agreement, else a list.
func (f *freezing) printJSON(all []*statement.Statement) error {
	texts := make([][]byte, len(all))
	for i, s := range all {
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
	_, err := f.Out.Write(append(text, '\n'))
	return err
}

func newStatementVerify(streams Streams) *cobra.Command {
	s := &session{Streams: streams}
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
		Args: arguments(1, math.MaxInt, "name the file of a statement"),
	}
	command.Flags().SortFlags = false
	s.from.flags(command)
	command.Flags().BoolVar(&offline, "offline", false, "check the statement by itself: ask neither documents nor Prometheus")
	s.formatFlag(command, "table", "json")
	s.server.flags(command)
	command.RunE = func(command *cobra.Command, files []string) (err error) {
		if err := s.connect(); err != nil {
			return err
		}
		var loaded *catalog.Catalog
		if !offline {
			if loaded, err = s.from.load(command.Context(), s.server.resolution); err != nil {
				return err
			}
		}
		return s.verify(command.Context(), files, loaded)
	}
	return command
}

// verify verifies every statement in the files; if loaded is nil, only against itself.
func (s *session) verify(ctx context.Context, files []string, loaded *catalog.Catalog) error {
	verified := true
	all := []*statement.Verification{}
	for _, file := range files {
		statements, err := readStatements(file)
		if err != nil {
			s.warnf("%s: %s", file, err)
			verified = false
			continue
		}
		for _, frozen := range statements {
			var today *statement.Today
			if loaded != nil {
				today = statement.NewToday(s.service, s.from.archive(s.Now), loaded, frozen)
			}
			v, err := statement.Verify(ctx, frozen, today)
			if err != nil {
				return err
			}
			verified = verified && v.Verified
			all = append(all, v)
		}
	}
	if err := s.printVerifications(all); err != nil {
		return err
	}
	return failing(!verified)
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

func (s *session) printVerifications(all []*statement.Verification) error {
	if s.format == "json" {
		return s.print(all, tables.Page{})
	}
	for _, line := range slices.Concat(wire.Each(all, tables.VerificationLines)...) {
		if _, err := fmt.Fprintln(s.Out, tables.Sanitize(line)); err != nil {
			return err
		}
	}
	return nil
}
