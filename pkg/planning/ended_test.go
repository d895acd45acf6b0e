package planning_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/planning"
)

// What has ended promises nothing and alerts nobody, whatever its stage.
func TestNothingIsFoundInWhatHasEnded(t *testing.T) {
	api := promising("api", map[string]float64{"availability": 0.9999}, anyOf(agreement.Upstream{Agreement: "database"}))
	all := []*agreement.Agreement{promising("database", map[string]float64{"up": 0.9}), api}
	for until, found := range map[time.Time]int{monday.Add(-days): 0, monday: 0, monday.Add(time.Second): 1} {
		api.Effective.Until = until
		assert.Len(t, planning.CheckPromises(all, monday), found, until)
		assert.Len(t, planning.CheckWrittenAlerts(t.Context(), all[1:], monday, 5*time.Minute), found, until)
	}
	api.Effective.Until = monday
	problems, err := planning.Findings(t.Context(), nil, all[1:], monday) // without a server, as nothing is asked of it
	require.NoError(t, err)
	assert.Empty(t, problems)
}
