package datasource

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables/frames"
)

// Restarted makes the process forget what it remembered of the data source.
func Restarted(uid string) { memories.Delete(uid) }

func emptyMemory() *alertMemory {
	return &alertMemory{file: "alerts.json", known: map[alertKey]remembered{}}
}

// Whatever was read anew, remembered or failed: no two numbers have the same
// labels, and one that was there stays, unless it was measured to be over or its
// agreement was taken away.
func TestAlertsAreUniqueAndStay(t *testing.T) {
	folder := t.TempDir()
	open := func() (*os.Root, error) { return os.OpenRoot(folder) }
	rapid.Check(t, func(t *rapid.T) {
		m := emptyMemory()
		expected := map[string]bool{} // labels of the numbers that must be there
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			at := time.Unix(int64(step)*60, 0)
			c := &catalog.Catalog{}
			var rows []measure.Result
			now := map[string]bool{}
			for _, name := range []string{"a", "b", "c"} {
				provider := rapid.SampledFrom([]string{"", "payments"}).Draw(t, "provider")
				a := &agreement.Agreement{Name: name, Provider: "payments", Stage: agreement.Active, Service: "s",
					Place: agreement.Place{File: name + ".yaml"}, Objectives: []*agreement.Objective{{Name: "o"}}}
				keyPrefix := "payments/" + name + "/"
				switch rapid.SampledFrom([]string{"measured", "failed", "broken", "removed"}).Draw(t, name) {
				case "measured":
					for key := range expected {
						if key[:len(keyPrefix)] == keyPrefix {
							delete(expected, key)
						}
					}
					c.Agreements = append(c.Agreements, a)
					for _, region := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"eu", "us", "asia"}), 1, 3, rapid.ID).Draw(t, "groups") {
						rows = append(rows, measure.Result{Agreement: a, Objective: a.Objectives[0], Group: map[string]string{"region": region},
							Status: budget.Status{State: budget.Met, Alerts: []budget.Alert{{AlertRule: agreement.AlertRule{Severity: agreement.Page}}}}})
						now[keyPrefix+region] = true
					}
				case "failed":
					c.Agreements = append(c.Agreements, a)
					rows = append(rows, measure.Result{Agreement: a, Objective: a.Objectives[0], Err: errors.New("no answer"),
						Status: budget.EmptyStatus(agreement.Window{}, at, budget.NoData, "no answer")})
				case "broken":
					c.Problems = append(c.Problems, problem.Problem{Severity: problem.Error, Kind: "Agreement", Name: name, Place: a.Place})
				case "removed":
					for key := range expected {
						if key[:len(keyPrefix)] == keyPrefix {
							delete(expected, key)
						}
					}
				}
				if provider == "" { // an SLO of the same name is another promise
					slo := &agreement.Agreement{Name: name, Stage: agreement.Active, Zone: time.UTC}
					c.SLOs = append(c.SLOs, slo)
					rows = append(rows, measure.Result{Agreement: slo, Objective: &agreement.Objective{Name: "o"},
						Status: budget.Status{State: budget.Met, Alerts: []budget.Alert{{AlertRule: agreement.AlertRule{Severity: agreement.Page}}}}})
				}
			}
			for key := range now {
				expected[key] = true
			}
			completed, _ := m.completed(rows, task{catalog: c, at: at})
			labels := map[string]bool{}
			got := map[string]bool{}
			for _, frame := range frames.Alerts(completed, []agreement.Severity{agreement.Page}, at, func(*agreement.Agreement) string { return "" }) {
				of := frame.Fields[0].Labels
				if text := of.String(); labels[text] {
					t.Fatalf("twice: %s", text)
				} else {
					labels[text] = true
				}
				got[of["provider"]+"/"+of["agreement"]+"/"+of["region"]] = true
			}
			for key := range expected {
				if !got[key] {
					t.Fatalf("%s has gone, which resolves its alert", key)
				}
			}
			if rapid.Bool().Draw(t, "the process ends") {
				require.NoError(t, m.save(open))
				m = emptyMemory()
				require.NoError(t, m.load(open))
			}
		}
	})
}

