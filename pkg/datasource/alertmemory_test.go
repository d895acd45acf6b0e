package datasource_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/datasource"
)

// apart is a rig over the scenario whose last agreement is in search.yaml, for
// that to be broken or removed.
func apart(t *testing.T) (r *rig, f *faulty, searchText string) {
	t.Helper()
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), "consumers-and-groups.yaml"))
	require.NoError(t, err)
	parts := strings.Split(s.Documents, "\n---\n")
	last := len(parts) - 1
	folder := t.TempDir()
	write(t, folder, "rest.yaml", strings.Join(parts[:last], "\n---\n"))
	write(t, folder, "search.yaml", parts[last])
	whole := scenario(t, "consumers-and-groups")
	f = newFaulty(t, whole.settings.URL)
	return serve(t, f.URL, folder, whole.now), f, parts[last]
}

// saved is the data source as it is after its settings were saved again.
func (r *rig) saved() *rig { return r.with(func(*backend.DataSourceInstanceSettings) {}) }

// eventually asks the alert query until the change in the folder was taken up.
func (r *rig) eventually(at time.Time, query string, holds func(backend.DataResponse) bool) backend.DataResponse {
	r.t.Helper()
	var response backend.DataResponse
	require.Eventually(r.t, func() bool {
		response = r.ask(at, query)
		return holds(response)
	}, time.Minute, 20*time.Millisecond)
	return response
}

func TestSavingTheDataSourceWhileADocumentIsBrokenEndsNoAlert(t *testing.T) {
	r, _, text := apart(t)
	at := instant(t, "2026-08-04T09:05:00Z")
	before := alerts(t, r.frames(at, query("alert")))
	write(t, r.folder, "search.yaml", strings.Replace(text, "stage: active", "stage: lively", 1))
	r.eventually(at, query("alert"), func(got backend.DataResponse) bool { return alerts(t, got.Frames)["everyone page"] == nil })
	for range 2 {
		r = r.saved()
		after := alerts(t, r.frames(at, query("alert")))
		require.Len(t, after, len(before))
		value, there := after["everyone page"]
		assert.True(t, there, "a missing number would resolve its alert")
		assert.Nil(t, value)
	}
}

func TestAProcessThatWasKilledRemembersItsAlerts(t *testing.T) {
	r, f, text := apart(t)
	at := instant(t, "2026-08-04T09:05:03Z")
	before := alerts(t, r.frames(at, query("alert")))
	f.failWhen(func(query string) bool { return strings.Contains(query, "by (region)") })
	write(t, r.folder, "search.yaml", strings.Replace(text, "stage: active", "stage: lively", 1))
	datasource.Restarted(r.settings.UID)
	r = r.saved()
	found := r.frames(at, query("alert"))
	after := alerts(t, found)
	require.Len(t, after, len(before))
	for name := range before {
		value, there := after[name]
		assert.True(t, there, name)
		if !strings.HasPrefix(name, "own") { // which both agreements have
			assert.Nil(t, value, name)
		}
	}
	files, err := filepath.Glob(filepath.Join(r.folder, ".accord-alerts-*.json"))
	require.NoError(t, err)
	assert.Len(t, files, 1, "beside the audit log")
}

// An instance with other labels would be another alert, and the first be resolved.
func TestAnObjectivesOwnAlertsKeepTheirLabelsWhileItsDocumentIsBroken(t *testing.T) {
	r, _, text := apart(t)
	at := instant(t, "2026-08-04T09:05:00Z")
	usual := alerts(t, r.frames(at, query("alert")))
	require.True(t, fires(usual["everyone page"]) && fires(usual["everyone ticket"]), usual)
	own := strings.Replace(text, "name: everyone,", "name: everyone, alerts: {labels: {channel: search}, page: {rules: [{burnRate: 900, long: 1h}]}, ticket: {disabled: true}},", 1)
	write(t, r.folder, "search.yaml", own)
	labelled := func(found data.Frames) (labels []data.Labels) {
		for _, frame := range found {
			if of := frame.Fields[0].Labels; of["objective"] == "everyone" && of["channel"] == "search" {
				labels = append(labels, of)
			}
		}
		return labels
	}
	before := r.eventually(at, query("alert"), func(got backend.DataResponse) bool { return len(labelled(got.Frames)) > 0 }).Frames
	assert.False(t, fires(alerts(t, before)["everyone page"]), "the usual page fires, its own does not")
	assert.Equal(t, 0.0, *alerts(t, before)["everyone ticket"])
	write(t, r.folder, "search.yaml", strings.Replace(own, "stage: active", "stage: lively", 1))
	r.eventually(at, query("alert"), func(got backend.DataResponse) bool { return alerts(t, got.Frames)["everyone page"] == nil })
	datasource.Restarted(r.settings.UID)
	after := r.saved().frames(at, query("alert"))
	assert.Equal(t, labelled(before), labelled(after))
	assert.Equal(t, 0.0, *alerts(t, after)["everyone ticket"], "what is disabled is over, measured or not")
}

