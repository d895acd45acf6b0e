package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/sli"
)

// definitions is the folder of documents and the flags that select from it.
type definitions struct {
	dir        string
	connection string
	names      []string
	objective  string
	// allowProblems exits with 0 although something was left out or not measured.
	allowProblems bool
}

func (d *definitions) flags(command *cobra.Command) {
	command.Flags().StringVar(&d.dir, "definitions", defaultFolder(), "read the documents in `DIR` and the folders in it ($ACCORD_DEFINITIONS)")
	command.Flags().StringVar(&d.connection, "connection", "", "ask as the OpenSLO DataSource `NAME`; SLIs of others are not measured")
	_ = command.MarkFlagDirname("definitions")
}

// defaultFolder returns $ACCORD_DEFINITIONS, else slas if that exists, else the working directory.
func defaultFolder() string {
	if dir := os.Getenv("ACCORD_DEFINITIONS"); dir != "" {
		return dir
	}
	if info, err := os.Stat("slas"); err == nil && info.IsDir() {
		return "slas"
	}
	return "."
}

func (d *definitions) selectionFlags(command *cobra.Command) {
	d.flags(command)
	d.agreementFlag(command, "only the agreement, or SLO without agreement, `NAME` (repeatable)")
	command.Flags().StringVar(&d.objective, "objective", "", "only the objective `NAME`")
	d.completeFlag(command, "objective", (*agreement.Agreement).ObjectiveNames)
	d.problemsFlag(command)
}

// oneFlags adds the selectionFlags for one agreement. --allow-problems does not excuse failing to measure it.
func (d *definitions) oneFlags(command *cobra.Command) {
	d.selectionFlags(command)
	command.Flag("agreement").Usage = "the agreement, or SLO without agreement, `NAME`"
	command.Flag("allow-problems").Usage = "exit with 0 though documents were left out"
}

func (d *definitions) problemsFlag(command *cobra.Command) {
	command.Flags().BoolVar(&d.allowProblems, "allow-problems", false, "exit with 0 though documents were left out, or objectives could not be measured")
}

func (d *definitions) agreementFlag(command *cobra.Command, help string) {
	command.Flags().StringArrayVar(&d.names, "agreement", nil, help)
	d.completeFlag(command, "agreement", func(a *agreement.Agreement) []string { return []string{a.Name} })
}

// completeFlag registers shell completion of a flag by names from the selected agreements.
func (d *definitions) completeFlag(command *cobra.Command, flag string, names func(*agreement.Agreement) []string) {
	_ = command.RegisterFlagCompletionFunc(flag, func(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		loaded, err := d.load(command.Context(), 0)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var all []string
		for _, a := range loaded.All() {
			if flag == "agreement" || len(d.names) == 0 || slices.Contains(d.names, a.Name) {
				all = append(all, names(a)...)
			}
		}
		slices.Sort(all)
		return slices.Compact(all), cobra.ShellCompDirectiveNoFileComp
	})
}

func (d *definitions) load(ctx context.Context, resolution time.Duration) (*catalog.Catalog, error) {
	return catalog.Load(ctx, d.dir, d.options(resolution))
}

func (d *definitions) options(resolution time.Duration) catalog.Options {
	return catalog.Options{Connection: d.connection, CheckSLI: sli.Check, Resolution: resolution}
}

// selection is what the flags select: agreements, then SLOs that no agreement names.
type selection struct {
	*catalog.Catalog
	all []*agreement.Agreement
}

func (s selection) objectives() (n int) {
	for _, a := range s.all {
		n += len(a.Objectives)
	}
	return n
}

// choose returns the agreements and SLOs that the flags select, including those that were not read.
func (d *definitions) choose(c *catalog.Catalog) (chosen []*agreement.Agreement, err error) {
	var names []string
	for _, a := range c.WithLeftOut() {
		names = append(names, a.Name)
		if len(d.names) == 0 || slices.Contains(d.names, a.Name) {
			chosen = append(chosen, a)
		}
	}
	for _, name := range d.names {
		switch a := c.Named(name); {
		case slices.Contains(names, name):
		case a != nil:
			return nil, fmt.Errorf("--agreement: %s is %s; no other file in %s has it%s", name, a.NotRead, d.dir, problem.DidYouMean(name, names))
		default:
			return nil, usagef("--agreement: there is no agreement %q in %s%s", name, d.dir, problem.DidYouMean(name, names))
		}
	}
	return withObjective(d, chosen, func(a *agreement.Agreement) (bool, []string) { return a.NotRead != "", a.ObjectiveNames() },
		func(a *agreement.Agreement) *agreement.Agreement {
			narrowed := *a
			narrowed.Objectives = slices.DeleteFunc(slices.Clone(a.Objectives), func(o *agreement.Objective) bool { return o.Name != d.objective })
			return &narrowed
		})
}

// withObjective drops items without the objective of --objective, if given, and narrows the others to it. The
// objectives of a document that is left out are not known, so it stays if --agreement names it.
func withObjective[T any](d *definitions, all []T, objectives func(T) (leftOut bool, names []string), narrowed func(T) T) (chosen []T, err error) {
	if d.objective == "" {
		return all, nil
	}
	var names []string
	for _, item := range all {
		leftOut, each := objectives(item)
		names = append(names, each...)
		switch {
		case slices.Contains(each, d.objective):
			chosen = append(chosen, narrowed(item))
		case leftOut && len(d.names) > 0:
			chosen = append(chosen, item)
		}
	}
	if len(chosen) == 0 {
		in := ""
		if len(d.names) > 0 {
			in = " in " + strings.Join(d.names, ", ")
		}
		return nil, usagef("--objective: there is no objective %q%s%s", d.objective, in, problem.DidYouMean(d.objective, names))
	}
	return chosen, nil
}
