package problem

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

func TestTheNearestName(t *testing.T) {
	known := []string{"objectives", "service", "pagerduty", "no", "slo_plugins", "slos"}
	for name, want := range map[string]string{
		"objectve": "objectives", "Service": "service", "pager": "pagerduty", "provider": "", "": "", "on": "", "pa": "", "slo": "slos",
	} {
		require.Equal(t, want, Nearest(name, known), name)
	}
}

func TestLossesAreToldOnceInTheirOrder(t *testing.T) {
	var lost Losses
	for _, subject := range []string{"b", "a", "b"} {
		lost.Add(agreement.Place{File: "x.yaml", Line: 1}, subject, "has no %s", "place")
	}
	lost = lost.Distinct()
	require.Len(t, lost, 2)
	require.Equal(t, "x.yaml:1:0: b: has no place", lost[0].String())
}
