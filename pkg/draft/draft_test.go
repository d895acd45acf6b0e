package draft_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/draft"
)

func nothing(catalog.ID) bool { return false }

// loaded reads what a form writes, which has to be without problems.
func loaded(t *testing.T, f draft.Form) (*catalog.Catalog, *agreement.Agreement) {
	t.Helper()
	dir, text := t.TempDir(), draft.Text(f.Documents(nothing))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "new.yaml"), []byte(text), 0o600))
	c, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	require.Empty(t, c.Problems, text)
	require.Len(t, c.Agreements, 1, text)
	return c, c.Agreements[0]
}

// filled is a form that lacks nothing but what is measured.
func filled(f draft.Form) draft.Form {
	f.Service, f.Provider, f.Consumers = "api", "payments", []string{"checkout", "true"}
	return f.WithDefaults()
}

func errors(f draft.Form) [][]draft.Complaint {
	a, b := f.Complaints(nothing)
	return [][]draft.Complaint{a, b}
}

func TestAFormIsAnAgreementAndWhatItNeeds(t *testing.T) {
	jobs := []draft.Matcher{{Label: "job", Op: "=", Value: `it's "api"`}, {Label: "half", Op: "=", Value: ""}}
	for by, of := range map[draft.By]struct {
		form        draft.Form
		total, part string
	}{
		draft.Events: {draft.Form{Metric: "a_total", Where: jobs, Part: []draft.Matcher{{Label: "code", Op: "=~", Value: "5.."}}},
			`a_total{job="it's \"api\""}`, `a_total{job="it's \"api\"",code=~"5.."}`},
		draft.Latency: {draft.Form{Metric: "http_seconds_bucket", Where: jobs[:1], Below: "0.3", Window: "month"},
			`http_seconds_count{job="it's \"api\""}`, `http_seconds_bucket{job="it's \"api\"",le="0.3"}`},
		draft.Queries: {draft.Form{TotalQuery: "sum(rate(a_total[5m]))\n# all", PartQuery: "b_total", PartIsGood: true}, "sum(rate(a_total[5m]))\n# all", "b_total"},
		draft.Value:   {draft.Form{ValueQuery: "avg(queue)", Limit: "1e3", Op: agreement.LessOrEqual}, "", "avg(queue)"},
	} {
		of.form.By, of.form.DisplayName = by, "It's: {a} # title\n- of two lines"
		f := filled(of.form)
		require.Equal(t, [][]draft.Complaint{nil, nil}, errors(f), by)
		c, a := loaded(t, f)
		assert.Equal(t, []string{"api-for-checkout", of.form.DisplayName, "draft"}, []string{a.Name, a.DisplayName, string(a.Stage)}, by)
		assert.Len(t, c.Teams, 3, "a team may be named true")
		o := a.Objectives[0]
		assert.Equal(t, 0.999, o.Target, by)
		var part string
		for _, query := range []*agreement.Query{o.SLI.Good, o.SLI.Bad, o.SLI.Gauge} {
			if query != nil {
				part += query.Expr
			}
		}
		assert.Equal(t, of.part, part, by)
		if of.total != "" {
			assert.Equal(t, of.total, o.SLI.Total.Expr, by)
			assert.Equal(t, by != draft.Events, o.SLI.Good != nil, by)
		} else {
			assert.Equal(t, []any{1000.0, agreement.LessOrEqual}, []any{o.Value, o.Op})
		}
		assert.Equal(t, by == draft.Latency, o.Window.IsCalendar(), by)
	}
}

func TestATitleOfAnyCharactersComesBack(t *testing.T) {
	for _, title := range []string{"\x00\a\x1f", "a\x7fb", "a\u0085b", "a\u2028b\u2029", "\ufeffa", "a\ufffeb", "a\u00a0b\u00a0", "👩‍👧 'it''s' \"1\\\"\n", " <b>&\t"} {
		f := filled(draft.Form{By: draft.Queries, TotalQuery: "a_total", PartQuery: "b_total", DisplayName: title})
		_, a := loaded(t, f)
		assert.Equal(t, title, a.DisplayName)
	}
}

func TestWhatAFolderHasIsNotWrittenAgain(t *testing.T) {
	known := func(id catalog.ID) bool { return id.Kind == "Service" || id.Name == "checkout" }
	var ids []string
	for _, d := range filled(draft.Form{Provider: "p"}).Documents(known) {
		ids = append(ids, d.Kind+" "+d.Name)
	}
	assert.Equal(t, []string{"Team payments", "Team true", "Agreement api-for-checkout"}, ids)
}