func TestARuleThatNamesAgreementsGoesOnForTheOthers(t *testing.T) {
	r, _, text := apart(t)
	at := instant(t, "2026-08-04T09:05:00Z")
	both := query("alert", `"agreements": ["payments-for-checkout", "payments-for-search"]`)
	one := query("alert", `"agreements": ["payments-for-search"]`)
	before := alerts(t, r.frames(at, both))
	r.frames(at, one)

	write(t, r.folder, "search.yaml", strings.Replace(text, "stage: active", "stage: retired", 1))
	retired := r.eventually(at, one, func(got backend.DataResponse) bool {
		value := alerts(t, got.Frames)["everyone page"]
		return got.Error == nil && value != nil && *value == 0
	})
	assert.Contains(t, custom(t, retired.Frames[0])["reason"], "not in effect")

	require.NoError(t, os.Remove(filepath.Join(r.folder, "search.yaml")))
	response := r.eventually(at, both, func(got backend.DataResponse) bool {
		return got.Error == nil && strings.Contains(notices(got.Frames[0]), `agreements: there is no "payments-for-search"`)
	})
	require.NotNil(t, before["by-region us page"])
	after := alerts(t, response.Frames)
	assert.Equal(t, before["by-region us page"], after["by-region us page"], "a burning one is still heard")
	for name, frames := range map[string]data.Frames{"with others": response.Frames, "alone": r.frames(at, one)} {
		value := alerts(t, frames)["everyone page"]
		require.NotNil(t, value, "%s: what is missing keeps its alert for ever, by KeepLast", name)
		assert.Zero(t, *value, name)
	}
	assert.NotContains(t, alerts(t, r.frames(at, query("alert"))), "everyone page", "to a rule of the whole catalog it is gone")
	assert.Equal(t, map[string]*float64{" ": new(0.0)}, alerts(t, r.frames(at, query("alert", `"consumers": ["search"]`))), "no data would keep the alerts of the last one")
	assert.ErrorContains(t, r.ask(at, query("alert", `"agreements": ["payments-for-nobody"]`)).Error, "there is no", "a rule of nothing that there ever was is wrong")

	write(t, r.folder, "other.yaml", "kind: [")
	r.eventually(at, one, func(got backend.DataResponse) bool {
		value, there := alerts(t, got.Frames)["everyone page"]
		return there && value == nil // it may stand in what cannot be read
	})
}

func TestTablesAreRefusedInARule(t *testing.T) {
	r := scenario(t, "states")
	for _, kind := range []string{"status", "history", "incidents", "exclusions", "outsideHours", "agreements"} {
		req := r.request(instant(t, "2026-04-20T12:05:00Z"), query(kind))
		req.Headers["FromAlert"] = "true"
		response := r.send(req)["A"]
		require.ErrorContains(t, response.Error, "queryType: "+kind+" answers with a table")
		assert.ErrorContains(t, response.Error, "take alert")
		assert.Equal(t, backend.StatusBadRequest, response.Status)
	}
}

