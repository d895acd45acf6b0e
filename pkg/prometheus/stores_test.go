package prometheus

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A store that Thanos lost sight of is left out of its answers without a word.
func TestAnswersOfThanosWithoutAStoreArePartial(t *testing.T) {
	const forever = 1 << 62
	at := func(name, cluster, failed string, from, to int64) string {
		return fmt.Sprintf(`{"name":%q,"lastCheck":"2026-01-01T00:00:00Z","lastError":%s,"labelSets":[{"cluster":%q}],"minTime":%d,"maxTime":%d}`, name, failed, cluster, from, to)
	}
	eu, us := at("10.0.0.1:10901", "eu", "null", 0, forever), at("10.0.0.2:10901", "us", "null", 0, forever)
	gone := `store 10.0.0.2:10901 [{"cluster":"us"}] was there until `
	for name, tt := range map[string]struct {
		before, after []string
		want          string
	}{
		"all are there":                          {[]string{eu, us}, []string{eu, us}, ""},
		"one fails":                              {[]string{eu, us}, []string{eu, at("10.0.0.2:10901", "us", `"connection refused"`, 0, forever)}, `store 10.0.0.2:10901 [{"cluster":"us"}] does not answer: connection refused`},
		"one fails from the beginning":           {[]string{eu, at("x", "us", `"no route"`, 0, forever)}, []string{eu, at("x", "us", `"no route"`, 0, forever)}, "store x"},
		"one is gone":                            {[]string{eu, us}, []string{eu}, gone},
		"one came back at another address":       {[]string{eu, us}, []string{at("10.0.0.9:10901", "us", "null", 0, forever), eu}, ""},
		"one fails, and another has its data":    {[]string{eu, us}, []string{at("10.0.0.2:10901", "us", `"gone"`, 0, forever), at("10.0.0.9:10901", "us", "null", 0, forever), eu}, ""},
		"one is gone that had older data only":   {[]string{eu, at("x", "us", "null", 0, 1_600_000_000_000)}, []string{eu}, ""},
		"one is gone that had younger data only": {[]string{eu, at("x", "us", "null", 1_800_000_000_000, forever)}, []string{eu}, ""},
		"one is new":                             {[]string{eu}, []string{eu, us}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			stores := tt.before
			clock := time.Unix(1_750_000_000, 0)
			c := connect(t, server(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/stores") {
					answering(`{"status":"success","data":{"sidecar":[`+strings.Join(stores, ",")+`],"rule":[]}}`)(w, r)
					return
				}
				stores = tt.after // as Thanos lost it in the meantime
				answering(empty)(w, r)
			}), Options{})
			c.capabilities.now = func() time.Time { clock = clock.Add(time.Second); return clock }
			c.knows(Capabilities{Server: Server{Name: "Thanos"}})
			for range 2 {
				answer, err := c.QueryRange(t.Context(), month, (&record{}).Series)
				require.NoError(t, err)
				if tt.want == "" {
					require.Empty(t, answer.Warnings)
				} else {
					require.Len(t, answer.Warnings, 1)
					require.True(t, strings.HasPrefix(answer.Warnings[0], tt.want), answer.Warnings)
				}
			}
		})
	}
}

// A list that is refused is asked for once a minute, not with each query; one that was not answered, or was
// answered before, is asked for again.
func TestAProxyMayHideTheStores(t *testing.T) {
	list := answering(`{"status":"success","data":{"sidecar":[]}}`)
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, tt := range map[string]struct {
		lists  []http.HandlerFunc // the last one from then on
		inTime time.Duration
		asked  int
	}{
		"hidden":                   {[]http.HandlerFunc{status(http.StatusNotFound)}, 0, 1},
		"hidden for long":          {[]http.HandlerFunc{status(http.StatusNotFound)}, 20 * time.Second, 2},
		"unavailable for a moment": {[]http.HandlerFunc{status(http.StatusServiceUnavailable), list}, 0, 2 + 4},
		"refused once":             {[]http.HandlerFunc{list, status(http.StatusInternalServerError), list}, 0, 2 + 4},
	} {
		t.Run(name, func(t *testing.T) {
			clock, asked := time.Unix(1_750_000_000, 0), 0
			c := connect(t, server(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/stores") {
					asked++
					tt.lists[min(asked, len(tt.lists))-1](w, r)
					return
				}
				clock = clock.Add(time.Millisecond)
				answering(empty)(w, r)
			}), Options{})
			c.capabilities.now = func() time.Time { return clock }
			c.knows(Capabilities{Server: Server{Name: "Thanos"}})
			for range 5 {
				answer, err := c.QueryRange(t.Context(), month, (&record{}).Series)
				require.NoError(t, err)
				require.Empty(t, answer.Warnings)
				clock = clock.Add(tt.inTime)
			}
			require.Equal(t, tt.asked, asked)
		})
	}
}
