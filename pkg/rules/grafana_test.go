package rules_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/grafana"
	"github.com/accord-sla/accord/pkg/rules"
	"github.com/accord-sla/accord/provisioning"
)

// company is the example company.
func company(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load(t.Context(), "../../provisioning/slas", catalog.Options{})
	require.NoError(t, err)
	return c
}

func TestTheRealGrafanaTakesTheExportedAlerting(t *testing.T) {
	home, plugin := os.Getenv("ACCORD_GRAFANA_HOME"), os.Getenv("ACCORD_PLUGIN")
	if home == "" || plugin == "" {
		t.Skip("SKIPPED, NOTHING WAS TESTED: set ACCORD_GRAFANA_HOME to the home path of a Grafana from 12.3 on, and ACCORD_PLUGIN to the built plugin")
	}
	c := company(t)
	for name, policies := range map[string]bool{"by rule": false, "by policies": true} {
		t.Run(name, func(t *testing.T) {
			file, lost := rules.Grafana(c.Agreements, c.Teams, rules.GrafanaOptions{Datasource: "accord", Folder: "SLAs", Policies: policies})
			require.Empty(t, lost)
			text, err := file.Text()
			require.NoError(t, err)
			for _, name := range file.Variables() {
				t.Setenv(name, "https://secret.example.org/"+name)
			}
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, provisioning.Grafana))
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "alerting")))
			require.NoError(t, os.Mkdir(filepath.Join(dir, "alerting"), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "alerting", "accord.yaml"), text, 0o600))
			definitions, err := filepath.Abs("../../provisioning/slas")
			require.NoError(t, err)
			prometheus := startServer(t, promserver.Options{Dir: t.TempDir()})
			server, err := grafana.Start(t.Context(), grafana.Options{Home: home, Plugin: plugin, Dir: t.TempDir(), Provisioning: os.DirFS(dir),
				Definitions: definitions, Prometheus: prometheus.URL(), OnError: func(line string) { t.Log(line) }})
			require.NoError(t, err)
			t.Cleanup(server.Stop)
			var there []struct {
				UID, Title, For string
				ExecErrState    string
				Labels          map[string]string
				Settings        *struct{ Receiver string } `json:"notification_settings"`
			}
			ask(t, server.URL+"/api/v1/provisioning/alert-rules", &there)
			assert.Len(t, there, len(alertRulesIn(file)))
			pages := map[string][2]string{}
			for _, rule := range there {
				if rule.Settings != nil {
					pages[rule.UID] = [2]string{rule.For, rule.Settings.Receiver}
				} else {
					pages[rule.UID] = [2]string{rule.For, rule.Labels["accord_receiver"]}
				}
			}
			assert.Equal(t, [2]string{"0s", "payments-oncall"}, pages["accord-payments-for-checkout-page-1"])
			assert.Equal(t, [2]string{"30m", "Team platform"}, pages["accord-payments-for-checkout-page-2"])
			assert.Equal(t, [2]string{"2h", "checkout-mail"}, pages["accord-payments-for-checkout-page-3"])
			assert.Equal(t, [2]string{"0s", "payments-oncall"}, pages["accord-payments-for-checkout-ticket"])
			var points []struct{ Name, Type string }
			ask(t, server.URL+"/api/v1/provisioning/contact-points", &points)
			types := map[string]bool{}
			for _, point := range points {
				types[point.Type] = true
			}
			assert.Subset(t, types, map[string]bool{"email": true, "slack": true, "opsgenie": true, "jira": true, "pagerduty": true, "teams": true, "webhook": true})
			var tree struct{ Routes []struct{ Receiver string } }
			ask(t, server.URL+"/api/v1/provisioning/policies", &tree)
			assert.Equal(t, policies, len(tree.Routes) > 0)
		})
	}
}

func alertRulesIn(file rules.Alerting) (uids []string) {
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			uids = append(uids, rule.UID)
		}
	}
	return uids
}

func ask(t *testing.T, url string, into any) {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", body)
	require.NoError(t, json.Unmarshal(body, into), "%s", body)
}

