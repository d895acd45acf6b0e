package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/catalog"
)

func TestSecretsAreHiddenWhereverTheyStand(t *testing.T) {
	for name, text := range map[string]string{
		"connection details":                     "kind: DataSource\nspec:\n  type: Datadog\n  connectionDetails: {apiKey: TOP-SECRET}\n",
		"of a metric source, in a list":          "- spec:\n    total: {dataSourceSpec: {type: x, connectionDetails: {nested: [a, {k: TOP-SECRET}]}}}\n",
		"a plain text for connection details":    "spec: {connectionDetails: 'token TOP-SECRET'}\n",
		"a webhook":                              "spec:\n  contacts:\n    - {name: hook, type: webhook, target: https://example.org/TOP-SECRET}\n",
		"Teams, the target before the type":      "spec:\n  contacts:\n    - {target: https://example.org/TOP-SECRET, type: teams, name: t}\n",
		"Slack by its address":                   "spec:\n  contacts:\n    - {name: s, type: slack, target: https://hooks.slack.com/TOP-SECRET}\n",
		"the second of two documents":            "kind: Service\n---\nspec: {connectionDetails: {key: TOP-SECRET}}\n",
		"behind an anchor":                       "metadata: {annotations: {note: &key TOP-SECRET}}\nspec: {connectionDetails: {apiKey: *key}}\n",
		"in a comment too":                       "# apiKey: TOP-SECRET\nspec: {connectionDetails: {apiKey: TOP-SECRET}} # TOP-SECRET\n",
		"in documents of an annotation":          "metadata:\n  annotations:\n    accord/documents: |\n      kind: DataSource\n      spec: {connectionDetails: {apiKey: TOP-SECRET}}\n",
		"in an annotation that cannot be read":   "metadata:\n  annotations:\n    accord/documents: |\n      spec: {connectionDetails: {apiKey: TOP-SECRET\n",
		"a type in another case":                 "spec:\n  contacts:\n    - {name: hook, type: Webhook, target: TOP-SECRET}\n    - {name: s, type: Slack, target: https://hooks.slack.com/TOP-SECRET}\n",
		"no type":                                "spec:\n  contacts:\n    - {name: s, target: https://hooks.slack.com/TOP-SECRET}\n",
		"a list of types":                        "spec:\n  contacts:\n    - {name: s, type: [slack], target: [https://hooks.slack.com/TOP-SECRET]}\n",
		"a second type":                          "spec:\n  contacts:\n    - {name: s, type: slack, Type: jira, target: https://hooks.slack.com/TOP-SECRET}\n",
		"a target in another case":               "spec:\n  contacts:\n    - {name: hook, type: webhook, tarGet: https://example.org/TOP-SECRET}\n",
		"misspelled fields":                      "spec:\n  contacts:\n    - {name: hook, tpye: webhook, taget: https://example.org/TOP-SECRET}\n---\nspec: {conectionDetails: {apiKey: TOP-SECRET}}\n",
		"an address to notify":                   "spec:\n  escalation: [{after: 0m, notify: 'https://hooks.slack.com/TOP-SECRET'}]\n",
		"addresses to notify":                    "spec:\n  escalation: [{after: 0m, notify: ['https://hooks.slack.com/TOP-SECRET']}]\n",
		"an address in place of an escalation":   "spec:\n  escalation: 'https://hooks.slack.com/TOP-SECRET'\n",
		"an address in place of a step":          "spec:\n  escalation: ['https://hooks.slack.com/TOP-SECRET', {'https://hooks.slack.com/TOP-SECRET': a}]\n",
		"an address in a field that is none":     "spec:\n  contacts:\n    - {name: hook, type: webhook, url: https://example.org/TOP-SECRET}\n",
		"an address in place of a contact":       "spec:\n  contacts:\n    - https://hooks.slack.com/TOP-SECRET\n",
		"an address in place of a type":          "spec:\n  contacts:\n    - {name: hook, type: 'https://hooks.slack.com/TOP-SECRET'}\n",
		"one without https:// for a contact":     "spec:\n  contacts:\n    - hooks.slack.com/services/TOP-SECRET\n    - {name: hooks.slack.com/services/TOP-SECRET}\n",
		"one without https:// to notify":         "spec:\n  escalation: [{after: 0m, notify: hooks.slack.com/services/TOP-SECRET}]\n",
		"one with a password for a contact":      "spec: {contacts: ['u:TOP-SECRET@host']}\n",
		"an address in place of the contacts":    "spec: {contacts: 'https://hooks.slack.com/TOP-SECRET'}\n",
		"an address in place of a name":          "spec:\n  contacts:\n    - {name: 'https://hooks.slack.com/TOP-SECRET'}\n",
		"an address in place of a field":         "spec:\n  contacts:\n    - {'https://hooks.slack.com/TOP-SECRET': a}\n    - {name: a, more: {'https://hooks.slack.com/TOP-SECRET': b}}\n",
		"an address for which a contact stands":  "spec:\n  contacts:\n    'https://hooks.slack.com/TOP-SECRET': {type: slack}\n",
		"an address in a contact by an alias":    "x: &c {'https://hooks.slack.com/TOP-SECRET': a}\nspec: {contacts: [*c]}\n",
		"two targets":                            "spec:\n  contacts:\n    - {name: hook, type: webhook, target: https://example.org/TOP-SECRET, Target: TOP-SECRET}\n",
		"a contact merged into another":          "spec:\n  contacts:\n    - &b {name: a, type: jira, target: https://hooks.slack.com/TOP-SECRET}\n    - {<<: *b, name: b, type: slack}\n",
		"a merged type":                          "spec:\n  contacts:\n    - &b {name: a, type: webhook}\n    - {<<: *b, target: https://example.org/TOP-SECRET}\n",
		"details in another case":                "spec: {connectiondetails: {apiKey: TOP-SECRET}}\n",
		"an address with a password":             "spec:\n  contacts:\n    - {name: j, type: jira, target: 'https://u:TOP-SECRET@jira'}\n    - {name: o, type: opsgenie, target: 'u:TOP-SECRET@host'}\n",
		"an address with a key":                  "spec:\n  contacts:\n    - {name: o, type: opsgenie, target: 'https://api.opsgenie.com/v1/json/grafana?apiKey=TOP-SECRET'}\n    - {name: p, type: pagerduty, target: 'https://events.pagerduty.com/integration/TOP-SECRET/enqueue'}\n",
		"an address of an e-mail contact":        "spec:\n  contacts:\n    - {name: m, type: email, target: https://hooks.slack.com/TOP-SECRET}\n",
		"the address as a member of another map": "spec:\n  contacts:\n    - {name: hook, type: webhook, target: TOP-SECRET}\n  note: see TOP-SECRET\n",
	} {
		t.Run(name, func(t *testing.T) {
			shown, err := catalog.WithoutSecrets([]byte(text))
			require.NoError(t, err)
			assert.NotContains(t, string(shown), "TOP-SECRET")
			assert.Contains(t, string(shown), catalog.Hidden)
		})
	}
}

