package wire

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
)

// PeriodStatus is one objective and group over one calendar period.
type PeriodStatus struct {
	Agreement string `json:"agreement"`
	Period    string `json:"period"`
	ObjectiveStatus
	// Revision is the start of the target's last revision in force.
	Revision *time.Time `json:"revision"`
}

// Periods converts periods.
func Periods(periods []measure.Period) []PeriodStatus {
	return Each(periods, func(p measure.Period) PeriodStatus {
		return PeriodStatus{p.Agreement.Name, p.Name, NewObjectiveStatus(p.Result), NullTime(p.Revision)}
	})
}

// IncidentList is the incidents of one objective and group.
type IncidentList struct {
	Agreement string            `json:"agreement"`
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	Unit      agreement.Unit    `json:"unit"`
	budget.Repair
	Incidents []measure.Incident `json:"incidents"`
}
