package provisioning_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/internal/program"
	"github.com/accord-sla/accord/pkg/datasource"
	"github.com/accord-sla/accord/pkg/demo"
	"github.com/accord-sla/accord/provisioning"
)

// at is the instant at which everything is asked.
var at = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// grafana asks the built program as Grafana does, in front of the example
// company.
type grafana struct {
	program.Started
	plugin backend.PluginContext
}

func start(t *testing.T) grafana {
	t.Helper()
	history, err := demo.Prepare(t.Context(), t.TempDir(), at, demo.Days, nil)
	require.NoError(t, err)
	folder := t.TempDir()
	slas, err := fs.Sub(provisioning.SLAs, "slas")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(folder, slas))
	return grafana{program.Start(t, program.Build(t), folder), backend.PluginContext{PluginID: datasource.ID,
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{ID: 1, UID: "accord", Name: "Accord",
			URL: conformance.StartEmbedded(t, history), JSONData: []byte(`{}`), Updated: at}}}
}

// frames are the answer to one query, which must not fail or complain.
func (g grafana) frames(t *testing.T, query map[string]any, from time.Time, headers map[string]string) data.Frames {
	t.Helper()
	text, err := json.Marshal(query)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	response, err := g.Data.QueryData(ctx, backend.ToProto().QueryDataRequest(&backend.QueryDataRequest{
		PluginContext: g.plugin, Headers: headers, Queries: []backend.DataQuery{{RefID: "A", JSON: text, MaxDataPoints: 500,
			Interval: time.Minute, TimeRange: backend.TimeRange{From: from, To: at}}}}))
	require.NoError(t, err)
	answers, err := backend.FromProto().QueryDataResponse(response)
	require.NoError(t, err)
	answer := answers.Responses["A"]
	require.NoError(t, answer.Error, string(text))
	for _, frame := range answer.Frames {
		assert.Empty(t, frame.Meta.Notices, string(text))
	}
	return answer.Frames
}

// figures are how many values other than null there are.
func figures(frames data.Frames) (n int) {
	for _, frame := range frames {
		for _, field := range frame.Fields {
			for i := range field.Len() {
				if _, ok := field.ConcreteAt(i); ok {
					n++
				}
			}
		}
	}
	return n
}

// chosen are the values of a dashboard's variables.
type chosen map[string][]string

// interpolated is a query in which a filter that is a variable became the
// values of it, as the frontend does.
func (c chosen) interpolated(t *testing.T, text json.RawMessage) map[string]any {
	t.Helper()
	query := map[string]any{}
	require.NoError(t, json.Unmarshal(text, &query))
	delete(query, "datasource")
	for field, value := range query {
		list, ok := value.([]any)
		if !ok {
			continue
		}
		var values []string
		for _, entry := range list {
			name, isVariable := strings.CutPrefix(entry.(string), "$")
			if !isVariable {
				values = append(values, entry.(string))
				continue
			}
			require.Contains(t, c, name, "there is no such variable")
			values = append(values, c[name]...)
		}
		query[field] = values
	}
	return query
}

func (c chosen) with(name string, values ...string) chosen {
	changed := chosen{name: values}
	for other, kept := range c {
		if other != name {
			changed[other] = kept
		}
	}
	return changed
}

// columns say where in the catalog a kind of variable finds its names.
var columns = map[string]string{"agreements": "agreement", "objectives": "objectives", "services": "service",
	"providers": "provider", "consumers": "consumers"}

