package planning_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/planning"
)

func promising(name string, targets map[string]float64, on ...agreement.Dependency) *agreement.Agreement {
	a := &agreement.Agreement{Name: name, Stage: agreement.Active, DependsOn: on}
	for _, objective := range []string{"availability", "latency", "up", "replica"} {
		if target, ok := targets[objective]; ok {
			a.Objectives = append(a.Objectives, &agreement.Objective{Name: objective, Target: target, Window: agreement.Window{Rolling: 30 * days}})
		}
	}
	return a
}

func anyOf(upstreams ...agreement.Upstream) agreement.Dependency {
	return agreement.Dependency{AnyOf: upstreams}
}

func TestWhatIsNeededMultiplies(t *testing.T) {
	database := promising("database", map[string]float64{"up": 0.999, "replica": 0.98})
	identity := promising("identity", map[string]float64{"availability": 0.995, "latency": 0.9})
	one, two := promising("one", map[string]float64{"up": 0.9}), promising("two", map[string]float64{"up": 0.99})
	api := promising("api", map[string]float64{"availability": 0.9935},
		anyOf(agreement.Upstream{Agreement: "database"}), anyOf(agreement.Upstream{Agreement: "identity"}),
		anyOf(agreement.Upstream{Agreement: "one"}, agreement.Upstream{Agreement: "two"}))
	all := []*agreement.Agreement{database, identity, one, two, api}
	promises := planning.CheckPromises(all, monday)
	require.Len(t, promises, 1, "only what depends on others")
	p := promises[0]
	assert.InDelta(t, 0.999*0.995*(1-0.1*0.01), float64(p.Best), 1e-12)
	assert.False(t, p.Kept)
	assert.Equal(t, "up", p.Needs[0].AnyOf[0].Objective, "the strictest, since none has the name")
	assert.Equal(t, "availability", p.Needs[1].AnyOf[0].Objective, "that of the same name")

	api.DependsOn[0].AnyOf[0].Objective = "replica"
	assert.InDelta(t, 0.98, float64(planning.CheckPromises(all, monday)[0].Needs[0].Ratio), 1e-12)
	api.Objectives[0].Target = 0.97
	assert.True(t, planning.CheckPromises(all, monday)[0].Kept)
}

func TestWhatPromisesNothingMakesTheBestUnknown(t *testing.T) {
	draft := promising("draft", map[string]float64{"up": 0.99})
	draft.Stage = agreement.Draft
	next := promising("next", map[string]float64{"up": 0.99})
	next.Effective.From = monday.Add(time.Hour)
	good := promising("good", map[string]float64{"up": 0.99})
	for name, of := range map[string]struct {
		on     agreement.Dependency
		reason string
	}{
		"draft": {anyOf(agreement.Upstream{Agreement: "draft"}), "draft promises nothing, it is draft"},
		"next":  {anyOf(agreement.Upstream{Agreement: "next"}), "next promises nothing, it is not in effect"},
		"gone":  {anyOf(agreement.Upstream{Agreement: "gone"}), "gone is not served, its document has errors"},
		"both":  {anyOf(agreement.Upstream{Agreement: "draft"}, agreement.Upstream{Agreement: "next"}), "draft promises nothing, it is draft; next promises nothing, it is not in effect"},
		"one":   {anyOf(agreement.Upstream{Agreement: "draft"}, agreement.Upstream{Agreement: "good"}), ""},
	} {
		api := promising("api", map[string]float64{"availability": 0.9}, of.on)
		p := planning.CheckPromises([]*agreement.Agreement{draft, next, good, api}, monday)[0]
		assert.Equal(t, of.reason, p.Reason, name)
		assert.Equal(t, of.reason == "", p.Best.Known(), name)
		assert.True(t, p.Kept, "what is not known holds nobody up")
	}
}

// Each need makes it worse, each stand-in makes it better, and neither leaves
// [0, 1].
func TestBestIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target := rapid.Float64Range(0.5, 1)
		all := []*agreement.Agreement{promising("a", map[string]float64{"up": target.Draw(t, "a")}), promising("b", map[string]float64{"up": target.Draw(t, "b")})}
		best := func(on ...agreement.Dependency) float64 {
			return float64(planning.CheckPromises(append(all[:2:2], promising("api", map[string]float64{"up": 1}, on...)), monday)[0].Best)
		}
		a, b := agreement.Upstream{Agreement: "a"}, agreement.Upstream{Agreement: "b"}
		alone, both, either := best(anyOf(a)), best(anyOf(a), anyOf(b)), best(anyOf(a, b))
		assert.LessOrEqual(t, both, alone+1e-12)
		assert.LessOrEqual(t, alone, either+1e-12)
		assert.True(t, both >= 0 && either <= 1+1e-12)
	})
}
