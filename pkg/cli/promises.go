package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

func newPromises(streams Streams) *cobra.Command {
	var from definitions
	var out output
	var at string
	command := &cobra.Command{
		Use:   "promises",
		Short: "What can be promised at best, given what is promised upstream",
		Long: `Multiplies what an agreement is promised by those that it depends on (dependsOn), and
compares that with what it promises itself. Exit code 1 when one promises more than
can be kept. Prometheus is not asked.`,
		Example: `  accord promises --definitions slas
  accord promises --agreement payments-for-checkout -o json`,
	}
	from.selectionFlags(command)
	command.Flags().StringVar(&at, "at", "", "by the targets in force at `INSTANT` (default now)")
	out.flags(command, "table", "json", "csv")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := out.check(); err != nil {
			return err
		}
		instant, err := instantFlag("at", at, streams.Now())
		if err != nil {
			return err
		}
		chosen, err := from.read(command.Context(), streams, 0)
		if err != nil {
			return err
		}
		wanted := map[string]bool{}
		for _, a := range chosen.agreements {
			for _, o := range a.Objectives {
				wanted[a.Name+"/"+o.Name] = true
			}
		}
		var kept []budget.Promise
		tooMuch := 0
		for _, promise := range budget.Promises(chosen.served, instant) {
			if !wanted[promise.Agreement.Name+"/"+promise.Objective.Name] {
				continue
			}
			kept = append(kept, promise)
			if !promise.Kept() {
				tooMuch++
			}
		}
		promises := wire.NewPromises(kept)
		if len(promises) == 0 && out.forPeople() {
			_, err := fmt.Fprintln(streams.Out, "No agreement here depends on another: see dependsOn in the documents.")
			return err
		}
		if err := out.print(streams, promises, func() tables.Page { return tables.PromisePage(instant, promises) },
			func() tables.Rows { return tables.PromiseFigures(promises) }); err != nil {
			return err
		}
		if tooMuch > 0 {
			fmt.Fprintf(streams.Err, "accord: %s more than the agreements that it rests on allow\n", pluralVerb(tooMuch, "objective promises", "objectives promise"))
			return errSaid
		}
		return nil
	}
	return command
}

func pluralVerb(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
