package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/sli"
)

// definitions is the folder of documents, and which of them are meant.
type definitions struct {
	dir        string
	connection string
	names      []string
	objective  string
}

func (d *definitions) flags(command *cobra.Command) {
	command.Flags().StringVar(&d.dir, "definitions", ".", "read the documents in `DIR` and the folders in it")
	command.Flags().StringVar(&d.connection, "connection", "", "ask as the OpenSLO DataSource `NAME`; SLIs of others are not measured")
	_ = command.MarkFlagDirname("definitions")
}

func (d *definitions) selectionFlags(command *cobra.Command) {
	d.flags(command)
	d.agreementFlag(command, "only the agreement, or SLO without agreement, `NAME` (repeatable)")
	command.Flags().StringVar(&d.objective, "objective", "", "only the objective `NAME`")
}

func (d *definitions) agreementFlag(command *cobra.Command, help string) {
	command.Flags().StringArrayVar(&d.names, "agreement", nil, help)
	_ = command.RegisterFlagCompletionFunc("agreement", d.completeAgreement)
}

// completeAgreement offers the names in the folder to a shell.
func (d *definitions) completeAgreement(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	loaded, err := d.load(command.Context(), 0)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, a := range loaded.All() {
		names = append(names, a.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (d *definitions) load(ctx context.Context, resolution time.Duration) (*catalog.Catalog, error) {
	return catalog.Load(ctx, d.dir, d.options(resolution))
}

func (d *definitions) options(resolution time.Duration) catalog.Options {
	return catalog.Options{Connection: d.connection, CheckSLI: sli.Check, Resolution: resolution}
}

// selection is what the flags chose from the folder: the agreements, then the
// SLOs without one.
type selection struct {
	*catalog.Catalog
	all []*agreement.Agreement
}

// agreements is how many of them are agreements: an SLO has no provider.
func (s selection) agreements() int {
	if i := slices.IndexFunc(s.all, func(a *agreement.Agreement) bool { return a.Provider == "" }); i >= 0 {
		return i
	}
	return len(s.all)
}

func (s selection) objectives() (n int) {
	for _, a := range s.all {
		n += len(a.Objectives)
	}
	return n
}

// choose are the agreements, and the SLOs without one, that are meant.
func (d *definitions) choose(c *catalog.Catalog) (chosen []*agreement.Agreement, err error) {
	var names []string
	for _, a := range c.All() {
		names = append(names, a.Name)
		if len(d.names) == 0 || slices.Contains(d.names, a.Name) {
			chosen = append(chosen, a)
		}
	}
	for _, name := range d.names {
		if !slices.Contains(names, name) {
			return nil, usagef("--agreement: there is no agreement %q in %s%s", name, d.dir, document.DidYouMean(name, names))
		}
	}
	return withObjective(d, chosen,
		func(a *agreement.Agreement) []*agreement.Objective { return a.Objectives },
		func(o *agreement.Objective) string { return o.Name },
		func(a *agreement.Agreement, matching []*agreement.Objective) *agreement.Agreement {
			narrowed := *a
			narrowed.Objectives = matching
			return &narrowed
		})
}

// withObjective narrows each item to its parts with the name of --objective,
// where that is given, and leaves out those without any.
func withObjective[T, P any](d *definitions, all []T, parts func(T) []P, nameOf func(P) string, narrow func(T, []P) T) (chosen []T, err error) {
	if d.objective == "" {
		return all, nil
	}
	var names []string
	for _, item := range all {
		var matching []P
		for _, part := range parts(item) {
			names = append(names, nameOf(part))
			if nameOf(part) == d.objective {
				matching = append(matching, part)
			}
		}
		if len(matching) > 0 {
			chosen = append(chosen, narrow(item, matching))
		}
	}
	if len(chosen) == 0 {
		in := ""
		if len(d.names) > 0 {
			in = " in " + strings.Join(d.names, ", ")
		}
		return nil, usagef("--objective: there is no objective %q%s%s", d.objective, in, document.DidYouMean(d.objective, names))
	}
	return chosen, nil
}
