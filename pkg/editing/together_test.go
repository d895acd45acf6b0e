package editing

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
)

func textOf(version, kind, name, spec string) Text {
	return Text{catalog.ID{Kind: kind, Name: name}, fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: %q}\nspec: %s\n", version, kind, name, spec)}
}

// pair are two new documents, of which the second needs the first.
func pair() []Text {
	return []Text{
		textOf("accord/v1", "Team", "b", "{}"),
		textOf("accord/v1", "Exclusion", "move", "{reason: Move, services: [payments-api], from: 2026-11-08T02:00:00Z, to: 2026-11-08T04:00:00Z, requestedBy: b}"),
	}
}

func TestSeveralNewDocumentsAreWrittenTogether(t *testing.T) {
	f := company(t)
	source := "{type: Prometheus, connectionDetails: {}}"
	texts := slices.Concat(pair(), []Text{textOf("openslo/v1", "DataSource", "a/b", source), textOf("openslo/v1", "DataSource", "a-b", source)})
	created, err := f.Put(ctx, User{Login: "anna"}, Condition{New: true}, texts...)
	require.NoError(t, err)
	var files []string
	for i, c := range created {
		assert.Equal(t, f.read(t, texts[i].ID).Listed, c.Listed, "what Put answers is what is read after it")
		assert.Equal(t, texts[i].Text, f.text(t, c.File))
		files = append(files, c.File)
	}
	assert.Equal(t, []string{"team-b.yaml", "exclusion-move.yaml", "datasource-a-b.yaml", "datasource-a-b-2.yaml"}, files)
	assert.Equal(t, []string{"begun", "begun", "begun", "begun", "made", "made", "made", "made"}, f.states(t))
}

func (f *Folder) states(t testing.TB) (states []string) {
	t.Helper()
	for _, line := range f.log(t) {
		states = append(states, line.State)
	}
	return states
}

func TestOfSeveralDocumentsNoneIsWrittenWhenOneIsRefused(t *testing.T) {
	many := make([]Text, mostTogether+1)
	for i := range many {
		many[i] = textOf("accord/v1", "Team", fmt.Sprintf("t%d", i), "{}")
	}
	there := []Text{textOf("accord/v1", "Team", "payments", "{}"), textOf("openslo/v1", "Service", "payments-api", "{}")}
	renamed := pair()
	renamed[0].Name = "c"
	for name, c := range map[string]struct {
		texts    []Text
		reason   Reason
		said     string
		problems []string
	}{
		"two are there already": {append(pair(), there...), Changed, "none of 4 documents is written: Team payments is there already", []string{
			"payments.yaml:3:1: Team payments is there already, in payments.yaml:3",
			"services/api.yaml:1:1: Service payments-api is there already, in services/api.yaml:1",
		}},
		"one has an error":            {append(pair(), textOf("accord/v1", "Team", "d", "{colour: red}")), Invalid, "document.yaml:14:8", nil},
		"one needs what is not there": {pair()[1:], Invalid, `no Team is named "b"`, nil},
		"one has another name":        {renamed, Invalid, `the text is Team "b", and Team "c" was to be written`, nil},
		"one is two":                  {append(pair(), Text{catalog.ID{Kind: "Team", Name: "d"}, many[0].Text + "---\n" + many[1].Text}), Invalid, "must be one document, got 2", nil},
		"one is there twice":          {append(pair(), pair()[0]), Invalid, "Team b", nil},
		"none is given":               {nil, Invalid, "must be 1 to 50, got 0", nil},
		"too many are given":          {many, Invalid, "must be 1 to 50, got 51", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := company(t)
			_, err := f.Put(ctx, User{Login: "anna"}, Condition{New: true}, c.texts...)
			r := refused(t, c.reason, c.said, err)
			if c.problems != nil {
				var problems []string
				for _, p := range r.Problems {
					problems = append(problems, fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message))
				}
				assert.Equal(t, c.problems, problems)
			}
			assert.Equal(t, []string{"payments.yaml", "services"}, f.names(t))
			assert.NoFileExists(t, filepath.Join(f.Dir, AuditLog))
		})
	}
	f := folderOf(t, companyFiles)
	pact := textOf("accord/v1", "Agreement", "z", strings.TrimSpace(strings.TrimPrefix(pact, "spec: ")))
	_, err := f.Put(ctx, User{Login: "mallory"}, Condition{New: true}, []Text{textOf("accord/v1", "Team", "y", "{}"), pact}...)
	refused(t, Forbidden, "to make the agreement z takes a member of one of its parties", err)
	assert.NoFileExists(t, filepath.Join(f.Dir, "team-y.yaml"))
}

func TestOfSeveralDocumentsNoneStaysWhenTheDiskFails(t *testing.T) {
	for _, step := range []string{"written", "check", "replace"} {
		for nth := range 2 {
			f, at := company(t), 0
			f.interrupt = func(now string) error {
				if now == step {
					if at++; at > nth || step == "check" {
						return syscall.ENOSPC
					}
				}
				return nil
			}
			_, err := f.Put(ctx, User{Login: "anna"}, Condition{New: true}, pair()...)
			require.ErrorContains(t, err, "yaml is not written: no space left on device", step)
			assert.Equal(t, []string{"payments.yaml", "services"}, f.names(t), step)
			assert.Equal(t, []string{"begun", "begun", "failed", "failed"}, f.states(t), step)
		}
	}
}

// A process that ends between two renames has made all documents ready before: who
// comes next makes those that are missing. Before the first rename none is made.
func TestSeveralDocumentsThatWereBegunAreClosedTogether(t *testing.T) {
	for name, c := range map[string]struct {
		left  []int // those that have no name yet
		ended int   // lines of ends that are on the disk
		want  string
	}{
		"before the first was made":      {[]int{0, 1}, 0, "failed"},
		"after the first was made":       {[]int{1}, 0, "made"},
		"after the second was made":      {[]int{0}, 0, "made"},
		"after all were made":            {nil, 0, "made"},
		"between the lines of their end": {nil, 1, "made"},
	} {
		t.Run(name, func(t *testing.T) {
			f := company(t)
			// There are more changes in the log than these.
			_, err := f.Put(ctx, User{Login: "anna"}, Condition{New: true}, []Text{textOf("accord/v1", "Team", "before", "{}")}...)
			require.NoError(t, err)
			created, err := f.Put(ctx, User{Login: "anna"}, Condition{New: true}, pair()...)
			require.NoError(t, err)
			lines := f.log(t)[2:]
			log := strings.SplitAfter(f.text(t, AuditLog), "\n")
			require.NoError(t, os.WriteFile(filepath.Join(f.Dir, AuditLog), []byte(strings.Join(log[:4+c.ended], "")), 0o600))
			for _, i := range c.left {
				require.NoError(t, os.Rename(filepath.Join(f.Dir, created[i].File), filepath.Join(f.Dir, lines[i].temporary())))
			}
			require.NoError(t, (&Folder{Dir: f.Dir, Now: f.Now}).Recover(ctx))
			assert.Equal(t, []string{"begun", "made", "begun", "begun", c.want, c.want}, f.states(t))
			want := []string{"exclusion-move.yaml", "payments.yaml", "services", "team-b.yaml", "team-before.yaml"}
			if c.want == "failed" {
				want = []string{"payments.yaml", "services", "team-before.yaml"}
			}
			assert.Equal(t, want, f.names(t))
		})
	}
}
