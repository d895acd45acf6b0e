package conformance

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// perfect is a report that says exactly what the entries want; they are those
// of one agreement at one instant.
func perfect(entries ...Entry) map[string]any {
	state := "met"
	objectives := []any{}
	for _, e := range entries {
		if e.Objective == "" {
			state = e.State[0]
			continue
		}
		objective := map[string]any{"name": e.Objective, "state": e.State[0], "group": e.Group, "burn": map[string]any{}, "raw": map[string]any{}}
		if !e.From.IsZero() {
			objective["from"] = e.From.Format(time.RFC3339)
		}
		if !e.To.IsZero() {
			objective["to"] = e.To.Format(time.RFC3339)
		}
		for path, figure := range e.Figures {
			set(objective, path, jsonNumber(figure))
		}
		objectives = append(objectives, objective)
	}
	return map[string]any{
		"method":     "anchored",
		"agreements": []any{map[string]any{"name": "other"}, map[string]any{"name": entries[0].Agreement, "state": state, "objectives": objectives}},
	}
}

func set(object map[string]any, path string, value any) {
	if outer, inner, nested := strings.Cut(path, "."); nested {
		object[outer].(map[string]any)[inner] = value
		return
	}
	object[path] = value
}

func jsonNumber(figure *float64) any {
	switch {
	case figure == nil:
		return nil
	case math.IsInf(*figure, 1):
		return "+Inf"
	case math.IsInf(*figure, -1):
		return "-Inf"
	}
	return *figure
}

func encode(t *testing.T, report any) []byte {
	t.Helper()
	content, err := json.Marshal(report)
	require.NoError(t, err)
	return content
}

func objectiveOf(report map[string]any) map[string]any {
	return report["agreements"].([]any)[1].(map[string]any)["objectives"].([]any)[0].(map[string]any)
}

func allEntries(t *testing.T) []Entry {
	t.Helper()
	scenarios, err := ReadDir(folder)
	require.NoError(t, err)
	var all []Entry
	for _, s := range scenarios {
		all = append(all, s.Expect...)
	}
	return all
}

func TestARightReportHasNothingOff(t *testing.T) {
	for _, e := range allEntries(t) {
		for _, method := range []string{samplesMethod, anchoredMethod, metricsqlMethod, offsetMethod} {
			require.Empty(t, e.Compare(encode(t, perfect(e)), method), "%s by %s", e, method)
		}
	}
}

// Each figure of each entry, off by a hair, is found, and nothing else.
func TestEveryWrongFigureIsFound(t *testing.T) {
	for _, e := range allEntries(t) {
		for path, figure := range e.Figures {
			report := perfect(e)
			wrong := any(1.0)
			if figure != nil && !math.IsInf(*figure, 0) {
				wrong = *figure + 1e-8*max(1, math.Abs(*figure))
			}
			set(objectiveOf(report), path, wrong)
			off := e.Compare(encode(t, report), samplesMethod)
			require.Len(t, off, 1, "%s %s", e, path)
			require.True(t, strings.HasPrefix(off[0], path+": want "), "%s: %s", e, off[0])
			if figure != nil {
				set(objectiveOf(report), path, nil)
				require.Len(t, e.Compare(encode(t, report), samplesMethod), 1, "%s %s: null in place of a number", e, path)
			}
		}
	}
}

func TestMessages(t *testing.T) {
	s, err := Read(folder + "/berlin-march.yaml")
	require.NoError(t, err)
	e := s.Expect[1]
	require.Equal(t, "2026-02-28T23:05:00Z payments-for-checkout/monthly", e.String())
	for name, c := range map[string]struct {
		spoil func(report, objective map[string]any)
		want  string
	}{
		"a figure":        {func(_, o map[string]any) { o["total"] = 452 }, "total: want 453, got 452, tolerance 4.53e-07"},
		"a burn rate":     {func(_, o map[string]any) { set(o, "burn.5m", nil) }, "burn.5m: want 444.81236203091, got <nil>, tolerance 4.45e-07"},
		"a missing field": {func(_, o map[string]any) { delete(o, "coverage") }, "coverage: want 1, but the report has no such field"},
		"the state":       {func(_, o map[string]any) { o["state"] = "met" }, `state: want breached, got "met"`},
		"the window": {func(_, o map[string]any) { o["from"] = "2026-02-28T22:00:00Z" },
			"from: want 2026-02-28T23:00:00Z, got 2026-02-28T22:00:00Z"},
		"an error":       {func(_, o map[string]any) { o["error"] = "prometheus is down" }, "error: want none, got prometheus is down"},
		"no objective":   {func(_, o map[string]any) { o["name"] = "yearly" }, "objective: want one monthly map[], got 0"},
		"another group":  {func(_, o map[string]any) { o["group"] = map[string]any{"region": "eu"} }, "objective: want one monthly map[], got 0"},
		"no agreement":   {func(r, _ map[string]any) { r["agreements"] = nil }, "agreement: want payments-for-checkout, got none of this name"},
		"equal instants": {func(_, o map[string]any) { o["from"] = "2026-03-01T00:00:00+01:00" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			report := perfect(e)
			c.spoil(report, objectiveOf(report))
			require.Equal(t, c.want, strings.Join(e.Compare(encode(t, report), "anchored"), "\n"))
		})
	}
	require.Contains(t, e.Compare([]byte("<html>"), "anchored")[0], "report: invalid character")
}

