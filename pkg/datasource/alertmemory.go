package datasource

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/wire"
)

// maxRemembered limits the remembered groups; the least recently measured are dropped first.
const maxRemembered = 20_000

// memories are those of this process by UID, since an alert outlives the settings of its data source.
var memories sync.Map // UID -> *alertMemory

type opener = func() (*os.Root, error)

// alertMemory remembers which alerts there were. Grafana resolves an alert whose number is missing,
// so one that cannot be measured now must still be in the answer. A file preserves the memory beyond
// the process: beside the documents or, if these cannot be written, in the folder of the cache.
type alertMemory struct {
	file string // in the first of the folders that can be written

	mu      sync.Mutex
	folders []opener
	known   map[alertKey]remembered
	unsaved bool // since the file was last written
	failing bool // the last time the file could not be written

	saving sync.Mutex // one at a time writes the file
}

// alertKey is an objective, whoever provides it, and the window of the query: a shorter window may have fewer groups.
type alertKey struct{ Kind, Agreement, Objective, Window string }

func (k alertKey) compare(other alertKey) int {
	return cmp.Or(cmp.Compare(k.Kind, other.Kind), cmp.Compare(k.Agreement, other.Agreement),
		cmp.Compare(k.Objective, other.Objective), cmp.Compare(k.Window, other.Window))
}

// remembered has the groups of an objective when last measured, and what its alerts are labeled with.
type remembered struct {
	Key       alertKey
	Provider  string
	Service   string
	Consumers []string
	Labels    map[string]string
	Alerts    map[agreement.Severity]agreement.Alerts `json:",omitempty"`
	File      string                                  // of the agreement's document
	From      time.Time
	Review    agreement.Review
	Window    string // of the measurement, as for [agreement.ParseWindow]
	Groups    []map[string]string
	Seen      time.Time // when it was last measured
	// Removed says that the objective was missing while all documents could be read: no
	// later error in them brings its alerts back to a query of the whole catalog.
	Removed bool
}

// openAlertMemory returns the data source's memory: that of the process, else from its files.
func openAlertMemory(uid string, folders ...opener) *alertMemory {
	m := &alertMemory{file: catalog.AlertsFile + url.PathEscape(uid) + ".json", folders: folders, known: map[alertKey]remembered{}}
	if before, there := memories.LoadOrStore(uid, m); there {
		m = before.(*alertMemory)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.folders, m.unsaved = folders, true // the documents may be elsewhere now
		return m
	}
	for _, open := range folders {
		if err := m.load(open); err != nil && !errors.Is(err, fs.ErrNotExist) {
			backend.Logger.Warn("The remembered alerts cannot be read: one that cannot be measured now may end", "datasource", uid, "file", m.file, "error", err)
		}
	}
	return m
}

func (m *alertMemory) load(open opener) error {
	root, err := open()
	if err != nil {
		return err
	}
	defer root.Close()
	text, err := root.ReadFile(m.file)
	if err != nil {
		return err
	}
	var all []remembered
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range all {
		if !one.Seen.Before(m.known[one.Key].Seen) {
			m.known[one.Key] = one
		}
	}
	return nil
}

// save writes the file. If that fails, the previous file stays and the next save tries again; again
// says that the save before failed as well.
func (m *alertMemory) save() (again bool, err error) {
	m.saving.Lock()
	defer m.saving.Unlock()
	m.mu.Lock()
	m.unsaved = false
	folders := m.folders
	all := slices.Collect(maps.Values(m.known))
	m.mu.Unlock()
	slices.SortFunc(all, func(a, b remembered) int { return a.Key.compare(b.Key) })
	text, err := json.Marshal(all)
	if err != nil {
		return false, err
	}
	for _, open := range folders {
		if err = m.write(open, text); err == nil {
			break
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	again, m.failing = m.failing, err != nil
	m.unsaved = m.unsaved || m.failing
	return again, err
}

func (m *alertMemory) write(open opener, text []byte) error {
	root, err := open()
	if err != nil {
		return err
	}
	defer root.Close()
	return editing.ReplaceFile(root, m.file, text, 0o640)
}

// completed returns the results, plus one for each earlier alert of the query that cannot be
// measured now or has lost its group, since that must not end it. A query as of an earlier
// instant is not remembered. unsaved says that the file lacks some alerts.
func (m *alertMemory) completed(rows []measure.Result, t task) (completed []measure.Result, unsaved bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	window := t.windowText()
	fresh := map[alertKey]remembered{}
	for _, r := range rows {
		key := keyOf(r.Agreement, r.Objective.Name, window)
		before, known := m.known[key]
		switch {
		case known && before.isUnmeasured(r):
			completed = append(completed, inGroups(before.Groups, r)...)
			continue
		case !known && r.Agreement.IsSLO && len(t.catalog.Unread) > 0:
			continue // an unreadable document may be an agreement that names the SLO and alerts differently
		}
		completed = append(completed, r)
		if r.Err == nil && (!t.at.Before(before.Seen) || before.Seen.After(t.now)) { // or the clock went back
			one, begun := fresh[key]
			if !begun {
				one = remember(key, r, t.at)
			}
			one.Groups = append(one.Groups, r.Group)
			fresh[key] = one
		}
	}
	for key, one := range fresh {
		before := m.known[key]
		before.Seen = one.Seen
		m.unsaved = m.unsaved || !reflect.DeepEqual(before, one)
		m.known[key] = one
	}
	missing := m.missing(t, window)
	m.bound()
	return append(completed, missing...), m.unsaved
}

func keyOf(a *agreement.Agreement, objective, window string) alertKey {
	return alertKey{a.Kind(), a.Name, objective, window}
}

func remember(key alertKey, r measure.Result, at time.Time) remembered {
	a := r.Agreement
	return remembered{Key: key, Provider: a.Provider, Service: a.Service, Consumers: a.Consumers, Labels: a.Labels, Alerts: r.Objective.Alerts, File: a.Place.File,
		From: a.Effective.From, Review: a.Review, Window: r.Window.String(), Seen: at}
}

// bound drops the least recently measured alerts if there are too many groups.
func (m *alertMemory) bound() {
	groups := 0
	for _, one := range m.known {
		groups += len(one.Groups)
	}
	if groups <= maxRemembered {
		return
	}
	m.unsaved = true
	for _, one := range slices.SortedFunc(maps.Values(m.known), func(a, b remembered) int { return a.Seen.Compare(b.Seen) }) {
		if groups <= maxRemembered {
			break
		}
		groups -= len(one.Groups)
		delete(m.known, one.Key)
	}
}

// knows reports whether there were alerts that the filters match.
func (m *alertMemory) knows(f filters) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, before := range m.known {
		if f.keeps(before.agreement()) && f.keepsObjective(key.Objective) {
			return true
		}
	}
	return false
}

// groups returns the groups of an objective when last measured, or one without labels if not known.
func (m *alertMemory) groups(key alertKey) []map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.known[key].Groups; len(known) > 0 {
		return known
	}
	return []map[string]string{nil}
}