func TestAnAgreementEscalatesByARuleAStep(t *testing.T) {
	at := func(after time.Duration, notify string) agreement.EscalationStep {
		return agreement.EscalationStep{After: after, Notify: notify}
	}
	teams := map[string]*agreement.Team{
		"ops":  {Name: "ops", Contacts: []agreement.Contact{{Name: "ops-chat", Type: "slack", Target: "#ops"}, {Name: "ops-room", Type: "teams", Target: "https://x.webhook.office.com/s3cret"}}},
		"mute": {Name: "mute"},
	}
	file, lost := rules.Grafana([]*agreement.Agreement{
		{Name: "a", Stage: agreement.Active, Provider: "ops", Escalation: []agreement.EscalationStep{at(time.Hour, "ops"), at(0, "ops-chat")}},
		{Name: "b", Stage: agreement.Active, Provider: "ops", Escalation: []agreement.EscalationStep{at(0, "mute")}},
		{Name: "c", Stage: agreement.Draft, Provider: "ops", Escalation: []agreement.EscalationStep{at(0, "ops")}},
		{Name: "d", Stage: agreement.Active, Provider: "ops"},
	}, teams, rules.GrafanaOptions{Datasource: "accord", Folder: "SLAs"})
	assert.Equal(t, []string{"accord-a-page-1", "accord-a-page-2", "accord-a-ticket", "accord-b-page-1", "accord-b-ticket",
		"accord-rest-page", "accord-rest-ticket", "accord-rest-notice", "accord-rest-blind"}, alertRulesIn(file))
	require.Len(t, lost, 1)
	assert.Equal(t, "Team mute: has no contacts, so alerts of Agreement b for it go where the policies say", lost[0].String())
	steps := file.Groups[0].Rules
	assert.Equal(t, []string{"0s", "1h", "0s"}, []string{steps[0].For, steps[1].For, steps[2].For})
	assert.Equal(t, "ops-chat", steps[2].Notification.Receiver, "what can wait is told to the first step alone")
	assert.Equal(t, "Team ops", steps[1].Notification.Receiver)
	assert.Equal(t, []string{"SLACK_TOKEN", "TEAMS_URL_OPS_ROOM"}, file.Variables())
	text, err := file.Text()
	require.NoError(t, err)
	assert.NotContains(t, string(text), "s3cret")
}

// A query has names, not kinds, so that of the agreement is about both.
func TestAnSLOWithTheNameOfAnAgreementIsNotToldTwice(t *testing.T) {
	teams := map[string]*agreement.Team{"ops": {Name: "ops", Contacts: []agreement.Contact{{Name: "mail", Type: "email", Target: "ops@example.org"}}}}
	file, lost := rules.Grafana([]*agreement.Agreement{
		{Name: "a", Stage: agreement.Active, Provider: "ops", Escalation: []agreement.EscalationStep{{Notify: "ops"}}},
		{Name: "a", IsSLO: true, Stage: agreement.Active},
	}, teams, rules.GrafanaOptions{Datasource: "accord"})
	assert.Equal(t, []string{"accord-a-page-1", "accord-a-ticket", "accord-rest-notice", "accord-rest-blind"}, alertRulesIn(file))
	require.Len(t, lost, 1)
	assert.Equal(t, "SLO a: its alerts go where those of Agreement a go; rename one of them", lost[0].String())
}

// The data source refuses a query of more names.
func TestARuleNamesAtMostAThousandAgreements(t *testing.T) {
	var many []*agreement.Agreement
	for i := range 2001 {
		many = append(many, &agreement.Agreement{Name: fmt.Sprintf("a-%d", i), Stage: agreement.Active, Provider: "ops"})
	}
	file, _ := rules.Grafana(many[:1000], nil, rules.GrafanaOptions{Datasource: "accord"})
	assert.Equal(t, []string{"accord-rest-page", "accord-rest-ticket", "accord-rest-notice", "accord-rest-blind"}, alertRulesIn(file))
	file, _ = rules.Grafana(many, nil, rules.GrafanaOptions{Datasource: "accord"})
	assert.Equal(t, []string{"accord-rest-page", "accord-rest-page-2", "accord-rest-page-3", "accord-rest-ticket", "accord-rest-ticket-2", "accord-rest-ticket-3",
		"accord-rest-notice", "accord-rest-notice-2", "accord-rest-notice-3", "accord-rest-blind"}, alertRulesIn(file))
	named := map[string]int{}
	for _, rule := range file.Groups[0].Rules {
		names, _ := rule.Data[0].Model["agreements"].([]string)
		assert.LessOrEqual(t, len(names), 1000, rule.UID)
		named[fmt.Sprint(rule.Data[0].Model["severity"])] += len(names)
	}
	assert.Equal(t, map[string]int{"page": 2001, "ticket": 2001, "notice": 2001}, named)
	assert.Equal(t, "Error budget burns fast (3)", file.Groups[0].Rules[2].Title)
	assert.Equal(t, "An SLA needs a look (2)", file.Groups[0].Rules[7].Title)
	assert.Contains(t, file.Groups[0].Rules[7].Annotations["summary"], "its review is due")
}

