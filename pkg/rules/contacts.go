package rules

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
)

type (
	contactPoint struct {
		OrgID     int        `yaml:"orgId"`
		Name      string     `yaml:"name"`
		Receivers []receiver `yaml:"receivers"`
	}
	receiver struct {
		UID      string         `yaml:"uid"`
		Type     string         `yaml:"type"`
		Settings map[string]any `yaml:"settings"`
	}
)

// receiver returns the contact point of a team or contact that an escalation names, empty if there is none.
func (x *grafanaExporter) receiver(a *agreement.Agreement, notify string) string {
	if team, ok := x.teams[notify]; ok {
		if len(team.Contacts) == 0 {
			x.losses.Add(team.Place, "Team "+team.Name, "has no contacts, so alerts of Agreement %s for it go where the policies say", a.Name)
			return ""
		}
		return x.point("Team "+team.Name, team.Name, team.Contacts)
	}
	if contact, ok := x.contacts[notify]; ok {
		return x.point(contact.Name, "", []agreement.Contact{contact})
	}
	return ""
}

// point returns the name of the contact point of the contacts, which are those of a team or the one of any.
func (x *grafanaExporter) point(name, team string, contacts []agreement.Contact) string {
	if _, known := x.points[name]; known {
		return name
	}
	point, prefix := contactPoint{OrgID: 1, Name: name}, "accord-"
	if team != "" {
		prefix += "team-" + team + "-"
	}
	for _, contact := range contacts {
		own := contact.Name
		if x.common[own] {
			own = team + "__" + own
		}
		point.Receivers = append(point.Receivers, receiver{
			UID: uid(x.receiverUIDs.Add(prefix+contact.Name, anotherUID)), Type: contact.Type, Settings: settings(contact, own),
		})
	}
	x.points[name] = point
	return name
}

func (x *grafanaExporter) contactPoints() []contactPoint {
	var all []contactPoint
	for _, name := range slices.Sorted(maps.Keys(x.points)) {
		all = append(all, x.points[name])
	}
	return all
}

// The severity of an alert in terms of PagerDuty and Jira.
const (
	pagerDutySeverity = `{{ if eq .CommonLabels.severity "page" }}critical{{ else }}warning{{ end }}`
	jiraPriority      = `{{ if eq .CommonLabels.severity "page" }}High{{ else }}Medium{{ end }}`
)

// settings returns the settings of a receiver. Secrets are environment variables that Grafana expands,
// which end with the name own.
func settings(c agreement.Contact, own string) map[string]any {
	target := escapeSetting(c.Target)
	if c.HasSecretTarget() {
		target = secret(own, "TARGET")
	}
	switch c.Type {
	case "email":
		return map[string]any{"addresses": target, "singleEmail": true}
	case "slack":
		if c.HasSecretTarget() {
			return map[string]any{"url": secret(own, "SLACK_URL")}
		}
		return map[string]any{"recipient": target, "token": "$SLACK_TOKEN"}
	case "opsgenie":
		return map[string]any{
			"apiKey": secret(own, "OPSGENIE_API_KEY"), "apiUrl": "https://api.opsgenie.com/v2/alerts",
			"responders": []any{map[string]any{"type": "team", "name": target}}, "autoClose": true, "sendTagsAs": "both",
		}
	case "jira":
		return map[string]any{
			"api_url": "$JIRA_API_URL", "user": "$JIRA_USER", "password": "$JIRA_API_TOKEN",
			"project": target, "issue_type": "Task", "priority": jiraPriority,
		}
	case "pagerduty":
		return map[string]any{"integrationKey": secret(own, "PAGERDUTY_KEY"), "severity": pagerDutySeverity, "component": target}
	case "teams":
		return map[string]any{"url": secret(own, "TEAMS_URL")}
	}
	return map[string]any{"url": webhook(c, own), "httpMethod": "POST"}
}

// secretHosts matches the hosts of Slack and Teams, where anyone who knows a URL can post.
var secretHosts = regexp.MustCompile(`(?i)(slack|office|logic\.azure|powerplatform)\.com\.?$`)

// webhook returns the contact's URL, or an environment variable if the URL may be a secret.
func webhook(c agreement.Contact, own string) string {
	u, err := url.Parse(c.Target)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || secretHosts.MatchString(u.Hostname()) {
		return secret(own, "WEBHOOK_URL")
	}
	return escapeSetting(c.Target)
}

var notInVariable = regexp.MustCompile(`[^A-Z0-9]`)

func secret(own, variable string) string {
	return "$" + variable + "_" + notInVariable.ReplaceAllString(strings.ToUpper(own), "_")
}

var variable = regexp.MustCompile(`^\$[A-Z][A-Z0-9_]*$`)

// Variables returns the names of the environment variables that Grafana must have, sorted.
func (a Alerting) Variables() []string {
	names := map[string]bool{}
	for _, point := range a.ContactPoints {
		for _, receiver := range point.Receivers {
			addVariables(names, receiver.Settings)
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func addVariables(names map[string]bool, setting any) {
	switch setting := setting.(type) {
	case map[string]any:
		for _, value := range setting {
			addVariables(names, value)
		}
	case []any:
		for _, value := range setting {
			addVariables(names, value)
		}
	case string:
		if variable.MatchString(setting) {
			names[strings.TrimPrefix(setting, "$")] = true
		}
	}
}
