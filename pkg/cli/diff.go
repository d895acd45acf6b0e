package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

type comparison struct {
	session
	at       time.Time
	measured bool // compare present figures, too
	names    []string
	catalogs [2]*catalog.Catalog
	versions [2]map[string]*agreement.Agreement
	found    []difference
	failed   bool
}

// difference is a field or present figures, as text before and after; empty if absent.
type difference struct {
	Agreement string `json:"agreement"`
	Field     string `json:"field"`
	Before    string `json:"before"`
	After     string `json:"after"`
}

func newDiff(streams Streams) *cobra.Command {
	c := &comparison{session: session{Streams: streams}}
	command := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "What a change of the documents changes in the promises",
		Long: `Compares two folders of documents, or the folder --definitions as it was in two Git
revisions: which promises change, and with a Prometheus which present states and
figures. Exit code 1 when a document was left out or an objective could not be measured.`,
		Example: `  accord diff origin/main HEAD --definitions slas
  accord diff origin/main slas --prometheus http://prometheus:9090 -o markdown`,
		Args: arguments(2, 2, "give two folders of documents, or Git revisions: what was, and what is to be"),
	}
	c.from.flags(command)
	atFlag(command, &c.at, c.Now())
	c.formatFlag(command, "table", "json", "csv", "markdown")
	c.server.flags(command)
	command.RunE = func(command *cobra.Command, names []string) error {
		c.names, c.measured = names, c.server.given(command)
		return c.compare(command.Context())
	}
	return command
}

func (c *comparison) compare(ctx context.Context) error {
	if c.measured {
		if err := c.connect(); err != nil {
			return err
		}
	}
	for i, name := range c.names {
		if err := c.read(ctx, i, name); err != nil {
			return err
		}
	}
	c.name()
	either := maps.Clone(c.versions[0])
	maps.Copy(either, c.versions[1])
	for _, name := range slices.Sorted(maps.Keys(either)) {
		if err := c.promise(ctx, name); err != nil {
			return err
		}
	}
	if c.measured {
		c.figures(c.measure(ctx, 0), c.measure(ctx, 1))
	}
	if err := c.print(wire.List(c.found), c.page()); err != nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	return failing(c.failed)
}

// read loads version i from a folder, or else from the folder of documents in a Git revision.
func (c *comparison) read(ctx context.Context, i int, name string) error {
	dir := name
	if info, err := os.Stat(name); err != nil || !info.IsDir() {
		into, err := os.MkdirTemp("", "accord-diff-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(into)
		if dir, err = checkout(ctx, c.from.dir, name, into); err != nil {
			return err
		}
		if dir == "" {
			c.warnf("%s has nothing in the folder %s", name, c.from.dir)
			dir = into
		}
	}
	loaded, err := catalog.Load(ctx, dir, c.from.options(c.server.resolution))
	if err != nil {
		return err
	}
	if errors, _ := problem.Count(loaded.Problems); errors > 0 {
		c.failed = true
		see := "accord validate"
		if dir == name {
			see += " " + dir
		}
		c.warnf("%s in the documents of %s, which are left out; see: %s", tables.Plural(errors, "error"), name, see)
	}
	c.catalogs[i] = loaded
	return nil
}

// name sets the versions by name. An SLO with the name of an agreement of either version has its kind in its name.
func (c *comparison) name() {
	isAgreement := map[string]bool{}
	for _, loaded := range c.catalogs {
		for _, a := range loaded.WithLeftOut() {
			isAgreement[a.Name] = isAgreement[a.Name] || a.Kind() == "Agreement"
		}
	}
	for i, loaded := range c.catalogs {
		c.versions[i] = map[string]*agreement.Agreement{}
		for _, a := range loaded.WithLeftOut() {
			if a.Kind() == "SLO" && isAgreement[a.Name] {
				a = new(*a)
				a.Name = "SLO " + a.Name
			}
			c.versions[i][a.Name] = a
		}
	}
}

// checkout writes a folder of a Git revision below the folder into and returns its path, empty
// if the revision does not have the folder. It does not use git archive, which leaves out files
// that .gitattributes marks as export-ignore.
func checkout(ctx context.Context, folder, revision, into string) (string, error) {
	git := func(dir string, args ...string) (string, error) {
		command := exec.CommandContext(ctx, "git", args...)
		command.Dir, command.Env = dir, append(os.Environ(), "GIT_INDEX_FILE="+filepath.Join(into, ".index"), "GIT_LITERAL_PATHSPECS=1")
		out, err := command.Output()
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			err = errors.New(strings.TrimSpace(string(failed.Stderr)))
		}
		return string(out), err
	}
	where, err := git(folder, "rev-parse", "--absolute-git-dir", "--show-prefix")
	repository, prefix, _ := strings.Cut(strings.TrimSuffix(where, "\n"), "\n")
	if err == nil {
		_, err = git(into, "-c", "core.hooksPath="+os.DevNull, "--git-dir="+repository, "--work-tree="+into, "restore", "--source="+revision, "--worktree", "--", "./"+prefix)
	}
	if err != nil {
		if files, failed := git(folder, "ls-tree", revision, "./"); failed == nil && files == "" {
			return "", nil
		}
		return "", fmt.Errorf("%s is no folder, and cannot be had from Git as the revision of %s: %w", revision, folder, err)
	}
	return filepath.Join(into, filepath.FromSlash(prefix)), nil
}