// names are what a variable offers.
func (g grafana) names(t *testing.T, v variable, so chosen) []string {
	t.Helper()
	query := so.interpolated(t, v.Query)
	kind, _ := query["kind"].(string)
	require.Contains(t, columns, kind, v.Name)
	query["queryType"] = "agreements"
	delete(query, "kind")
	column, _ := g.frames(t, query, at.Add(-time.Hour), nil)[0].FieldByName(columns[kind])
	var names []string
	for i := range column.Len() {
		for _, name := range strings.Split(column.At(i).(string), ", ") {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	require.NotEmpty(t, names, v.Name)
	return names
}

// preferred are what the test looks at where one must be chosen: with incidents and exclusions
// in the last week, in the history of the example.
var preferred = map[string]string{"agreement": "search-for-storefront", "provider": "search"}

// choices are All in each variable that has it, and then each of its names.
func (g grafana) choices(t *testing.T, d dashboard) map[string]chosen {
	t.Helper()
	all, named := chosen{}, chosen{}
	for _, v := range d.Templating.List[1:] {
		names := g.names(t, v, all)
		if !v.Multi {
			require.Contains(t, names, preferred[v.Name])
			all[v.Name] = []string{preferred[v.Name]}
			named[v.Name] = all[v.Name]
			continue
		}
		all[v.Name] = []string{v.AllValue}
		named[v.Name] = names
	}
	return map[string]chosen{"all": all, "names": named}
}

var relative = regexp.MustCompile(`^now-(\d+)d$`)

func (d dashboard) from(t *testing.T) time.Time {
	t.Helper()
	match := relative.FindStringSubmatch(d.Time.From)
	require.NotNil(t, match, d.Time.From)
	require.Equal(t, "now", d.Time.To)
	days, err := strconv.Atoi(match[1])
	require.NoError(t, err)
	return at.AddDate(0, 0, -days)
}

// Every target of every dashboard has an answer: at least a row with a value,
// and no complaint.
func TestEveryPanelShowsSomething(t *testing.T) {
	g := start(t)
	for path, d := range dashboards(t) {
		from := d.from(t)
		for choice, so := range g.choices(t, d) {
			t.Run(path+" "+choice, func(t *testing.T) {
				repeated := []chosen{so}
				for _, p := range d.Panels {
					if p.Type == "row" {
						repeated = g.repeated(t, d, p, so)
					}
					for _, target := range p.Targets {
						for _, so := range repeated {
							frames := g.frames(t, so.interpolated(t, target), from, nil)
							require.NotEmpty(t, frames, p.Title)
							assert.Positive(t, figures(frames), "%s with %v", p.Title, so)
							p.knowsFields(t, frames[0])
						}
					}
				}
				for _, a := range d.Annotations.List {
					if a.BuiltIn == 0 {
						assert.Positive(t, figures(g.frames(t, so.interpolated(t, a.Target), from, nil)), a.Name)
					}
				}
			})
		}
	}
	t.Run("alert rules", g.answersRules)
}

// repeated are the choices with which the panels below the row are shown.
func (g grafana) repeated(t *testing.T, d dashboard, row panel, so chosen) []chosen {
	t.Helper()
	if row.Repeat == "" {
		return []chosen{so}
	}
	var each []chosen
	for _, v := range d.Templating.List {
		if v.Name == row.Repeat {
			for _, name := range g.names(t, v, so) {
				each = append(each, so.with(v.Name, name))
			}
		}
	}
	require.NotEmpty(t, each, "there is no variable %s", row.Repeat)
	return each
}

// groupLabels are those of the example company, which keep their names in a table.
var groupLabels = []string{"dataset", "pop", "region"}

// knowsFields checks that the columns which the panel hides and renames are
// those of the frame, and all of them.
func (p panel) knowsFields(t *testing.T, frame *data.Frame) {
	t.Helper()
	if p.Type != "table" || len(p.Transformations) == 0 || p.Transformations[0].ID == "reduce" {
		return
	}
	for _, transformation := range p.Transformations {
		if transformation.ID != "organize" {
			continue
		}
		var options struct {
			ExcludeByName map[string]bool
			RenameByName  map[string]string
		}
		require.NoError(t, json.Unmarshal(transformation.Options, &options))
		for name := range options.ExcludeByName {
			field, _ := frame.FieldByName(name)
			assert.NotNil(t, field, "%s hides %q", p.Title, name)
		}
		for name := range options.RenameByName {
			field, _ := frame.FieldByName(name)
			assert.NotNil(t, field, "%s renames %q", p.Title, name)
		}
		for _, field := range frame.Fields {
			known := options.ExcludeByName[field.Name] || options.RenameByName[field.Name] != "" || slices.Contains(groupLabels, field.Name)
			assert.True(t, known, "%s shows %q by that name", p.Title, field.Name)
		}
	}
}

// answersRules asks what alert rules ask: a number an objective, with labels to
// route on.
func (g grafana) answersRules(t *testing.T) {
	for _, r := range rules(t) {
		for _, q := range r.Data {
			if q.DatasourceUID == "__expr__" {
				continue
			}
			frames := g.frames(t, q.Model, at.Add(-10*time.Minute), map[string]string{"FromAlert": "true"})
			require.Greater(t, len(frames), 20, r.UID)
			assert.Greater(t, figures(frames), 20, r.UID)
			for _, frame := range frames {
				assert.Equal(t, data.FrameTypeNumericMulti, frame.Meta.Type)
				assert.Equal(t, 1, frame.Rows())
				assert.Equal(t, q.Model["severity"], frame.Fields[0].Labels["severity"])
			}
		}
	}
}