func TestATextWithoutSecretsStaysAsItIs(t *testing.T) {
	for _, text := range []string{
		"", "# only a comment\n", "a:   1   # as typed\n---\n- [x,  y]\n",
		"spec:\n  contacts:\n    - {name: mail, type: email, target: a@example.org}\n    - {name: room, type: slack, target: '#payments'}\n    - {name: j, type: jira, target: 'https://jira.example.org/x'}\n",
		"spec:\n  links: [{title: Runbook, url: 'https://wiki.example.org/x'}]\n  contacts: [{name: j, type: jira, url: 'https://jira.example.org/x'}]\n",
		"spec:\n  objectives: [{target: 0.99}, {target: 99%}]\n---\nspec: {target: slack}\n",
	} {
		shown, err := catalog.WithoutSecrets([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, text, string(shown))
	}
	_, err := catalog.WithoutSecrets([]byte("spec: {connectionDetails: TOP-SECRET"))
	require.Error(t, err, "what cannot be read is not shown")
	assert.NotContains(t, err.Error(), "TOP-SECRET")
}

// A text that holds itself by an alias is refused, not followed for ever.
func TestATextThatHoldsItselfIsRefused(t *testing.T) {
	_, err := catalog.WithoutSecrets([]byte("spec: &all {connectionDetails: " + strings.Repeat("[", 3) + "*all" + strings.Repeat("]", 3) + "}\n"))
	require.Error(t, err)
}

// Problems are seen by all, on the pages and on the command line.
func TestNoProblemRepeatsAnAddressOfAContact(t *testing.T) {
	for _, address := range []string{"'https://hooks.slack.com/TOP-SECRET'", "hooks.slack.com/services/TOP-SECRET", "'u:TOP-SECRET@host'"} {
		noProblemRepeats(t, address)
	}
}

func noProblemRepeats(t *testing.T, address string) {
	const team, agreement = "kind: Team\nmetadata: {name: t}\nspec: {contacts: ", "kind: Agreement\nmetadata: {name: a}\nspec: {escalation: "
	for _, document := range []string{
		team + "[" + address + "]", team + "[{name: " + address + ", type: slack}]", team + "[{name: a, type: " + address + "}]",
		team + "[{" + address + ": a}]", team + address, team + "{" + address + ": a}", "kind: Team\nmetadata: {name: t, contacts: [" + address + "], escalation: " + address + ", notify: {" + address + ": a}",
		agreement + address, agreement + "[" + address + "]", agreement + "[{notify: " + address + "}]", agreement + "[{" + address + ": a}]",
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "team.yaml"), []byte("apiVersion: accord/v1\n"+document+"}\n"), 0o600))
		c, err := catalog.Load(t.Context(), dir, catalog.Options{})
		require.NoError(t, err)
		require.NotEmpty(t, c.Problems)
		assert.NotContains(t, fmt.Sprint(c.Problems), "TOP-SECRET", document)
	}
}