// missing returns the alerts of objectives that are no longer in a document or active agreement: null
// if a document has an error, else 0 for a query that names them, whose rule would otherwise keep the
// alert. For other queries the alert ends, as intended by removing the agreement.
func (m *alertMemory) missing(t task, window string) (missing []measure.Result) {
	served := served(t.catalog)
	for key, before := range m.known {
		a := before.agreement()
		if served[keyOf(a, key.Objective, "")] {
			continue
		}
		found := lost(t.catalog, a)
		if !before.Removed && found == nil {
			before.Removed, m.unsaved = true, true
			m.known[key] = before
		}
		if key.Window != window || !t.filters.keeps(a) || !t.filters.keepsObjective(key.Objective) {
			continue
		}
		named := slices.Contains(t.filters["agreements"].names, a.Name) || slices.Contains(t.filters["objectives"].names, key.Objective)
		result := measure.Result{Agreement: a, Objective: a.Objectives[0]}
		window, _ := agreement.ParseWindow(before.Window) // a result without figures needs none
		switch {
		case found != nil && (named || !before.Removed):
			result.Err = errors.New(found.String())
			result.Status = budget.EmptyStatus(window, t.at, budget.NoData, found.String())
		case named:
			result.Status = budget.EmptyStatus(window, t.at, budget.Inactive, "not in effect: it is in no active agreement of the catalog any more")
		default:
			continue
		}
		missing = append(missing, inGroups(before.Groups, result)...)
	}
	slices.SortFunc(missing, func(a, b measure.Result) int {
		return cmp.Or(cmp.Compare(a.Agreement.Name, b.Agreement.Name), cmp.Compare(a.Objective.Name, b.Objective.Name),
			cmp.Compare(slots.GroupKey(a.Group), slots.GroupKey(b.Group)))
	})
	return missing
}

// agreement returns an agreement with the labels of the alerts and the one objective.
func (r remembered) agreement() *agreement.Agreement {
	return &agreement.Agreement{Name: r.Key.Agreement, IsSLO: r.Key.Kind == "SLO", Provider: r.Provider, Service: r.Service, Consumers: r.Consumers,
		Labels: r.Labels, Stage: agreement.Active, Effective: agreement.Period{From: r.From}, Review: r.Review, Place: agreement.Place{File: r.File},
		Objectives: []*agreement.Objective{{Name: r.Key.Objective, Alerts: r.Alerts}}}
}

// isUnmeasured reports whether the result says nothing about the previous groups.
func (r remembered) isUnmeasured(result measure.Result) bool {
	ungrouped := func(group map[string]string) bool { return len(group) == 0 }
	return result.Err != nil || result.State == budget.NoData && ungrouped(result.Group) && !slices.ContainsFunc(r.Groups, ungrouped)
}

// inGroups returns the result, which has no figures, for each of the groups.
func inGroups(groups []map[string]string, result measure.Result) []measure.Result {
	return wire.Each(groups, func(group map[string]string) measure.Result {
		result.Group = group
		return result
	})
}

// served returns the objectives of SLOs, and of active and retired agreements.
func served(c *catalog.Catalog) map[alertKey]bool {
	all := map[alertKey]bool{}
	for _, a := range c.All() {
		for _, o := range a.Objectives {
			all[keyOf(a, o.Name, "")] = a.Stage == agreement.Active || a.Stage == agreement.Retired
		}
	}
	return all
}

// lost returns the error that may keep the agreement from being served: that of its document or file,
// else the first one, which may hide it; or that the folder is empty, as if it were not mounted.
func lost(c *catalog.Catalog, a *agreement.Agreement) *problem.Problem {
	if c.Documents == 0 && len(c.Problems) == 0 {
		return &problem.Problem{Severity: problem.Error, Message: "the folder of documents is empty"}
	}
	return cmp.Or(firstError(c, func(p problem.Problem) bool {
		return isAbout(p, a.Name) || p.Name == "" && p.File == a.Place.File
	}), firstError(c, func(problem.Problem) bool { return true }))
}
