package cli

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/wire"
)

func TestOnlyGroupsInWhichNothingWasCountedAreIdle(t *testing.T) {
	objective := func(name, region string, total budget.Figure, err *string) wire.ObjectiveStatus {
		o := wire.ObjectiveStatus{Name: name, Group: map[string]string{}, Error: err}
		if o.Total = total; region != "" {
			o.Group["region"] = region
		}
		return o
	}
	why := "no answer"
	report := wire.Report{}.With([]wire.AgreementStatus{{Name: "a", Provider: "p", Objectives: []wire.ObjectiveStatus{
		objective("by-region", "eu", 5, nil), objective("by-region", "us", 0, nil), objective("by-region", "ap", 0, &why), objective("all", "", 0, nil)}}})
	left := withoutIdle(report).Agreements[0].Objectives
	var names []string
	for _, o := range left {
		names = append(names, o.Name+" "+o.Group["region"])
	}
	assert.Equal(t, []string{"by-region eu", "by-region ap", "all "}, names)
	assert.Len(t, report.Agreements[0].Objectives, 4, "the report itself stays whole")
}
