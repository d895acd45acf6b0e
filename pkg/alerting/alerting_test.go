package alerting_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/alerting"
	"github.com/accord-sla/accord/pkg/slots"
)

// Names that collide with each other's prefixes and with ours.
var labelNames = []string{"region", "service", "group_service", "label_service", "severity", "agreement", "alertname", "group_alertname", "tier"}

// Two results never have the same labels, whatever the documents name theirs;
// or Grafana would refuse the whole rule.
func TestLabelsAreUnique(t *testing.T) {
	o := &agreement.Objective{Name: "availability"}
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom(labelNames), 1, 4, rapid.ID).Draw(t, "groupBy")
		a := &agreement.Agreement{Name: "a", Service: "s", Provider: "p", Consumers: []string{"c"},
			Labels: rapid.MapOf(rapid.SampledFrom(labelNames), rapid.SampledFrom([]string{"1", "2"})).Draw(t, "labels")}
		group := rapid.Custom(func(t *rapid.T) map[string]string {
			values := map[string]string{}
			for _, name := range names {
				values[name] = rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, name)
			}
			return values
		})
		one, other := group.Draw(t, "one"), group.Draw(t, "other")
		first := alerting.Labels(a, o, one, agreement.Page)
		assert.Equal(t, slots.GroupKey(one) == slots.GroupKey(other),
			maps.Equal(first, alerting.Labels(a, o, other, agreement.Page)))
		for name, want := range map[string]string{"agreement": "a", "objective": "availability", "service": "s",
			"provider": "p", "team": "p", "consumers": "c", "severity": "page"} {
			assert.Equal(t, want, first[name])
		}
		assert.Len(t, first, 7+len(names)+len(a.Labels), "none is lost")
	})
}

// An SLO that no agreement names may be called like an agreement.
func TestLabelsOfAnSLO(t *testing.T) {
	o := &agreement.Objective{Name: "availability"}
	slo := &agreement.Agreement{Name: "a", IsSLO: true, Service: "s", Labels: map[string]string{"provider": "p", "team": "p"}}
	promised := &agreement.Agreement{Name: "a", Service: "s", Provider: "p", Labels: slo.Labels}
	labels := alerting.Labels(slo, o, nil, agreement.Page)
	assert.NotEqual(t, alerting.Labels(promised, o, nil, agreement.Page), labels)
	// Nobody else says whom to call.
	assert.Equal(t, "p", labels["team"])
	assert.Equal(t, "p", labels["label_provider"])
}

func TestLabelsOfGroupsNeverMeet(t *testing.T) {
	names := []string{"service", "group_service", "region"}
	got := alerting.GroupLabels(names)
	assert.Equal(t, map[string]string{"group_service": "group_service", "service": "group_group_service", "region": "region"}, got)
	labels := alerting.Labels(&agreement.Agreement{Name: "a"}, nil, map[string]string{"service": "1", "group_service": "2", "region": "3"}, agreement.Page)
	for name, want := range map[string]string{"service": "1", "group_service": "2", "region": "3"} {
		assert.Equal(t, want, labels[got[name]])
	}
}
