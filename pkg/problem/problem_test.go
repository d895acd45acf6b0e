package problem

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheNearestName(t *testing.T) {
	known := []string{"objectives", "service", "pagerduty", "no"}
	for name, want := range map[string]string{
		"objectve": "objectives", "Service": "service", "pager": "pagerduty", "provider": "", "": "", "on": "", "pa": "",
	} {
		require.Equal(t, want, Nearest(name, known), name)
	}
}
