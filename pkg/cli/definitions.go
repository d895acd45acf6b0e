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
	command.Flags().StringVar(&d.dir, "definitions", ".", "folder with the documents")
	command.Flags().StringVar(&d.connection, "connection", "", "name of the OpenSLO DataSource that --prometheus is; SLIs of others are not measured")
}

func (d *definitions) selectionFlags(command *cobra.Command) {
	d.flags(command)
	command.Flags().StringArrayVar(&d.names, "agreement", nil, "only this agreement, or SLO without agreement (repeatable)")
	command.Flags().StringVar(&d.objective, "objective", "", "only this objective")
}

func (d *definitions) load(ctx context.Context, resolution time.Duration) (*catalog.Catalog, error) {
	return catalog.Load(ctx, d.dir, catalog.Options{Connection: d.connection, CheckSLI: checkSLI, Resolution: resolution})
}

// checkSLI is the catalog's check of an SLI's queries.
func checkSLI(s agreement.SLI, o *agreement.Objective) (warnings []string, err error) {
	plan, err := sli.NewPlan(s, o.Select, o.GroupBy)
	return plan.Warnings, err
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
			slos = append(slos, s.Alone())
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
		return nil, nil, usagef("--objective: there is no objective %q%s", d.objective, document.DidYouMean(d.objective, names))
	}
	return agreements, slos, nil
}

// sayProblems tells, in one line, that documents are missing from the answer.
func sayProblems(streams Streams, c *catalog.Catalog, dir string) {
	errors := 0
	for _, problem := range c.Problems {
		if problem.Severity == catalog.Error {
			errors++
		}
	}
	if errors > 0 {
		fmt.Fprintf(streams.Err, "accord: %s in the documents, which are left out; see: accord validate --definitions %s\n",
			plural(errors, "error"), dir)
	}
	if len(c.Agreements)+len(c.SLOs) == 0 && errors == 0 {
		fmt.Fprintf(streams.Err, "accord: no agreements or SLOs in %s; give the folder with --definitions\n", dir)
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, strings.TrimSuffix(word, "s"))
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
	if err != nil {
		return nil, &usageError{fmt.Errorf("--window: %w", err)}
	}
	return &window, nil
}
