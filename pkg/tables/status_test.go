package tables_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// A report of a data source is JSON, in which a window has no time zone.
func TestAPastPeriodHasItsNameInTheZoneOfTheAgreement(t *testing.T) {
	for zone, end := range map[string]string{"America/New_York": "2026-11-01T04:00:00Z", "Europe/Berlin": "2026-10-31T23:00:00Z", "UTC": "2026-11-01T00:00:00Z"} {
		to, err := time.Parse(time.RFC3339, end)
		require.NoError(t, err)
		text, err := wire.JSON(wire.Report{Agreements: []wire.AgreementStatus{{Name: "a", Provider: "p", TimeZone: zone, Objectives: []wire.ObjectiveStatus{
			{Name: "o", To: to, Window: wire.Window{Window: agreement.Window{Calendar: agreement.Month, Offset: -1}}}}}}})
		require.NoError(t, err)
		var report wire.Report
		require.NoError(t, json.Unmarshal(text, &report))
		rows := tables.StatusPage(report, nil).Rows
		assert.Equal(t, "window", rows.Head[9].Title)
		assert.Equal(t, "2026-10", rows.Body[0][9], zone)
	}
}