func TestTheMemoryOfAlertsIsBounded(t *testing.T) {
	m := emptyMemory()
	for i := range maxRemembered/100 + 50 {
		a := &agreement.Agreement{Name: fmt.Sprintf("a%05d", i), Provider: "p", Objectives: []*agreement.Objective{{Name: "o"}}}
		var rows []measure.Result
		for g := range 100 {
			rows = append(rows, measure.Result{Agreement: a, Objective: a.Objectives[0], Group: map[string]string{"g": fmt.Sprint(g)}})
		}
		window := agreement.Window{Rolling: time.Duration(i+1) * time.Hour} // of which no other round has alerts
		m.completed(rows, task{question: question{window: &window}, catalog: &catalog.Catalog{Agreements: []*agreement.Agreement{a}, Problems: []problem.Problem{{Severity: problem.Error}}},
			at: time.Unix(int64(i), 0)})
	}
	assert.LessOrEqual(t, len(m.known), maxRemembered/100)
	assert.False(t, m.knows("a00000"), "the one not asked for the longest is forgotten first")
	assert.True(t, m.knows(fmt.Sprintf("a%05d", maxRemembered/100+49)))
}

func TestWhatIsInNoActiveAgreementAnyMoreIsOverToARuleThatNamesIt(t *testing.T) {
	a := &agreement.Agreement{Name: "a", Provider: "p", Stage: agreement.Active, Objectives: []*agreement.Objective{{Name: "o"}}}
	draft, other := *a, *a
	draft.Stage, other.Objectives = agreement.Draft, []*agreement.Objective{{Name: "another"}}
	for _, now := range []*catalog.Catalog{{}, {Agreements: []*agreement.Agreement{&draft}}, {Agreements: []*agreement.Agreement{&other}}} {
		m := emptyMemory()
		asked := task{catalog: &catalog.Catalog{Agreements: []*agreement.Agreement{a}}, at: time.Unix(1_800_000_000, 0)}
		asked.filters = filters{"agreements": {names: []string{"a"}}}
		m.completed([]measure.Result{{Agreement: a, Objective: a.Objectives[0]}}, asked)
		asked.catalog = now
		over, _ := m.completed(nil, asked)
		require.Len(t, over, 1)
		assert.Equal(t, budget.Inactive, over[0].State)
	}
}

func TestAFileOfAlertsThatIsDamagedIsSaidAndMadeAnew(t *testing.T) {
	folder := t.TempDir()
	open := func() (*os.Root, error) { return os.OpenRoot(folder) }
	require.NoError(t, os.WriteFile(folder+"/alerts.json", []byte(`[{"Key":`), 0o600))
	m := emptyMemory()
	require.Error(t, m.load(open))
	require.NoError(t, m.save(open))
	require.NoError(t, m.load(open))
}

func TestAnErrorInAnotherDocumentBringsNoRemovedAlertBack(t *testing.T) {
	m := emptyMemory()
	a := &agreement.Agreement{Name: "gone", Provider: "p", Stage: agreement.Active, Place: agreement.Place{File: "gone.yaml"},
		Objectives: []*agreement.Objective{{Name: "o"}}}
	row := measure.Result{Agreement: a, Objective: a.Objectives[0]}
	with := &catalog.Catalog{Agreements: []*agreement.Agreement{a}}
	broken := &catalog.Catalog{Problems: []problem.Problem{{Severity: problem.Error, Place: agreement.Place{File: "other.yaml"}}}}
	given := func(c *catalog.Catalog, rows ...measure.Result) int {
		completed, _ := m.completed(rows, task{catalog: c, at: time.Unix(0, 0)})
		return len(completed)
	}
	assert.Equal(t, 1, given(with, row))
	assert.Equal(t, 1, given(broken), "it may stand in what cannot be read")
	assert.Equal(t, 0, given(&catalog.Catalog{}), "it was removed")
	assert.Equal(t, 0, given(broken), "it is removed, whatever is wrong elsewhere")
	assert.Equal(t, 1, given(with, row))
	assert.Equal(t, 1, given(broken), "it has come back")
}
