package problem

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheNearestName(t *testing.T) {
	known := []string{"objectives", "service", "pagerduty", "no", "slo_plugins", "slos"}
	for name, want := range map[string]string{
		"objectve": "objectives", "Service": "service", "pager": "pagerduty", "provider": "", "": "", "on": "", "pa": "", "slo": "slos",
	} {
		require.Equal(t, want, Nearest(name, known), name)
	}
}
