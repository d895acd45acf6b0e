package cli_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The current period of a history is what a report over that window says, and
// each past one what a report over the past window says.
func TestHistoryAgreesWithReports(t *testing.T) {
	c := startCompany(t)
	figures := []string{"group", "state", "from", "to", "target", "total", "bad", "compliance", "allowed", "consumed", "remaining", "coverage", "raw"}
	var history []map[string]any
	decode(t, c.asked(t, "history", "-o", "json", "--periods", "2", "--window", "month", "--agreement", "payments-for-checkout", "--allow-problems"), &history)
	require.Len(t, history, 12, "five objectives, one of them of two groups, in two months")

	compared := 0
	for period, window := range map[string]string{"2026-05": "month", "2026-04": "month:-1"} {
		var report struct {
			Agreements []struct{ Objectives []map[string]any }
		}
		decode(t, c.asked(t, "report", "-o", "json", "--window", window, "--agreement", "payments-for-checkout", "--allow-problems"), &report)
		for _, row := range history {
			for _, objective := range report.Agreements[0].Objectives {
				if row["period"] != period || row["name"] != objective["name"] || !assert.ObjectsAreEqual(row["group"], objective["group"]) {
					continue
				}
				compared++
				for _, figure := range figures {
					assert.Equal(t, objective[figure], row[figure], "%s of %s in %s", figure, row["name"], period)
				}
			}
		}
	}
	assert.Equal(t, len(history), compared)
}

// The bad events of the incidents are those of the window, where all of them
// were bursts.
func TestIncidentsAgreeWithTheReport(t *testing.T) {
	c := startCompany(t)
	var lists []struct {
		Incidents []struct{ Bad float64 }
	}
	decode(t, c.asked(t, "incidents", "-o", "json", "--agreement", "payments-for-checkout", "--objective", "never-fails", "--from", "2026-04-24T12:00:00Z", "--allow-problems"), &lists)
	var report struct {
		Agreements []struct{ Objectives []struct{ Bad float64 } }
	}
	decode(t, c.asked(t, "report", "-o", "json", "--agreement", "payments-for-checkout", "--objective", "never-fails", "--allow-problems"), &report)
	bad := 0.0
	require.Len(t, lists, 1)
	for _, incident := range lists[0].Incidents {
		bad += incident.Bad
	}
	assert.InDelta(t, 2600, bad, 1e-6)
	assert.InDelta(t, report.Agreements[0].Objectives[0].Bad, bad, 1e-6)
}

// The last point of a series is the figure of the report.
func TestSeriesEndWithTheReport(t *testing.T) {
	c := startCompany(t)
	var lines []struct {
		Labels map[string]string
		Points [][2]*float64
	}
	decode(t, c.asked(t, "series", "budget", "-o", "json", "--agreement", "payments-for-checkout", "--objective", "up", "--step", "1h", "--allow-problems"), &lines)
	var report struct {
		Agreements []struct{ Objectives []struct{ Remaining float64 } }
	}
	decode(t, c.asked(t, "report", "-o", "json", "--agreement", "payments-for-checkout", "--objective", "up", "--allow-problems"), &report)
	require.Len(t, lines, 1)
	assert.Equal(t, "month", lines[0].Labels["window"])
	last := lines[0].Points[len(lines[0].Points)-1]
	assert.EqualValues(t, 1777896000, *last[0], "2026-05-04T12:00:00Z")
	assert.InDelta(t, report.Agreements[0].Objectives[0].Remaining, *last[1], 1e-12)
}

func decode(t testing.TB, a answer, into any) {
	t.Helper()
	require.Zero(t, a.code, a.err)
	require.NoError(t, json.Unmarshal([]byte(a.out), into))
}
