package frames

import (
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/alerting"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/wire"
)

// Alerts returns a number per result and severity; the alert fires above 1. What was
// not measured has a null number rather than none, because Grafana resolves an alert
// whose series is missing. Severities without an alert for so short a window are
// omitted; a promise that is not in effect is 0.
//
// definition returns the hash of an agreement, see [Origin].
func Alerts(rows []measure.Result, severities []agreement.Severity, at time.Time, definition func(*agreement.Agreement) string) data.Frames {
	var frames data.Frames
	reviewed := map[string]bool{}
	leastBlind := leastBlind(rows)
	for i, r := range rows {
		for _, severity := range severities {
			if severity == budget.Notice {
				// A review notice belongs to the agreement, without objective or measurement.
				if notice, due := budget.ReviewNotice(r.Agreement.ReviewDue(), at); due && !reviewed[r.Agreement.Key()] {
					reviewed[r.Agreement.Key()] = true
					if r.Agreement.Stage == agreement.Retired {
						notice.Value, notice.Reason = 0, "not in effect: the agreement is retired"
					}
					frames = append(frames, noticeFrame(measure.Result{Agreement: r.Agreement}, notice, definition))
				}
				for _, notice := range budget.Notices(r.Status) {
					of := r
					if notice.Kind == budget.IsBlind { // one per objective: a single group may have ended
						if leastBlind[objectiveOf(r)] != i {
							continue
						}
						of.Group = nil
					}
					frames = append(frames, noticeFrame(of, notice, definition))
				}
				continue
			}
			if value, reason, exists := alert(r, severity); exists {
				labels := alerting.Labels(r.Agreement, r.Objective, r.Group, severity)
				frames = append(frames, alertFrame(r, labels, string(severity), value, reason, definition))
			}
		}
	}
	// Two series with the same labels make Grafana's rule fail.
	return wire.Distinct(frames, func(frame *data.Frame) string { return slots.GroupKey(frame.Fields[0].Labels) })
}

// leastBlind returns for each objective the index of the row that was without data for the shortest time.
func leastBlind(rows []measure.Result) map[[2]string]int {
	least := map[[2]string]int{}
	for i, r := range rows {
		if before, there := least[objectiveOf(r)]; !there || r.Blind < rows[before].Blind {
			least[objectiveOf(r)] = i
		}
	}
	return least
}

func objectiveOf(r measure.Result) [2]string { return [2]string{r.Agreement.Key(), r.Objective.Name} }

func alertFrame(r measure.Result, labels data.Labels, what string, value budget.Figure, reason string, definition func(*agreement.Agreement) string) *data.Frame {
	config := &data.FieldConfig{DisplayNameFromDS: alerting.Name(r.Agreement, r.Objective, r.Group, what), Thresholds: steps(green, threshold(1, red))} // above 1 it fires
	frame := typed("alert", data.FrameTypeNumericMulti,
		data.NewField("value", labels, []*float64{number(value)}).SetConfig(config))
	frame.Meta.Custom = &Custom{Reason: reason}
	Describe(frame, Origin{definition(r.Agreement), []counting.Measurement{r.Measurement}})
	frame.AppendNotices(Unmeasured([]measure.Result{r})...)
	return frame
}

// noticeFrame returns the number of a notice, distinguished by its labels kind and level.
func noticeFrame(r measure.Result, notice budget.NoticeValue, definition func(*agreement.Agreement) string) *data.Frame {
	labels := alerting.Labels(r.Agreement, r.Objective, r.Group, budget.Notice)
	labels[alerting.KindLabel] = string(notice.Kind)
	name := string(notice.Kind)
	if notice.Level != "" {
		labels[alerting.LevelLabel] = string(notice.Level)
		name += " " + string(notice.Level)
	}
	return alertFrame(r, labels, name, notice.Value, notice.Reason, definition)
}

// NoAlerts is the answer when a query has no alerts: a typed frame without fields, which
// is no data. If nothing is promised it is 0, which resolves earlier alerts.
func NoAlerts(nothingPromised bool) *data.Frame {
	frame := typed("alert", data.FrameTypeNumericMulti)
	if nothingPromised {
		frame.Fields = data.Fields{data.NewField("value", nil, []*float64{new(0.0)})}
	}
	return frame
}

// alert returns the value of the severity's alerts with its reason; exists is false if there are none.
func alert(r measure.Result, severity agreement.Severity) (value budget.Figure, reason string, exists bool) {
	switch {
	case r.State == budget.Inactive:
		return 0, r.Reason, true
	case r.Objective.Alerts[severity].Disabled: // 0 resolves an alert that fired before
		return 0, fmt.Sprintf("alerts of severity %s are disabled", severity), true
	}
	if r.Err != nil || r.Objective.OtherConnection != "" {
		return budget.Absent, r.Reason, true
	}
	value, reason = budget.AlertValue(r.Alerts, severity)
	return value, reason, slices.ContainsFunc(r.Alerts, func(a budget.Alert) bool { return a.Severity == severity })
}
