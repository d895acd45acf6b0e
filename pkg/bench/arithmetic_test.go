//go:build bench

package bench

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
)

// run is days of slots of a busy service.
func run(days, seed int) []slots.Slot {
	all := make([]slots.Slot, days*288)
	for i := range all {
		all[i] = slots.Slot{Total: float64(15_000 + (i*31+seed*7)%4_001), Bad: float64((i + seed) % 23), Measured: true}
	}
	return all
}

// arithmetic measures what costs no query: memory, and budgets over slots.
func arithmetic(t *testing.T, out *bars) {
	const objectives, days = 1000, 90
	before := liveHeap()
	store := slots.NewStore(0)
	for i := range objectives {
		store.Record(fmt.Sprintf("objective %d", i), counting.DefaultResolution, false).Close(slots.Counts{
			From: 0, Length: days * 288, Groups: map[string]slots.GroupCounts{"": {Labels: map[string]string{}, Slots: run(days, i)}},
		}, end)
	}
	bytes := float64(liveHeap()-before) / (objectives * days * 288)
	runtime.KeepAlive(store)
	out.add("memory of a slot, live heap of 1,000 objectives of 90 days: bytes", bytes, atMost(10))

	month, fortnight := statusOver(t, 30), statusOver(t, 15)
	out.add("budget over 30 days of slots: microseconds", float64(month.NsPerOp())/1e3, atMost(100))
	out.add("… allocations for each further slot", float64(month.AllocsPerOp()-fortnight.AllocsPerOp())/(15*288), atMost(0))
}

// statusOver is the whole status of an objective, with support hours, seven
// burn windows, alerts and forecast.
func statusOver(t *testing.T, days int) testing.BenchmarkResult {
	o := &agreement.Objective{Target: 0.999, Budgeting: agreement.Occurrences, NoData: agreement.NoDataIgnore,
		SLI: agreement.SLI{Kind: agreement.Ratio}, Window: agreement.Window{Rolling: time.Duration(days) * 24 * time.Hour}}
	from := end.Truncate(24 * time.Hour).Add(-time.Duration(days) * 24 * time.Hour)
	at := end.Truncate(24 * time.Hour)
	series := slots.NewSeries(counting.DefaultResolution, false).With(from.UnixMilli(), run(days, 1))
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	inScope, err := scope.Of(t.Context(), &agreement.Agreement{SupportHours: &agreement.Calendar{Zone: berlin,
		Weekly: []agreement.WeeklyHours{{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 8 * time.Hour, To: 18 * time.Hour}}}}, from, at)
	require.NoError(t, err)
	reading := budget.Reading{Objective: o, Scope: inScope, From: from, At: at,
		Slots: slots.View{Series: series, HeadFrom: at.UnixMilli(), HeadTo: at.UnixMilli()}}
	question := budget.Question{Window: o.Window, At: at, BurnWindows: measure.DefaultBurnWindows()}
	return testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			budget.NewLedger(t.Context(), reading).Status(question)
		}
	})
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
