package cli

import (
	"context"
	"fmt"
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
	read, err := d.load(command.Context(), 0)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, a := range read.Agreements {
		names = append(names, a.Name)
	}
	for _, s := range read.SLOs {
		names = append(names, s.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (d *definitions) load(ctx context.Context, resolution time.Duration) (*catalog.Catalog, error) {
	return catalog.Load(ctx, d.dir, d.options(resolution))
}

func (d *definitions) options(resolution time.Duration) catalog.Options {
	return catalog.Options{Connection: d.connection, CheckSLI: sli.Check, Resolution: resolution}
}

// chosen are the agreements, and the SLOs without one, that are meant.
func (d *definitions) chosen(c *catalog.Catalog) (agreements, slos []*agreement.Agreement, err error) {
	all := make([]string, 0, len(c.Agreements)+len(c.SLOs))
	for _, a := range c.Agreements {
		all = append(all, a.Name)
		if len(d.names) == 0 || slices.Contains(d.names, a.Name) {
			agreements = append(agreements, a)
		}
	}
	for _, s := range c.SLOs {
		all = append(all, s.Name)
		if len(d.names) == 0 || slices.Contains(d.names, s.Name) {
			slos = append(slos, s.AsAgreement())
		}
	}
	for _, name := range d.names {
		if !slices.Contains(all, name) {
			return nil, nil, usagef("--agreement: there is no agreement %q in %s%s", name, d.dir, document.DidYouMean(name, all))
		}
	}
	if d.objective == "" {
		return agreements, slos, nil
	}
	return d.withObjective(agreements, slos)
}

// withObjective keeps the one objective of each.
func (d *definitions) withObjective(agreements, slos []*agreement.Agreement) (_, _ []*agreement.Agreement, err error) {
	var names []string
	found := false
	narrow := func(all []*agreement.Agreement) (kept []*agreement.Agreement) {
		for _, a := range all {
			for _, o := range a.Objectives {
				names = append(names, o.Name)
				if o.Name == d.objective {
					narrowed := *a
					narrowed.Objectives = []*agreement.Objective{o}
					kept = append(kept, &narrowed)
					found = true
				}
			}
		}
		return kept
	}
	agreements, slos = narrow(agreements), narrow(slos)
	if !found {
		return nil, nil, usagef("--objective: there is no objective %q%s%s", d.objective, of(d.names), document.DidYouMean(d.objective, names))
	}
	return agreements, slos, nil
}

// of says whose objectives are meant.
func of(agreements []string) string {
	if len(agreements) == 0 {
		return ""
	}
	return " in " + strings.Join(agreements, ", ")
}

// selection is what the flags chose from the folder.
type selection struct {
	agreements, slos []*agreement.Agreement
	problems         []catalog.Problem
	// served are all agreements of the folder, chosen or not.
	served []*agreement.Agreement
}

// all are the agreements, then the SLOs.
func (s selection) all() []*agreement.Agreement {
	return append(append([]*agreement.Agreement{}, s.agreements...), s.slos...)
}

func (s selection) objectives() (n int) {
	for _, a := range s.all() {
		n += len(a.Objectives)
	}
	return n
}

// read reads the folder and says, in a line, what is missing from the answer.
func (d *definitions) read(ctx context.Context, streams Streams, resolution time.Duration) (selection, error) {
	loaded, err := d.load(ctx, resolution)
	if err != nil {
		return selection{}, err
	}
	agreements, slos, err := d.chosen(loaded)
	if err != nil {
		return selection{}, err
	}
	switch errors, _ := document.CountProblems(loaded.Problems); {
	case errors > 0:
		fmt.Fprintf(streams.Err, "accord: %s in the documents, which are left out; see: accord validate --definitions %s\n",
			plural(errors, "error"), d.dir)
	case len(loaded.Agreements)+len(loaded.SLOs) == 0:
		fmt.Fprintf(streams.Err, "accord: no agreements or SLOs in %q; give their folder with --definitions\n", d.dir)
	}
	return selection{agreements, slos, loaded.Problems, loaded.Agreements}, nil
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// one is the single objective that --agreement and --objective name.
func (d *definitions) one(ctx context.Context, streams Streams, resolution time.Duration) (*agreement.Agreement, *agreement.Objective, error) {
	if len(d.names) != 1 {
		return nil, nil, usagef("name one agreement with --agreement, and its objective with --objective")
	}
	chosen, err := d.read(ctx, streams, resolution)
	if err != nil {
		return nil, nil, err
	}
	a := chosen.all()[0]
	if len(a.Objectives) == 1 {
		return a, a.Objectives[0], nil
	}
	var names []string
	for _, o := range a.Objectives {
		names = append(names, o.Name)
	}
	return nil, nil, usagef("%s has several objectives: name one with --objective: %s", a.Name, strings.Join(names, ", "))
}

// instantFlag reads an instant: RFC 3339, or a date at midnight UTC.
func instantFlag(name, text string, fallback time.Time) (time.Time, error) {
	if text == "" {
		return fallback, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usagef("--%s %q: must be an instant such as 2026-11-23T09:00:00Z, or a date such as 2026-11-23 (midnight UTC)", name, text)
}

// windowFlag reads an override of the window; nil when there is none.
func windowFlag(text string) (*agreement.Window, error) {
	if text == "" {
		return nil, nil
	}
	window, err := agreement.ParseWindow(text)
	if err != nil && strings.HasSuffix(text, "m") {
		return nil, usagef("--window: %w (m is minutes; a calendar month is month)", err)
	}
	if err != nil {
		return nil, &usageError{fmt.Errorf("--window: %w", err)}
	}
	return &window, nil
}
