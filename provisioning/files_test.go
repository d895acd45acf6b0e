package provisioning_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/provisioning"
)

// dashboard is what matters here of Grafana's dashboard model.
type dashboard struct {
	UID, Title  string
	Time        struct{ From, To string }
	Templating  struct{ List []variable }
	Panels      []panel
	Annotations struct {
		List []struct {
			BuiltIn    int
			Name       string
			Datasource reference
			Target     json.RawMessage
		}
	}
}

type variable struct {
	Name, Type, AllValue string
	Multi, IncludeAll    bool
	Datasource           reference
	Query                json.RawMessage
}

type panel struct {
	ID              int
	Type, Title     string
	Repeat          string
	Datasource      reference
	Targets         []json.RawMessage
	Transformations []struct {
		ID      string
		Options json.RawMessage
	}
	FieldConfig json.RawMessage
}

type reference struct{ Type, UID string }

// ours is how everything in a dashboard refers to the data source, so that it
// imports without edits wherever there is one.
var ours = reference{"accord-sla-datasource", "${datasource}"}

func dashboards(t *testing.T) map[string]dashboard {
	t.Helper()
	paths, err := fs.Glob(provisioning.Grafana, "dashboards/*.json")
	require.NoError(t, err)
	require.Len(t, paths, 3)
	all := map[string]dashboard{}
	for _, path := range paths {
		text, err := fs.ReadFile(provisioning.Grafana, path)
		require.NoError(t, err)
		var d dashboard
		require.NoError(t, json.Unmarshal(text, &d), path)
		all[path] = d
	}
	return all
}

func TestDashboardsImportWithoutEdits(t *testing.T) {
	uids := map[string]bool{}
	for path, d := range dashboards(t) {
		t.Run(path, func(t *testing.T) {
			assert.NotEmpty(t, d.Title)
			assert.Regexp(t, `^accord-[a-z]+$`, d.UID)
			assert.False(t, uids[d.UID], "the uid %s is there twice", d.UID)
			uids[d.UID] = true
			first := d.Templating.List[0]
			assert.Equal(t, []string{"datasource", "datasource", `"accord-sla-datasource"`}, []string{first.Name, first.Type, string(first.Query)})
			for _, v := range d.Templating.List[1:] {
				assert.Equal(t, ours, v.Datasource, v.Name)
				assert.Equal(t, v.Multi, v.AllValue == "/.*/", "%s: all is one expression, not a list of every name", v.Name)
			}
			for _, a := range d.Annotations.List {
				assert.True(t, a.BuiltIn == 1 || a.Datasource == ours, a.Name)
			}
			ids := map[int]bool{}
			for _, p := range d.Panels {
				assert.False(t, ids[p.ID], "the panel id %d is there twice", p.ID)
				ids[p.ID] = true
				if p.Type == "row" {
					continue
				}
				assert.Equal(t, ours, p.Datasource, p.Title)
				assert.NotEmpty(t, p.Targets, p.Title)
				for _, target := range p.Targets {
					var of struct{ Datasource reference }
					require.NoError(t, json.Unmarshal(target, &of))
					assert.Equal(t, ours, of.Datasource, p.Title)
				}
			}
		})
	}
	for path := range dashboards(t) {
		text, err := fs.ReadFile(provisioning.Grafana, path)
		require.NoError(t, err)
		for _, piece := range strings.Split(string(text), `"/d/`)[1:] {
			uid, _, _ := strings.Cut(piece, "?")
			assert.True(t, uids[uid], "%s links to %q", path, uid)
		}
	}
}

// organizedPanel is a panel with the options of a transformation that orders or hides columns.
type organizedPanel struct {
	panel
	ExcludeByName map[string]bool
	IndexByName   map[string]int
}

func organizedPanels(t *testing.T) (all []organizedPanel) {
	t.Helper()
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			for _, transformation := range p.Transformations {
				organized := organizedPanel{panel: p}
				require.NoError(t, json.Unmarshal(transformation.Options, &organized))
				all = append(all, organized)
			}
		}
	}
	require.NotEmpty(t, all)
	return all
}

// A row without data has 0 bad of 0 allowed, which looks like one of nothing bad.
func TestNoTableHidesTheState(t *testing.T) {
	for _, o := range organizedPanels(t) {
		assert.False(t, o.Type == "table" && o.ExcludeByName["state"], o.Title)
	}
}

