package frames_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/tables/frames"
)

func alertOf(t *testing.T, r measure.Result) (data.Frames, map[string]*float64) {
	t.Helper()
	found := frames.Alerts([]measure.Result{r}, []agreement.Severity{agreement.Page, agreement.Ticket}, time.Time{}, func(*agreement.Agreement) string { return "" })
	values := map[string]*float64{}
	for _, frame := range found {
		values[frame.Fields[0].Labels["severity"]], _ = frame.Fields[0].At(0).(*float64)
	}
	return found, values
}

func result(status budget.Status) measure.Result {
	return measure.Result{Agreement: &agreement.Agreement{Name: "a"}, Objective: &agreement.Objective{Name: "o"}, Status: status}
}

func TestAlertIsTheSeverest(t *testing.T) {
	_, values := alertOf(t, result(budget.Status{State: budget.AtRisk, Alerts: []budget.Alert{
		{AlertRule: agreement.AlertRule{Severity: agreement.Page}, Value: 0.5}, {AlertRule: agreement.AlertRule{Severity: agreement.Page}, Value: 3}, {AlertRule: agreement.AlertRule{Severity: agreement.Ticket}, Value: 0.1},
	}}))
	assert.Equal(t, 3.0, *values["page"])
	assert.Equal(t, 0.1, *values["ticket"])
}

// What was not measured must not resolve an alert, unless another one fires.
func TestAlertOfWhichAPartWasNotMeasured(t *testing.T) {
	_, values := alertOf(t, result(budget.Status{State: budget.Met, Alerts: []budget.Alert{
		{AlertRule: agreement.AlertRule{Severity: agreement.Page}, Value: 0.5}, {AlertRule: agreement.AlertRule{Severity: agreement.Page}, Value: budget.Absent},
		{AlertRule: agreement.AlertRule{Severity: agreement.Ticket}, Value: 2}, {AlertRule: agreement.AlertRule{Severity: agreement.Ticket}, Value: budget.Absent},
	}}))
	assert.Nil(t, values["page"])
	assert.Equal(t, 2.0, *values["ticket"])
}

// A missing number would end an alert only after a while, and null never.
func TestADisabledAlertIsZeroWithItsReasonAlsoWhenNothingIsMeasured(t *testing.T) {
	for name, err := range map[string]error{"measured": nil, "failed": errors.New("timed out")} {
		r := result(budget.Status{State: budget.Met, Alerts: []budget.Alert{{AlertRule: agreement.AlertRule{Severity: agreement.Page}, Value: 0.5}}})
		r.Err = err
		r.Objective.Alerts = map[agreement.Severity]agreement.Alerts{agreement.Ticket: {Disabled: true}}
		found, values := alertOf(t, r)
		require.Len(t, found, 2, name)
		assert.Equal(t, 0.0, *values["ticket"], name)
		assert.Equal(t, "alerts of severity ticket are disabled", found[1].Meta.Custom.(*frames.Custom).Reason, name)
	}
}

func TestAlertsHaveTheLabelsOfTheirSeverity(t *testing.T) {
	r := result(budget.Status{State: budget.Met, Alerts: []budget.Alert{
		{AlertRule: agreement.AlertRule{Severity: agreement.Page}, Value: 0.5}, {AlertRule: agreement.AlertRule{Severity: agreement.Ticket}, Value: 0.1}}})
	r.Agreement.Labels = map[string]string{"tier": "1", "owner": "shop"}
	r.Objective.Alerts = map[agreement.Severity]agreement.Alerts{agreement.Page: {Labels: map[string]string{"tier": "gold", "severity": "loud"}}}
	found, _ := alertOf(t, r)
	ours := data.Labels{"agreement": "a", "objective": "o", "service": "", "owner": "shop"}
	assert.Equal(t, with(ours, data.Labels{"severity": "page", "tier": "gold", "label_severity": "loud"}), found[0].Fields[0].Labels)
	assert.Equal(t, with(ours, data.Labels{"severity": "ticket", "tier": "1"}), found[1].Fields[0].Labels)
}

func with(labels, more data.Labels) data.Labels {
	all := maps.Clone(labels)
	maps.Copy(all, more)
	return all
}