// An evaluation is answered with what there is before its caller gives up: else
// the whole rule fails, and no burning agreement is heard.
func TestAnEvaluationAnswersBeforeItsDeadline(t *testing.T) {
	r, f, _ := apart(t)
	at := instant(t, "2026-08-04T09:05:03Z")
	before := alerts(t, r.frames(at, query("alert")))
	ended := make(chan struct{})
	t.Cleanup(func() { close(ended) })
	f.failWhen(func(query string) bool {
		if strings.Contains(query, "by (region)") {
			<-ended
		}
		return false
	})
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	response, err := r.client.QueryData(ctx, r.request(at.Add(10*time.Second), query("alert")))
	require.NoError(t, err)
	require.NoError(t, response.Responses["A"].Error)
	after := alerts(t, response.Responses["A"].Frames)
	require.Len(t, after, len(before))
	assert.Nil(t, after["by-region us page"])
	assert.NotNil(t, after["own page"])
}

// Grafana resolves what is missing in an answer: a panel shows the others with a
// notice, to a rule it is an error, by which it keeps its alerts.
func TestARuleOnASeriesFailsWithAnyObjective(t *testing.T) {
	r, f, _ := apart(t)
	f.failWhen(func(query string) bool { return strings.Contains(query, "by (region)") })
	req := r.request(instant(t, "2026-08-04T09:05:03Z"), query("budget"))
	panel := r.send(req)["A"]
	require.NoError(t, panel.Error)
	require.NotEmpty(t, panel.Frames)
	assert.Contains(t, notices(panel.Frames[0]), "by-region")
	req.Headers["FromAlert"] = "true"
	rule := r.send(req)["A"]
	assert.ErrorContains(t, rule.Error, "by-region: ")
	assert.Empty(t, rule.Frames)
}

func TestARuleThatNamesObjectivesGoesOnForTheOthers(t *testing.T) {
	r, _, text := apart(t)
	at := instant(t, "2026-08-04T09:05:00Z")
	both := query("alert", `"objectives": ["by-region", "everyone"]`)
	before := alerts(t, r.frames(at, both))
	require.NotNil(t, before["everyone page"])
	write(t, r.folder, "search.yaml", strings.Replace(text, "name: everyone,", "name: all,", 1))
	response := r.eventually(at, both, func(got backend.DataResponse) bool {
		return got.Error == nil && strings.Contains(notices(got.Frames[0]), `objectives: there is no "everyone"`)
	})
	after := alerts(t, response.Frames)
	assert.Equal(t, before["by-region us page"], after["by-region us page"])
	require.NotNil(t, after["everyone page"])
	assert.Zero(t, *after["everyone page"], "its objective is gone")
	assert.ErrorContains(t, r.ask(at, query("alert", `"objectives": ["nowhere"]`)).Error, `there is no "nowhere"`)
}

func TestAlertsAreRememberedBesideTheDocumentsThatAreChosenLater(t *testing.T) {
	r, f, _ := apart(t)
	at := instant(t, "2026-08-04T09:05:03Z")
	r.frames(at, query("alert"))
	later := filepath.Join(r.folder, "later")
	require.NoError(t, os.Mkdir(later, 0o700))
	for _, name := range []string{"rest.yaml", "search.yaml"} {
		require.NoError(t, os.Rename(filepath.Join(r.folder, name), filepath.Join(later, name)))
	}
	r = r.with(definitions("later"))
	before := alerts(t, r.frames(at, query("alert")))
	datasource.Restarted(r.settings.UID)
	f.failWhen(func(query string) bool { return strings.Contains(query, "by (region)") })
	assert.Len(t, alerts(t, r.saved().frames(at.Add(time.Minute), query("alert"))), len(before))
}

// A UID is unique in an organization alone.
func TestOrganizationsShareNeitherAlertsNorMetrics(t *testing.T) {
	r, _, _ := apart(t)
	at := instant(t, "2026-08-04T09:05:00Z")
	r.frames(at, query("alert"))
	second := r.saved()
	second.namespace = "org-2"
	second.frames(at, query("alert"))
	families, err := prometheus.DefaultGatherer.Gather()
	require.NoError(t, err)
	metrics := fmt.Sprint(families)
	for _, name := range []string{r.settings.UID, "org-2-" + r.settings.UID} {
		assert.FileExists(t, filepath.Join(r.folder, ".accord-alerts-"+name+".json"))
		assert.Contains(t, metrics, `value:"`+name+`"`)
	}
}