// bearing is how far before and after --at exclusions are compared.
const bearing = 400 * 24 * time.Hour

// promise appends the fields in which an agreement differs. It removes an unchanged one from both versions.
func (c *comparison) promise(ctx context.Context, name string) (err error) {
	was, is := c.version(0, name), c.version(1, name)
	changes := []statement.Change{{Was: presence(was), Now: presence(is)}}
	if changes[0].Was == present && changes[0].Now == present {
		changes, err = statement.Compare(ctx, was, is, c.at.Add(-bearing), c.at.Add(bearing))
	}
	for _, change := range changes {
		switch {
		case change.Was == "" && strings.HasPrefix(change.Now, "{"):
			change.Now = present
		case change.Now == "" && strings.HasPrefix(change.Was, "{"):
			change.Was = present
		}
		c.found = append(c.found, difference{name, change.Path, unquoted(change.Was), unquoted(change.Now)})
	}
	if len(changes) == 0 {
		delete(c.versions[0], name)
		delete(c.versions[1], name)
	}
	return err
}

// version returns an agreement or SLO in version i, also one that may be in a file that cannot be read.
func (c *comparison) version(i int, name string) *agreement.Agreement {
	a := c.versions[i][name]
	if named := c.catalogs[i].Named(name); a == nil && named != nil && named.Place == (agreement.Place{}) {
		return named
	}
	return a
}

// unquoted returns the text without enclosing quotes.
func unquoted(text string) string {
	if inside, quoted := strings.CutPrefix(text, `"`); quoted {
		return strings.TrimSuffix(inside, `"`)
	}
	return text
}

// present says that a version has it, in force or not: a draft or an exclusion without approval is present, too.
const present = "present"

// presence returns present, why the agreement was not read, or "" for nil: not read is not removed.
func presence(a *agreement.Agreement) string {
	if a == nil {
		return ""
	}
	return cmp.Or(a.NotRead, present)
}

// measure returns the present state and figures of each objective or group of a version as text.
// The keys have no Before and After.
func (c *comparison) measure(ctx context.Context, version int) map[difference]string {
	figures := map[difference]string{}
	for _, result := range c.service.Status(ctx, slices.Collect(maps.Values(c.versions[version])), measure.Question{At: c.at}) {
		for _, o := range wire.NewAgreementStatus(result).Objectives {
			text := fmt.Sprintf("%s, %s, budget left %s", tables.StateText(o.State), o.Compliance.Percent(), o.Remaining.Share())
			text = strings.Join(append([]string{text}, o.Remarks...), "; ")
			if o.Error != nil {
				c.failed, text = true, "not measured: "+*o.Error
			}
			figures[difference{Agreement: result.Agreement.Name, Field: wire.ObjectiveText(o.Name, o.Group)}] = text
		}
	}
	return figures
}

// figures inserts the present figures that differ after the fields of their agreement.
func (c *comparison) figures(before, after map[difference]string) {
	either := maps.Clone(before)
	maps.Copy(either, after)
	for _, d := range slices.SortedFunc(maps.Keys(either), func(a, b difference) int { return strings.Compare(a.Field, b.Field) }) {
		if d.Before, d.After = before[d], after[d]; d.Before != d.After {
			c.found = append(c.found, d)
		}
	}
	slices.SortStableFunc(c.found, func(a, b difference) int { return strings.Compare(a.Agreement, b.Agreement) })
}

func (c *comparison) page() tables.Page {
	page := tables.Page{Title: "Changed promises", Rows: tables.Rows{Head: tables.Heads("agreement", "field", "before", "after"),
		Body: wire.Each(c.found, func(d difference) []string { return []string{d.Agreement, d.Field, d.Before, d.After} })}}
	what := "What changes in the promises"
	if len(c.found) == 0 {
		what, page.Rows.Head = "Nothing that is promised changes", nil
	}
	page.Heading = []string{fmt.Sprintf("%s from %s to %s.", what, c.names[0], c.names[1])}
	if !c.measured {
		page.Notes = []string{"With --prometheus the present states and figures are compared, too."}
	}
	return page
}
