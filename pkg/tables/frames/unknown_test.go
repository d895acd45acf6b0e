package frames_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/planning"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/tables/frames"
	"github.com/accord-sla/accord/pkg/wire"
)

// Over a random day with holes, no face says met, go, 0 or 100% of a stretch in
// which nothing was measured without saying that.
func TestNoFaceIsSilentAboutWhatWasNotMeasured(t *testing.T) {
	const r = 5 * time.Minute
	start := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		until := rapid.IntRange(0, 288).Draw(t, "slots until the last that was measured")
		from := rapid.IntRange(0, until).Draw(t, "from")
		window := rapid.SampledFrom([]agreement.Window{{Rolling: time.Hour}, {Rolling: 24 * time.Hour}, {Calendar: agreement.Day}}).Draw(t, "window")
		kind := rapid.SampledFrom([]agreement.SLIKind{agreement.Ratio, agreement.Threshold}).Draw(t, "kind")
		run := make([]slots.Slot, 288)
		for i := from; i < until; i++ {
			run[i] = slots.Slot{Total: 300, Measured: true}
		}
		o := &agreement.Objective{Name: "availability", SLI: agreement.SLI{Kind: kind}, Target: 0.99, Window: window,
			Budgeting: agreement.Occurrences, NoData: agreement.NoDataIgnore}
		a := &agreement.Agreement{Name: "payments", Provider: "p", Consumers: []string{"c"}, Stage: agreement.Active, Zone: time.UTC, Objectives: []*agreement.Objective{o}}
		at := start.Add(24 * time.Hour)
		status := budget.NewLedger(t.Context(), budget.Reading{Objective: o, From: start, At: at, Scope: scope.Raw(start, at),
			Slots: slots.View{Series: slots.NewSeries(r, kind.TimeBased()).With(start.UnixMilli(), run), HeadFrom: at.UnixMilli(), HeadTo: at.UnixMilli()},
		}).Status(budget.Question{Window: window, At: at, BurnWindows: measure.DefaultBurnWindows()})
		result := measure.Result{Agreement: a, Objective: o, Group: map[string]string{}, Status: status, Raw: status.Balance}
		all := []measure.AgreementResult{{Agreement: a, State: status.State, Objectives: []measure.Result{result}}}

		blind := 288-until >= 12
		length := min(288, int(window.Rolling/r))
		if window.IsCalendar() {
			length = 288
		}
		measured := max(0, until-max(from, 288-length))
		page := tables.StatusPage(wire.NewReport(at, prometheus.Capabilities{}, r, all, nil), nil)
		frame, err := data.FrameToJSON(frames.Status([]measure.Result{result}, measure.DefaultBurnWindows(), false), data.IncludeDataOnly)
		require.NoError(t, err)
		gate := wire.NewGate(at, all[0], planning.Limits{MaxBlind: time.Hour}, nil)
		faces := map[string]string{"frame": string(frame), "gate": gate.Reason, "page": tables.Remark(result)}
		for _, format := range []tables.Format{tables.Table, tables.CSV, tables.Markdown, tables.HTML} {
			var text bytes.Buffer
			require.NoError(t, tables.Printer{Out: &text, Format: format}.Print(page))
			faces[string(format)] = text.String()
		}
		for face, text := range faces {
			if measured == 0 {
				assert.Contains(t, text, "nothing was measured in the window", face)
				assert.NotContains(t, text, "100%", face)
				assert.NotRegexp(t, `[>"\s,|]met[<"\s,|]`, text, face)
				continue
			}
			if measured*100 < 99*length {
				assert.Contains(t, text, budget.Figure(float64(measured)/float64(length)).Share()+" of the time was measured", face)
			}
			if blind {
				assert.Contains(t, text, "nothing measured since "+tables.Instant(start.Add(time.Duration(until)*r)), face)
			}
		}
		if blind || measured == 0 {
			assert.Equal(t, planning.NoData, gate.Decision)
			for _, alert := range frames.Alerts([]measure.Result{result}, []agreement.Severity{agreement.Page, agreement.Ticket}, at, func(*agreement.Agreement) string { return "" }) {
				assert.Nil(t, alert.Fields[0].At(0), "an alert that cannot be measured")
			}
		}
		for _, burn := range status.Burn {
			if unmeasured := min(288, int(burn.Window/r)); until <= 288-unmeasured || until == from {
				assert.False(t, burn.Rate.Known(), "%s: %v", burn.Window, strings.Join(result.Remarks(), "; "))
			}
		}
	})
}