// Of two rules or receivers of one uid, Grafana keeps the last.
func TestUIDsAndVariablesAreOfOneAlone(t *testing.T) {
	key := func(name string) agreement.Contact {
		return agreement.Contact{Name: name, Type: "pagerduty", Target: "x"}
	}
	teams := map[string]*agreement.Team{
		"data":          {Name: "data", Contacts: []agreement.Contact{key("platform-oncall"), key("a-b")}},
		"data-platform": {Name: "data-platform", Contacts: []agreement.Contact{key("oncall"), key("a--b")}},
	}
	agreements := []*agreement.Agreement{
		{Name: "other", Stage: agreement.Active, Provider: "data"},
		{Name: "rest", Stage: agreement.Active, Provider: "data", Escalation: []agreement.EscalationStep{{Notify: "data"}, {Notify: "data-platform"}}},
	}
	in := func(datasource string) rules.Alerting {
		file, _ := rules.Grafana(agreements, teams, rules.GrafanaOptions{Datasource: datasource})
		return file
	}
	file := in("accord")
	assert.Equal(t, []string{"accord-rest-page-1", "accord-rest-page-2", "2-accord-rest-ticket",
		"accord-rest-page", "accord-rest-ticket", "accord-rest-notice", "accord-rest-blind"}, alertRulesIn(file))
	var receivers []string
	for _, point := range file.ContactPoints {
		for _, receiver := range point.Receivers {
			receivers = append(receivers, receiver.UID)
		}
	}
	assert.Equal(t, []string{"accord-team-data-platform-oncall", "accord-team-data-a-b", "2-accord-team-data-platform-oncall", "accord-team-data-platform-a--b"}, receivers)
	assert.Equal(t, []string{"PAGERDUTY_KEY_A_B", "PAGERDUTY_KEY_A__B", "PAGERDUTY_KEY_ONCALL", "PAGERDUTY_KEY_PLATFORM_ONCALL"}, file.Variables())

	long := "a-data-source-that-has-a-name-of-some-40"
	assert.Equal(t, "accord-eu_rest-page-1", alertRulesIn(in("eu"))[0])
	seen := map[string]bool{}
	for _, datasource := range []string{"accord", "eu", "rest", long, long + "1"} {
		for _, uid := range alertRulesIn(in(datasource)) {
			assert.False(t, seen[uid], uid)
			assert.LessOrEqual(t, len(uid), 40)
			seen[uid] = true
		}
	}
}

// The keys of two teams for one kind of contact are two, though both call it oncall.
func TestTeamsWithContactsOfOneNameHaveVariablesOfTheirOwn(t *testing.T) {
	oncall := []agreement.Contact{{Name: "oncall", Type: "pagerduty", Target: "x"}}
	teams := map[string]*agreement.Team{"data": {Name: "data", Contacts: oncall}, "web-shop": {Name: "web-shop", Contacts: oncall}}
	file, _ := rules.Grafana([]*agreement.Agreement{{Name: "a", Stage: agreement.Active, Provider: "data",
		Escalation: []agreement.EscalationStep{{Notify: "data"}, {After: time.Hour, Notify: "web-shop"}}}}, teams, rules.GrafanaOptions{})
	assert.Equal(t, []string{"PAGERDUTY_KEY_DATA__ONCALL", "PAGERDUTY_KEY_WEB_SHOP__ONCALL"}, file.Variables())
}