// What a method may miss it may miss in every figure that follows from it, and
// not a hair more; the other methods may not.
func TestToleranceReachesTheDerivedFigures(t *testing.T) {
	s, err := Read(folder + "/counter-resets.yaml")
	require.NoError(t, err)
	e := s.Expect[1] // total 57480, bad 237, offset may miss 182 and 26
	missing := func(total, bad float64) map[string]any {
		report := perfect(e)
		o := objectiveOf(report)
		for _, object := range []map[string]any{o, o["raw"].(map[string]any)} {
			object["total"], object["bad"], object["compliance"] = total, bad, 1-bad/total
		}
		o["allowed"] = total * 0.001
		o["consumed"] = bad / (total * 0.001)
		o["remaining"] = 1 - bad/(total*0.001)
		return report
	}
	require.Empty(t, e.Compare(encode(t, missing(57480-182, 237-26)), "offset"))
	require.Empty(t, e.Compare(encode(t, missing(57480, 237-26)), "offset"))
	require.Equal(t, []string{
		"allowed", "bad", "compliance", "consumed", "raw.bad", "raw.compliance", "raw.total", "remaining", "total",
	}, fields(e.Compare(encode(t, missing(57480-182, 237-26)), "anchored")))
	require.Equal(t, []string{"bad", "raw.bad"}, fields(e.Compare(encode(t, missing(57480, 237-26.1)), "offset")))
	require.Equal(t, []string{"allowed", "raw.total", "total"}, fields(e.Compare(encode(t, missing(57480-183, 237)), "offset")))
}

// fields are those that the messages begin with.
func fields(messages []string) []string {
	names := make([]string, len(messages))
	for i, message := range messages {
		names[i], _, _ = strings.Cut(message, ":")
	}
	return names
}

func TestBurnRatesAreExactWhereNothingCanBeMissed(t *testing.T) {
	s, err := Read(folder + "/counter-resets.yaml")
	require.NoError(t, err)
	e := s.Expect[1] // 10:05, after a restart at 10:02:30; the series begin at 00:00 of the day before
	bands := e.bands("offset")
	for path, exact := range map[string]bool{"burn.5m": false, "burn.6h": false, "burn.3d": false} {
		require.Equal(t, exact, bands[path].lo == bands[path].hi, path)
	}
	before := s.Expect[0].bands("offset") // 10:00
	for path, exact := range map[string]bool{"burn.5m": true, "burn.1d": true, "burn.3d": false} {
		require.Equal(t, exact, before[path].lo == before[path].hi, path)
	}
	anchored := e.bands("anchored")
	for path, band := range anchored {
		require.Equal(t, band.lo, band.hi, path)
	}
}

// The state may be another one only where the tolerance leaves it open.
func TestStatesWithinTheTolerance(t *testing.T) {
	s, err := Read(folder + "/missing-error-series.yaml")
	require.NoError(t, err)
	states := func(at, objective, method string) []string {
		for _, e := range s.Expect {
			if e.At.Format(time.RFC3339) == at && e.Agreement == "search-for-checkout" && e.Objective == objective {
				return e.states(method)
			}
		}
		t.Fatalf("no entry at %s", at)
		return nil
	}
	const open, shut = "2026-02-04T12:00:00Z", "2026-02-03T09:30:00Z"
	require.Equal(t, []string{"at_risk"}, states(open, "availability", "anchored"))
	require.Equal(t, []string{"at_risk", "met"}, states(open, "availability", "offset")) // 51 or 63 of 78 are consumed
	require.Equal(t, []string{"at_risk", "met"}, states(open, "", "offset"))
	require.Equal(t, []string{"at_risk"}, states(open, "", "anchored"))
	require.Equal(t, []string{"met"}, states(shut, "availability", "offset"))
}

// Where a scenario's window holds what a method may miss, the scenario must say
// so, and not allow for more than there was: by offset it may be all that a slot
// holds, by the others it is so much.
func TestTolerancesAreWhatMayBeMissed(t *testing.T) {
	for _, e := range allEntries(t) {
		if e.Figures["raw.total"] == nil {
			continue
		}
		i, err := e.indicator()
		require.NoError(t, err)
		if i.Is != "" || i.objective.BudgetingMethod != "Occurrences" {
			continue
		}
		from, to := e.measuredWindow(i).At(e.At)
		if to.After(e.At) {
			to = e.At
		}
		for _, method := range []string{offsetMethod, anchoredMethod, metricsqlMethod} {
			may, stated := i.count(e.scenario, from, to, method).unsure, e.Tolerance[method]
			if method != offsetMethod {
				require.InDelta(t, may.Total, stated.Total, 1e-9, "%s: total by %s", e, method)
				require.InDelta(t, may.Bad, stated.Bad, 1e-9, "%s: bad by %s", e, method)
				continue
			}
			require.LessOrEqual(t, stated.Total, may.Total, "%s", e)
			require.LessOrEqual(t, stated.Bad, may.Bad, "%s", e)
			require.Equal(t, may.Total > 0, stated.Total > 0, "%s: may miss %v, states %v", e, may, stated)
		}
	}
}
