package counting

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// countedObjectives are objectives of which no two count the same: all
// combinations of what changes counts.
func countedObjectives() []*agreement.Objective {
	query := func(expr string) *agreement.Query { return &agreement.Query{Expr: expr} }
	var kinds []agreement.Objective
	for _, total := range []string{`a_total`, `a_total offset 5m`, `b_total`, `a_total{z="1"}`, `h_count`} {
		for _, part := range []string{`e_total`, `d_bucket{le="0.1"}`, `d_bucket{le="0.2"}`, `e_total - f_total`, `e_total + f_total`} {
			good := agreement.SLI{Kind: agreement.Ratio, Total: query(total), Good: query(part)}
			bad := agreement.SLI{Kind: agreement.Ratio, Total: query(total), Bad: query(part)}
			kinds = append(kinds, agreement.Objective{SLI: good}, agreement.Objective{SLI: bad})
		}
	}
	kinds = append(kinds, agreement.Objective{SLI: agreement.SLI{Kind: agreement.Ratio, PerPeriod: true, Total: query("a_total"), Good: query("e_total")}})
	for _, below := range []float64{0.1, 0.2} {
		kinds = append(kinds, agreement.Objective{SLI: agreement.SLI{Kind: agreement.Ratio,
			Total: &agreement.Query{Histogram: "d"}, Good: &agreement.Query{Histogram: "d", Below: below}}})
	}
	for _, gauge := range []string{`g`, `g offset 5m`, `g + 1`} {
		for _, kind := range []agreement.SLIKind{agreement.RawSuccess, agreement.RawFailure} {
			kinds = append(kinds, agreement.Objective{SLI: agreement.SLI{Kind: kind, Gauge: query(gauge)}})
		}
		for _, op := range []agreement.Op{agreement.Less, agreement.LessOrEqual, agreement.Greater, agreement.GreaterOrEqual} {
			for _, value := range []float64{1, -1, 1.0000000000000002} {
				kinds = append(kinds, agreement.Objective{SLI: agreement.SLI{Kind: agreement.Threshold, Gauge: query(gauge)}, Op: op, Value: value})
			}
		}
	}
	var all []*agreement.Objective
	for _, kind := range kinds {
		for _, groupBy := range [][]string{nil, {"a"}, {"b"}, {"a", "b"}, {"a,b"}} {
			for _, selected := range []map[string]string{nil, {"x": "1"}, {"x": "2"}, {"y": "1"}, {"x": "1", "y": "1"}} {
				for _, slice := range []time.Duration{0, time.Minute} {
					for _, recorded := range []bool{false, true} {
						o := kind
						o.GroupBy, o.Select, o.SLI.Recorded, o.TimeSliceWindow = groupBy, selected, recorded, slice
						o.Budgeting = agreement.Occurrences
						if slice > 0 {
							o.Budgeting = agreement.Timeslices
						}
						all = append(all, &o)
					}
				}
			}
		}
	}
	return all
}

// What is remembered and shared is found by its key: any two objectives that
// count differently have keys that differ, by whichever method.
func TestObjectivesThatCountDifferentlyHaveDifferentKeys(t *testing.T) {
	const counted = `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"3"]}]}}`
	known := map[string]string{}
	objectives := countedObjectives()
	for _, refused := range []string{"", "anchored increase_prometheus"} {
		client, _ := probed(t, refused, http.StatusOK, counted)
		s := New(client, Options{Now: func() time.Time { return now }})
		for _, o := range objectives {
			task, err := s.newTask(t.Context(), o, now)
			require.NoError(t, err)
			text := fmt.Sprintf("%s %+v by %v select %v, %s %v, slices of %s", task.method, task.queries(task.resolution), o.GroupBy, o.Select, o.Op, o.Value, o.TimeSliceWindow)
			if other, taken := known[task.key]; taken {
				t.Fatalf("the key %s is that of\n%s\nand of\n%s", task.key, other, text)
			}
			known[task.key] = text
		}
	}
	assert.Len(t, known, 2*len(objectives))
}

// What is no part of the counts does not keep two objectives from sharing them.
func TestObjectivesThatCountTheSameShareTheirCounts(t *testing.T) {
	client, _ := probed(t, "", http.StatusOK, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	s := New(client, Options{Now: func() time.Time { return now }})
	record := func(change func(*agreement.Objective)) any {
		o := agreement.Objective{Name: "a", Target: 0.9, GroupBy: []string{"a", "b"}, Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: agreement.Ratio,
			Total: &agreement.Query{Expr: `sum(rate(a_total{x="1",y="2"}[5m]))`}, Bad: &agreement.Query{Expr: `e_total`}}}
		change(&o)
		task, err := s.newTask(t.Context(), &o, now)
		require.NoError(t, err)
		return task.record
	}
	first := record(func(*agreement.Objective) {})
	for name, change := range map[string]func(*agreement.Objective){
		"target":           func(o *agreement.Objective) { o.Name, o.Target = "b", 0.99 },
		"order of groupBy": func(o *agreement.Objective) { o.GroupBy = []string{"b", "a"} },
		"spelling":         func(o *agreement.Objective) { o.SLI.Total = &agreement.Query{Expr: `sum(a_total{y="2",x="1"})`} },
		"longer slices": func(o *agreement.Objective) {
			o.Budgeting, o.TimeSliceWindow = agreement.Timeslices, 10*time.Minute
		},
		"a value without a comparison": func(o *agreement.Objective) { o.Value = 5 },
	} {
		assert.Same(t, first, record(change), name)
	}
}

// Two tenants of one Prometheus are two connections, which share nothing.
func TestTenantsShareNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/query_range") {
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
			return
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[%s,%q]]}]}}`,
			r.FormValue("start"), map[string]string{"a": "10", "b": "20"}[r.Header.Get("X-Scope-OrgID")])
	}))
	defer server.Close()
	o := &agreement.Objective{Name: "o", Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: agreement.Ratio,
		Total: &agreement.Query{Expr: "a_total"}, Bad: &agreement.Query{Expr: "e_total"}}}
	to := now.Truncate(time.Hour)
	from := to.Add(-time.Hour)
	services := map[string]*Service{}
	for _, tenant := range []string{"a", "b"} {
		transport, err := prometheus.Transport(prometheus.AuthConfig{Headers: map[string]string{"X-Scope-OrgID": tenant}})
		require.NoError(t, err)
		client, err := prometheus.New(server.URL, &http.Client{Transport: transport}, prometheus.Options{Probes: Probes()})
		require.NoError(t, err)
		services[tenant] = New(client, Options{Now: func() time.Time { return now }})
	}
	for range 2 { // counted, and remembered
		for tenant, want := range map[string]float64{"a": 10, "b": 20} {
			result, err := services[tenant].Count(t.Context(), o, from, to)
			require.NoError(t, err)
			assert.Equal(t, want, result.Groups(from, to)[0].View.Sum(from.UnixMilli(), to.UnixMilli()).Total, tenant)
		}
	}
}