func TestWhatProvisioningExpandsIsEscaped(t *testing.T) {
	teams := map[string]*agreement.Team{"ops": {Name: "ops", Contacts: []agreement.Contact{{Name: "mail", Type: "email", Target: "$HOME@example.org"}}}}
	file, _ := rules.Grafana([]*agreement.Agreement{{Name: "a", Stage: agreement.Active, Provider: "ops",
		Escalation: []agreement.EscalationStep{{Notify: "mail"}}}}, teams, rules.GrafanaOptions{Folder: "SLAs in $"})
	assert.Equal(t, "$$HOME@example.org", file.ContactPoints[0].Receivers[0].Settings["addresses"])
	assert.Equal(t, []string{"SLAs in $$", "SLAs in $$"}, []string{file.Groups[0].Folder, file.Groups[1].Folder})
	assert.Empty(t, file.Variables())
}

// Whoever knows an address of Slack or Teams may post, whatever its host is called.
func TestNoSecretAddressIsWritten(t *testing.T) {
	for _, test := range []struct{ kind, target, want string }{
		{"slack", "#ops", ""},
		{"slack", "https://hooks.slack.com/services/s3cret", "$SLACK_URL_OPS"},
		{"slack", "https://hooks.slack.com:443/services/s3cret", "$SLACK_URL_OPS"},
		{"slack", "https://mattermost.example/hooks/s3cret", "$SLACK_URL_OPS"},
		{"teams", "https://default.environment.api.powerplatform.com/powerautomate/s3cret", "$TEAMS_URL_OPS"},
		{"teams", "https://teams.example/s3cret", "$TEAMS_URL_OPS"},
		{"webhook", "https://hooks.Slack.com/services/s3cret", "$WEBHOOK_URL_OPS"},
		{"webhook", "https://hooks.slack.com.:443/services/s3cret", "$WEBHOOK_URL_OPS"},
		{"webhook", "https://x.webhook.office.com:443/s3cret", "$WEBHOOK_URL_OPS"},
		{"webhook", "https://default.environment.api.powerplatform.com/powerautomate/s3cret", "$WEBHOOK_URL_OPS"},
		{"webhook", "https://ops:s3cret@hooks.example/a", "$WEBHOOK_URL_OPS"},
		{"webhook", "https://hooks.example/a?key=s3cret", "$WEBHOOK_URL_OPS"},
		{"webhook", "hooks.example/s3cret", "$WEBHOOK_URL_OPS"},
		{"webhook", "https://hooks.example:8443/a", "https://hooks.example:8443/a"},
	} {
		settings := alertingTo(test.kind, test.target).ContactPoints[0].Receivers[0].Settings
		assert.NotContains(t, fmt.Sprint(settings), "s3cret", test.target)
		if test.want != "" {
			assert.Equal(t, test.want, settings["url"], test.target)
		}
	}
}

// alertingTo returns the alerting of an agreement that escalates to one contact, ops.
func alertingTo(kind, target string) rules.Alerting {
	teams := map[string]*agreement.Team{"ops": {Name: "ops", Contacts: []agreement.Contact{{Name: "ops", Type: kind, Target: target}}}}
	file, _ := rules.Grafana([]*agreement.Agreement{{Name: "a", Stage: agreement.Active, Provider: "ops",
		Escalation: []agreement.EscalationStep{{Notify: "ops"}}}}, teams, rules.GrafanaOptions{})
	return file
}

// A target that is no address by its kind may be one with a key all the same.
func TestASecretTargetIsAVariable(t *testing.T) {
	for kind, target := range map[string]string{
		"opsgenie":  "https://api.opsgenie.com/v1/json/grafana?apiKey=s3cret",
		"pagerduty": "https://events.pagerduty.com/integration/s3cret/enqueue",
		"jira":      "https://ops:s3cret@jira.example",
		"email":     "https://hooks.slack.com/services/s3cret",
	} {
		file := alertingTo(kind, target)
		assert.NotContains(t, fmt.Sprint(file.ContactPoints), "s3cret", kind)
		assert.Contains(t, file.Variables(), "TARGET_OPS", kind)
	}
}

func TestGrafanaFiles(t *testing.T) {
	c := company(t)
	for name, o := range map[string]rules.GrafanaOptions{
		"grafana.yaml":          {Datasource: "accord", Folder: "SLAs"},
		"grafana-policies.yaml": {Datasource: "accord", Folder: "SLAs", Policies: true},
	} {
		file, _ := rules.Grafana(c.Agreements[:3], c.Teams, o)
		text, err := file.Text()
		require.NoError(t, err)
		golden(t, name, text)
	}
}