func TestAlertThatDoesNotExistHasNoNumber(t *testing.T) {
	_, values := alertOf(t, result(budget.Status{State: budget.Met, Alerts: []budget.Alert{{AlertRule: agreement.AlertRule{Severity: agreement.Page}, Value: 0}}}))
	assert.Contains(t, values, "page")
	assert.NotContains(t, values, "ticket", "a window of a day has no ticket alert")
}

func TestAlertOfWhatIsNotMeasuredIsNull(t *testing.T) {
	failed := result(budget.EmptyStatus(agreement.Window{Rolling: time.Hour}, time.Unix(0, 0), budget.NoData, "timed out"))
	failed.Err = errors.New("timed out")
	elsewhere := result(budget.EmptyStatus(agreement.Window{Rolling: time.Hour}, time.Unix(0, 0), budget.NoData, "is measured by main"))
	elsewhere.Objective.OtherConnection = "is measured by main"
	for reason, r := range map[string]measure.Result{"timed out": failed, "is measured by main": elsewhere} {
		found, values := alertOf(t, r)
		require.Len(t, values, 2)
		assert.Nil(t, values["page"])
		assert.Nil(t, values["ticket"])
		assert.Equal(t, reason, found[0].Meta.Custom.(*frames.Custom).Reason)
	}
}

func TestAlertOfAPromiseNotInEffectIs0(t *testing.T) {
	_, values := alertOf(t, result(budget.EmptyStatus(agreement.Window{Rolling: time.Hour}, time.Unix(0, 0), budget.Inactive, "not yet")))
	assert.Equal(t, 0.0, *values["page"])
	assert.Equal(t, 0.0, *values["ticket"])
}

// A label of a group by the name of a column has a column of its own.
func TestGroupColumnsDoNotCollide(t *testing.T) {
	r := result(budget.Status{State: budget.Met})
	r.Group = map[string]string{"state": "hessen", "region": "eu"}
	frame := frames.Status([]measure.Result{r}, nil, false)
	for name, want := range map[string]string{"state": "met", "group_state": "hessen", "region": "eu"} {
		field, _ := frame.FieldByName(name)
		require.NotNil(t, field, name)
		assert.Equal(t, want, field.At(0))
	}
}

func TestUnmeasuredSaysEachReasonOnce(t *testing.T) {
	failed := func(a, o string, err error) measure.Result {
		return measure.Result{Agreement: &agreement.Agreement{Name: a}, Objective: &agreement.Objective{Name: o}, Err: err}
	}
	down, bound := errors.New("the server is down"), errors.New("no such bucket")
	notices := frames.Unmeasured([]measure.Result{failed("a", "x", down), failed("b", "y", bound), failed("c", "z", down), failed("c", "z", down)})
	require.Len(t, notices, 2)
	assert.Equal(t, "a/x and 1 more: not measured: the server is down", notices[0].Text)
	assert.Equal(t, "b/y: not measured: no such bucket", notices[1].Text)
}

// The groups of an objective were measured together, so their cost counts once.
func TestCostCountsOnce(t *testing.T) {
	o := &agreement.Objective{Name: "o"}
	row := measure.Result{Agreement: &agreement.Agreement{Name: "a"}, Objective: o,
		Measurement: counting.Measurement{Method: sli.Anchored, Cost: counting.Cost{Requests: 3, Samples: 10}}}
	frame := frames.Status([]measure.Result{row, row}, nil, false)
	frames.Describe(frame, frames.Origin{Measurements: frames.Measurements([]measure.Result{row, row})})
	assert.Equal(t, 3, frame.Meta.Custom.(*frames.Custom).Requests)
	assert.EqualValues(t, 10, frame.Meta.Custom.(*frames.Custom).Samples)
}

// A panel is told why its figures may mislead, besides how they were counted.
func TestAFrameTellsWarningsAndNotes(t *testing.T) {
	frame := frames.NoSeries()
	frames.Describe(frame, frames.Origin{Measurements: []counting.Measurement{{Warnings: []string{"nothing is bad"}, Notes: []string{"by samples"}}}})
	assert.Equal(t, []string{"nothing is bad", "by samples"}, frame.Meta.Custom.(*frames.Custom).Notes)
}
