//go:build bench

package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// BenchmarkStatusOverRecurrences asks for 400 days of 41 agreements that 300
// open-ended recurrences touch: whole, and abandoned after a tenth of a second.
func BenchmarkStatusOverRecurrences(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
	}))
	defer server.Close()
	client, err := prometheus.New(server.URL, nil, prometheus.Options{})
	require.NoError(b, err)
	for name, patience := range map[string]time.Duration{"whole": time.Hour, "abandoned": 100 * time.Millisecond} {
		b.Run(name, func(b *testing.B) {
			before := processCPU(b)
			for n := range b.N {
				agreements := excluded(41, 300, time.Duration(n)*time.Second)
				ctx, cancel := context.WithTimeout(b.Context(), patience)
				window := agreement.Window{Rolling: 400 * 24 * time.Hour}
				measure.New(client, counting.Options{Now: func() time.Time { return end }}).
					Status(ctx, agreements, measure.Question{At: at, Window: &window})
				cancel()
			}
			b.ReportMetric((processCPU(b)-before).Seconds()/float64(b.N), "cpu-s/op")
		})
	}
}

// BenchmarkBacktestOverRecurrences tries 90 days with the alerts of the policy,
// without exclusions and with 300 that recur daily.
func BenchmarkBacktestOverRecurrences(b *testing.B) {
	series := slots.NewSeries(counting.DefaultResolution, false).
		With(end.Add(-200*24*time.Hour).Truncate(24*time.Hour).UnixMilli(), run(200, 1))
	for _, exclusions := range []int{0, 300} {
		b.Run(fmt.Sprint(exclusions), func(b *testing.B) {
			a := excluded(1, exclusions, 0)[0]
			o := a.Objectives[0]
			at := end.Truncate(24 * time.Hour)
			from := at.Add(-180 * 24 * time.Hour)
			inScope, err := scope.Of(b.Context(), a, from, at)
			require.NoError(b, err)
			for b.Loop() {
				l := budget.NewLedger(b.Context(), budget.Reading{Objective: o, Scope: inScope, From: from, At: at,
					Slots: slots.View{Series: series, HeadFrom: at.UnixMilli(), HeadTo: at.UnixMilli()}})
				l.Firings(b.Context(), agreement.Window{Rolling: 90 * 24 * time.Hour}, at.Add(-90*24*time.Hour), at, counting.DefaultResolution)
			}
		})
	}
}

// excluded are agreements with the same daily exclusions since 1990.
func excluded(agreements, exclusions int, shift time.Duration) (all []*agreement.Agreement) {
	var shared []*agreement.Exclusion
	for i := range exclusions {
		from := time.Date(1990, 1, 1, 0, i, 0, 0, time.UTC).Add(shift)
		shared = append(shared, &agreement.Exclusion{Name: fmt.Sprint("x", i), Mode: agreement.Exclude,
			ApprovedBy: "p", RequestedBy: "c",
			Zone: time.UTC, From: from, To: from.Add(time.Minute), Recurrence: "FREQ=DAILY"})
	}
	for i := range agreements {
		o := &agreement.Objective{Name: "o", Target: 0.99, Budgeting: agreement.Occurrences,
			Window: agreement.Window{Rolling: 30 * 24 * time.Hour},
			SLI: agreement.SLI{Kind: agreement.Ratio, Bad: &agreement.Query{Expr: fmt.Sprintf(`bad{a="%d"}`, i)},
				Total: &agreement.Query{Expr: fmt.Sprintf(`total{a="%d"}`, i)}}}
		all = append(all, &agreement.Agreement{Name: fmt.Sprint("a", i), Provider: "p", Consumers: []string{"c"}, Stage: agreement.Active,
			Zone: time.UTC, Exclusions: shared, Objectives: []*agreement.Objective{o}})
	}
	return all
}

// processCPU is what the process has taken of its processors.
func processCPU(t testing.TB) time.Duration {
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