// The labels of groups have no index, since nobody knows them here: Grafana puts them behind all that has one.
func TestWhatTellsGroupsApartComesBeforeTheFigures(t *testing.T) {
	for _, o := range organizedPanels(t) {
		for _, figure := range []string{"compliance", "target", "burn_1h", "duration", "share"} {
			assert.NotContains(t, o.IndexByName, figure, o.Title)
		}
	}
}

// alerting is what matters here of the files in alerting.
type alerting struct {
	ContactPoints []struct {
		Name      string
		Receivers []struct{ UID, Type string }
	} `yaml:"contactPoints"`
	Groups []struct {
		Name, Folder, Interval string
		Rules                  []rule
	}
	Policies []any
}

type rule struct {
	UID, Title, Condition string
	Data                  []ruleQuery
	For                   string
	KeepFiringFor         string `yaml:"keepFiringFor"`
	NoDataState           string `yaml:"noDataState"`
	ExecErrState          string `yaml:"execErrState"`
	Labels                map[string]string
	Annotations           map[string]string
	NotificationSettings  struct{ Receiver string } `yaml:"notification_settings"`
}

type ruleQuery struct {
	RefID         string `yaml:"refId"`
	DatasourceUID string `yaml:"datasourceUid"`
	Model         map[string]any
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := fs.ReadFile(provisioning.Grafana, path)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, into), path)
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file alerting
	readYAML(t, "alerting/rules.yaml", &file)
	require.Len(t, file.Groups, 1)
	group := file.Groups[0]
	assert.NotEmpty(t, group.Name)
	assert.NotEmpty(t, group.Folder)
	isDuration(t, group.Interval)
	assert.Empty(t, file.Policies, "policies would replace the user's")
	return group.Rules
}

func isDuration(t *testing.T, text string) {
	t.Helper()
	_, err := model.ParseDuration(text)
	assert.NoError(t, err)
}

func dataSources(t *testing.T) map[string]string {
	t.Helper()
	var file struct {
		Datasources []struct {
			Name, UID, Type, URL string
			IsDefault            bool `yaml:"isDefault"`
		}
	}
	readYAML(t, "datasources/accord.yaml", &file)
	types := map[string]string{}
	for _, source := range file.Datasources {
		assert.NotContains(t, types, source.UID)
		assert.Equal(t, "$ACCORD_PROMETHEUS_URL", source.URL)
		assert.False(t, source.IsDefault, "a second default keeps Grafana from starting")
		types[source.UID] = source.Type
	}
	return types
}

func TestAlertRulesHoldTogether(t *testing.T) {
	var contacts alerting
	readYAML(t, "alerting/contact-points.yaml", &contacts)
	assert.Empty(t, contacts.Policies, "policies would replace the user's")
	receivers, uids := map[string]bool{}, map[string]bool{}
	for _, point := range contacts.ContactPoints {
		receivers[point.Name] = true
		for _, receiver := range point.Receivers {
			assert.NotContains(t, uids, receiver.UID)
			uids[receiver.UID] = true
		}
	}
	sources := dataSources(t)
	for _, r := range rules(t) {
		t.Run(r.UID, func(t *testing.T) {
			assert.NotContains(t, uids, r.UID)
			uids[r.UID] = true
			assert.NotEmpty(t, r.Title)
			assert.NotEmpty(t, r.Annotations["summary"])
			assert.True(t, receivers[r.NotificationSettings.Receiver], r.NotificationSettings.Receiver)
			isDuration(t, r.For)
			if r.KeepFiringFor != "" {
				isDuration(t, r.KeepFiringFor)
			}
			refs := map[string]bool{}
			for _, q := range r.Data {
				assert.Equal(t, q.RefID, q.Model["refId"])
				assert.False(t, refs[q.RefID])
				refs[q.RefID] = true
				if q.DatasourceUID != "__expr__" {
					assert.Equal(t, ours.Type, sources[q.DatasourceUID])
				}
			}
			assert.True(t, refs[r.Condition], "the condition %q is no query", r.Condition)
			for name, value := range r.Labels {
				assert.Zero(t, strings.Count(strings.ReplaceAll(value, "$$", ""), "$"), "label %s: Grafana takes $ for an environment variable", name)
			}
		})
	}
}

// Nothing that was not measured resolves an alert, and someone is told.
func TestUnmeasuredResolvesNoAlert(t *testing.T) {
	told := false
	for _, r := range rules(t) {
		if r.NoDataState == "Alerting" && r.ExecErrState == "Alerting" {
			told = true
			continue
		}
		assert.Equal(t, "KeepLast", r.NoDataState, r.UID)
		assert.Equal(t, "KeepLast", r.ExecErrState, r.UID)
	}
	assert.True(t, told)
}
