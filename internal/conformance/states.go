package conformance

import (
	"maps"
	"slices"
	"strings"
)

// Edges of the states, as parts of the budget that are consumed.
const (
	atRiskFrom   = 0.75
	breachedFrom = 1
)

// states are those that are right for the method: the expected ones, and where
// its tolerance leaves open on which side of an edge a figure lies, those of
// either side.
func (e Entry) states(method string) []string {
	states := map[string]bool{}
	for _, state := range e.State {
		states[state] = true
	}
	if e.Objective != "" {
		e.addReachable(states, method)
	} else {
		for _, other := range e.scenario.Expect {
			if other.Objective != "" && other.Agreement == e.Agreement && other.At.Equal(e.At) {
				other.addReachable(states, method)
			}
		}
	}
	return slices.Sorted(maps.Keys(states))
}

func (e Entry) addReachable(states map[string]bool, method string) {
	bands := e.bands(method)
	if bands["consumed"].straddles(breachedFrom) {
		states["at_risk"], states["breached"] = true, true
	}
	atRisk := bands["consumed"].straddles(atRiskFrom)
	if target, there := bands["target"]; there {
		atRisk = atRisk || bands["projected"].straddles(target.lo)
	}
	for path, burn := range bands {
		// An alert fires at a burn rate of 1 at the least.
		atRisk = atRisk || strings.HasPrefix(path, "burn.") && burn.lo < burn.hi && burn.hi > 1 && burn.lo <= 1
	}
	if atRisk {
		states["met"], states["at_risk"] = true, true
	}
}
