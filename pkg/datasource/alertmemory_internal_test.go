package datasource

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables/frames"
)

// Restarted makes the process forget what it remembered of the data source.
func Restarted(uid string) { memories.Delete(uid) }

func requireSaved(t require.TestingT, m *alertMemory) {
	_, err := m.save()
	require.NoError(t, err)
}

func emptyMemory(folders ...opener) *alertMemory {
	return &alertMemory{file: "alerts.json", folders: folders, known: map[alertKey]remembered{}}
}

// Whatever was read anew, remembered or failed: no two numbers have the same
// labels, and one that was there stays, unless it was measured to be over or its
// agreement was taken away.
func TestAlertsAreUniqueAndStay(t *testing.T) {
	folder := t.TempDir()
	open := func() (*os.Root, error) { return os.OpenRoot(folder) }
	rapid.Check(t, func(t *rapid.T) {
		m := emptyMemory(open)
		expected := map[string]bool{} // labels of the numbers that must be there
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			at := time.Unix(int64(step)*60, 0)
			c := &catalog.Catalog{Documents: 1}
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
					slo := &agreement.Agreement{Name: name, IsSLO: true, Stage: agreement.Active, Zone: time.UTC}
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
				requireSaved(t, m)
				m = emptyMemory(open)
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
	knows := func(name string) bool { return m.knows(filters{"agreements": {names: []string{name}}}) }
	assert.False(t, knows("a00000"), "the one not asked for the longest is forgotten first")
	assert.True(t, knows(fmt.Sprintf("a%05d", maxRemembered/100+49)))
}

func TestTwoGrafanasOnOneFolderSaveTheirAlertsAtTheSameTime(t *testing.T) {
	folder := t.TempDir()
	open := func() (*os.Root, error) { return os.OpenRoot(folder) }
	both := []*alertMemory{emptyMemory(open), emptyMemory(open)}
	both[0].known[alertKey{Agreement: "a"}] = remembered{Service: strings.Repeat("long", 1000)}
	for _, err := range parallel.Each(t.Context(), 2, 100, func(_ context.Context, i int) error {
		_, err := both[i%2].save()
		return errors.Join(err, emptyMemory().load(open))
	}) {
		require.NoError(t, err)
	}
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing is left beside it")
}

func TestWhatIsInNoActiveAgreementAnyMoreIsOverToARuleThatNamesIt(t *testing.T) {
	a := &agreement.Agreement{Name: "a", Provider: "p", Stage: agreement.Active, Objectives: []*agreement.Objective{{Name: "o"}}}
	draft, other := *a, *a
	draft.Stage, other.Objectives = agreement.Draft, []*agreement.Objective{{Name: "another"}}
	for _, now := range []*catalog.Catalog{{Documents: 1}, {Documents: 1, Agreements: []*agreement.Agreement{&draft}}, {Documents: 1, Agreements: []*agreement.Agreement{&other}}} {
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
	m := emptyMemory(open)
	require.Error(t, m.load(open))
	requireSaved(t, m)
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
	assert.Equal(t, 0, given(&catalog.Catalog{Documents: 1}), "it was removed")
	assert.Equal(t, 0, given(broken), "it is removed, whatever is wrong elsewhere")
	assert.Equal(t, 1, given(with, row))
	assert.Equal(t, 1, given(broken), "it has come back")
}

// What an alert ends by is a measurement, or that its objective is gone: not a server
// without its data, a folder without its documents, a file that cannot be read, or a
// panel that looks at an earlier time.
func TestAnAlertDoesNotEndUnmeasured(t *testing.T) {
	a := &agreement.Agreement{Name: "a", Provider: "p", Stage: agreement.Active, Objectives: []*agreement.Objective{{Name: "o", GroupBy: []string{"region"}}}}
	slo := &agreement.Agreement{Name: "s", IsSLO: true, Stage: agreement.Active, Objectives: []*agreement.Objective{{Name: "o"}}}
	with := &catalog.Catalog{Documents: 1, Agreements: []*agreement.Agreement{a}}
	at := time.Unix(1_800_000_000, 0)
	of := func(region string) measure.Result {
		return measure.Result{Agreement: a, Objective: a.Objectives[0], Group: map[string]string{"region": region}, Status: budget.Status{State: budget.Met}}
	}
	nothing := measure.Result{Agreement: a, Objective: a.Objectives[0], Status: budget.EmptyStatus(agreement.Window{}, at, budget.NoData, "no data")}
	alone := measure.Result{Agreement: slo, Objective: slo.Objectives[0], Status: budget.Status{State: budget.Met}}
	failed := nothing
	failed.Err = errors.New("no answer")
	m, now := emptyMemory(), at.Add(2*time.Hour)
	given := func(c *catalog.Catalog, at time.Time, rows ...measure.Result) (states []string) {
		completed, _ := m.completed(rows, task{catalog: c, at: at, now: now})
		for _, r := range completed {
			states = append(states, r.Agreement.Name+r.Group["region"]+" "+string(r.State))
		}
		return states
	}
	both := []string{"aeu no_data", "aus no_data"}
	assert.Equal(t, []string{"aeu met", "aus met"}, given(with, at, of("eu"), of("us")))
	assert.Equal(t, []string{"aeu met"}, given(with, at.Add(-time.Hour), of("eu")), "a panel")
	assert.Equal(t, both, given(with, at.Add(time.Minute), failed), "a panel has changed nothing")
	assert.Equal(t, both, given(with, at.Add(time.Minute), nothing), "of an empty Prometheus nothing is over")
	assert.Equal(t, both, given(with, at.Add(time.Minute), failed), "and all are remembered")
	assert.Equal(t, both, given(&catalog.Catalog{}, at.Add(time.Minute)), "an empty folder takes nothing away")
	assert.Equal(t, []string{"aeu met"}, given(with, at.Add(time.Hour), of("eu")), "us has no event in the window")

	broken := &catalog.Catalog{Documents: 1, Agreements: []*agreement.Agreement{a}, SLOs: []*agreement.Agreement{slo}, Unread: []string{"b.yaml"}}
	assert.Equal(t, []string{"aeu met"}, given(broken, at.Add(time.Hour), of("eu"), alone), "an agreement that names it may be in b.yaml")
	broken.Unread = nil
	assert.Equal(t, []string{"aeu met", "s met"}, given(broken, at.Add(time.Hour), of("eu"), alone))
	broken.Unread = []string{"b.yaml"}
	assert.Equal(t, []string{"aeu met", "s met"}, given(broken, at.Add(time.Hour), of("eu"), alone), "it alerted before")

	now = at.Add(time.Minute)
	assert.Equal(t, []string{"aeu met", "aus met"}, given(with, now, of("eu"), of("us")), "the clock was an hour ahead")
	assert.Equal(t, both, given(with, now, failed), "what is measured since it went back is remembered")
}

func TestTheMemoryOfAlertsIsKeptWhereItCanBeWritten(t *testing.T) {
	cache := t.TempDir()
	readOnly, mounted := errors.New("read-only file system"), false
	m := emptyMemory(func() (*os.Root, error) { return nil, readOnly }, func() (*os.Root, error) {
		if !mounted {
			return nil, readOnly
		}
		return os.OpenRoot(cache)
	})
	a := &agreement.Agreement{Name: "a", Provider: "p", Stage: agreement.Active, Objectives: []*agreement.Objective{{Name: "o"}}}
	asked := task{catalog: &catalog.Catalog{Documents: 1, Agreements: []*agreement.Agreement{a}}}
	rows := []measure.Result{{Agreement: a, Objective: a.Objectives[0]}}
	_, unsaved := m.completed(rows, asked)
	require.True(t, unsaved)
	again, err := m.save()
	require.ErrorIs(t, err, readOnly)
	require.False(t, again)
	again, err = m.save()
	require.True(t, again && err != nil, "which is logged once")
	_, unsaved = m.completed(rows, asked)
	require.True(t, unsaved, "what could not be written is written the next time")
	mounted = true
	requireSaved(t, m)
	_, unsaved = m.completed(rows, asked)
	require.False(t, unsaved)
	after := emptyMemory()
	require.NoError(t, after.load(m.folders[1]))
	require.True(t, after.knows(filters{}))
}

// A rule over ten thousand agreements has half a minute.
func TestAlertsOfManyAgreementsAreRememberedInTime(t *testing.T) {
	m, c, begin := emptyMemory(), &catalog.Catalog{Documents: 1}, time.Now()
	var rows []measure.Result
	for i := range 10_000 {
		a := &agreement.Agreement{Name: fmt.Sprint("a", i), Provider: "payments", Stage: agreement.Active, Objectives: []*agreement.Objective{{Name: "o"}}}
		c.Agreements = append(c.Agreements, a)
		rows = append(rows, measure.Result{Agreement: a, Objective: a.Objectives[0], Status: budget.Status{State: budget.Met}})
	}
	completed, _ := m.completed(rows, task{at: begin, catalog: c})
	assert.Len(t, completed, 10_000)
	assert.Less(t, time.Since(begin), 3*time.Second)
	for _, a := range c.Agreements {
		a.Provider = "shop" // which is no other promise
	}
	completed, _ = m.completed(nil, task{at: begin, catalog: c})
	assert.Empty(t, completed)
}

// Another provider is another label of the same alert: the previous one does not come back.
func TestAnAlertMovesWithTheProviderOfItsAgreement(t *testing.T) {
	m := emptyMemory()
	of := func(provider string) *agreement.Agreement {
		return &agreement.Agreement{Name: "a", Provider: provider, Stage: agreement.Active, Place: agreement.Place{File: "a.yaml"},
			Objectives: []*agreement.Objective{{Name: "o", GroupBy: []string{"region"}}}}
	}
	at := time.Unix(1_800_000_000, 0)
	given := func(c *catalog.Catalog, rows ...measure.Result) (alerts []string) {
		completed, _ := m.completed(rows, task{catalog: c, at: at})
		for _, r := range completed {
			alerts = append(alerts, r.Agreement.Provider+" "+r.Group["region"]+" "+string(r.State))
		}
		return alerts
	}
	with := func(a *agreement.Agreement) *catalog.Catalog {
		return &catalog.Catalog{Documents: 1, Agreements: []*agreement.Agreement{a}}
	}
	result := func(a *agreement.Agreement, region string, state budget.State) measure.Result {
		r := measure.Result{Agreement: a, Objective: a.Objectives[0], Status: budget.Status{State: state}}
		if region != "" {
			r.Group = map[string]string{"region": region}
		}
		return r
	}
	before, after := of("payments"), of("checkout")
	assert.Equal(t, []string{"payments eu met"}, given(with(before), result(before, "eu", budget.Met)))
	assert.Equal(t, []string{"checkout eu no_data"}, given(with(after), result(after, "", budget.NoData)), "the groups are those of the objective")
	assert.Equal(t, []string{"checkout eu met"}, given(with(after), result(after, "eu", budget.Met)))
	broken := &catalog.Catalog{Documents: 1, Problems: []problem.Problem{{Severity: problem.Error, Kind: "Agreement", Name: "a", Place: after.Place}}}
	assert.Equal(t, []string{"checkout eu no_data"}, given(broken), "the previous provider's alert is over")
}