func TestAFormSaysWhatIsMissingBesideItsField(t *testing.T) {
	known := func(id catalog.ID) bool { return id == catalog.ID{Kind: "Agreement", Name: "there"} }
	for _, of := range []struct {
		form   draft.Form
		fields []string
		said   string
	}{
		{draft.Form{}, []string{"metric", "part", "service", "provider", "consumers"}, "Required"},
		{draft.Form{By: draft.Latency, Below: "fast"}, []string{"metric", "below", "service", "provider", "consumers"}, `"fast": must be a number`},
		{draft.Form{By: draft.Value, ValueQuery: "x", Limit: "NaN"}, []string{"limit", "service", "provider", "consumers"}, `"NaN": must be a number`},
		{filled(draft.Form{By: draft.Queries}), []string{"totalQuery", "partQuery"}, ""},
		{filled(draft.Form{By: draft.SLO, SLO: "s", Target: "99.9"}), []string{"target"}, `did you mean 99.9%?`},
		{filled(draft.Form{By: draft.SLO, SLO: "s", Target: "none", Window: "10y"}), []string{"target", "window"}, "such as 99.9% or 0.999"},
		{filled(draft.Form{By: draft.SLO, SLO: "s", Target: "99%", Window: "month:-1"}), []string{"window"}, "write month"},
		{filled(draft.Form{By: draft.SLO, SLO: "s", Name: "there"}), []string{"name"}, "There is an agreement of that name"},
		{filled(draft.Form{By: draft.SLO, SLO: "s", Name: "No Name"}), []string{"name"}, "lower-case"},
		{draft.Form{By: draft.SLO, SLO: "s", Service: "api", Provider: "p", Consumers: []string{"c", "p"}}, []string{"consumers"}, "p is the provider"},
		{filled(draft.Form{By: "luck"}), []string{"by"}, `"luck": must be events`},
		{filled(draft.Form{Metric: "a", Where: []draft.Matcher{{Label: "a", Op: "=~", Value: "("}}, Part: []draft.Matcher{{Label: "a", Op: "~", Value: "b"}}}),
			[]string{"where", "part"}, "must be =, !=, =~ or !~"},
	} {
		ofIndicator, ofRest := of.form.WithDefaults().Complaints(known)
		var fields []string
		said := ""
		for _, c := range append(ofIndicator, ofRest...) {
			fields, said = append(fields, c.Field), said+c.Message+"\n"
		}
		assert.Equal(t, of.fields, fields)
		assert.Contains(t, said, of.said)
	}
}

// What is measured is seen before the parties are known.
func TestAnIncompleteFormHasATrialThatCanBeMeasured(t *testing.T) {
	f := draft.Form{Metric: "a_total", Part: []draft.Matcher{{Label: "code", Op: "=", Value: "500"}}, Service: "My API", Target: "?", Window: "?"}.WithDefaults()
	taken := func(id catalog.ID) bool { return id.Name == "accord-trial" && id.Kind == "Agreement" }
	_, a := loaded(t, f.Trial(taken))
	assert.Equal(t, "accord-trial-2", a.Name)
	assert.Equal(t, `a_total{code="500"}`, a.Objectives[0].SLI.Bad.Expr)
	complete := filled(f)
	complete.Target = "99%"
	assert.Equal(t, complete.Service, complete.Trial(nothing).Service)
	assert.Equal(t, "99%", complete.Trial(nothing).Target)
}

func TestTheQueryOfAPanelFillsTheForm(t *testing.T) {
	job := []draft.Matcher{{Label: "job", Op: "=", Value: "api"}}
	for query, of := range map[string]struct {
		form draft.Form
		said string
	}{
		"": {draft.Form{By: draft.Events}, ""},
		`sum by (code) (rate(a_total{job="api"}[$__rate_interval]))`: {draft.Form{By: draft.Events, Metric: "a_total", Where: job}, "Choose which of them are bad"},
		`sum(rate(a_total{job="api",code=~"5.."}[5m])) / sum(rate(a_total{job="api"}[5m]))`: {
			draft.Form{By: draft.Events, Metric: "a_total", Where: job, Part: []draft.Matcher{{Label: "code", Op: "=~", Value: "5.."}}}, ""},
		`rate(lost_total[5m]) / rate(a_total[5m])`: {draft.Form{By: draft.Queries, TotalQuery: "a_total", PartQuery: "lost_total", PartIsGood: true}, ""},
		`rate(a_total{x="1"}[5m]) / rate(a_total{job="api"}[5m])`: {
			draft.Form{By: draft.Queries, TotalQuery: `a_total{job="api"}`, PartQuery: `a_total{x="1"}`, PartIsGood: true}, ""},
		`histogram_quantile(0.9, sum by (le) (rate(s_bucket{job="api",le!="+Inf"}[$x])))`: {draft.Form{By: draft.Latency, Metric: "s_bucket", Where: job}, "Choose the bound"},
		`avg(queue{job="$job"})`:         {draft.Form{By: draft.Value, ValueQuery: `avg(queue{job="$job"})`}, "Put values in their place"},
		`avg_over_time(q[$__interval])`:  {draft.Form{By: draft.Value, ValueQuery: "avg_over_time(q[$__interval])"}, "Give the limit"},
		`rate(a_total{job=~"$job"}[$x])`: {draft.Form{By: draft.Events, Metric: "a_total", Where: []draft.Matcher{{Label: "job", Op: "=~", Value: "$job"}}}, "variables"},
	} {
		f, notes := draft.FromPanel(query, "")
		assert.Equal(t, of.form, f, query)
		said := ""
		for _, note := range notes {
			said += note
		}
		assert.Contains(t, said, of.said, query)
		if of.said == "" {
			assert.Empty(t, notes, query)
		}
	}
}

func TestSpacesAroundAMetricOrABoundAreNoPartOfIt(t *testing.T) {
	form := filled(draft.Form{By: draft.Latency, Metric: " http_seconds_bucket ", Below: " 0.3 "})
	assert.Equal(t, [][]draft.Complaint{nil, nil}, errors(form))
	_, a := loaded(t, form)
	assert.Equal(t, `http_seconds_bucket{le="0.3"}`, a.Objectives[0].SLI.Good.Expr)
	assert.Equal(t, "http_seconds_count", a.Objectives[0].SLI.Total.Expr)
}
