package agreement

import (
	"regexp"
	"strings"
)

// Contact is a way to reach a team. Type is one of email, slack, opsgenie,
// jira, pagerduty, teams, webhook.
type Contact struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Target string `json:"target"`
}

// HasSecretTarget reports whether anyone who knows the target can act in the team's name:
// the URL of a webhook or channel, or one with a password or key, but not the name of a
// channel. For an unknown type, such as a misspelled one, it returns true.
func (c Contact) HasSecretTarget() bool {
	switch c.Type {
	case "", "slack":
		return IsAddress(c.Target)
	case "email":
		return strings.Contains(c.Target, "/")
	case "opsgenie", "jira", "pagerduty":
		return hasPassword(c.Target) || strings.Contains(c.Target, "?") || strings.Contains(c.Target, "/integration/")
	}
	return true
}

// IsAddress reports whether a text of contacts or an escalation is an address, so secret
// wherever it stands there: that of a channel, with or without https://, or one with a password.
func IsAddress(text string) bool { return strings.Contains(text, "/") || hasPassword(text) }

func hasPassword(text string) bool {
	user, _, found := strings.Cut(text, "@")
	return found && strings.Contains(user, ":")
}

var (
	ofAddresses = regexp.MustCompile(`^(.*?\.)?(contacts|escalation|notify)(\[\d+\])?(\.|$)`)
	address     = regexp.MustCompile(`"?[^\s"]*(/|:[^\s"]*@)[^\s"]*"?`)
)

// OfAddresses returns the beginning of a field's path up to a field that may hold addresses, if any.
func OfAddresses(path string) string { return ofAddresses.FindString(path) }

// WithoutAddresses returns a text for everybody without the addresses in it.
func WithoutAddresses(text string) string { return address.ReplaceAllString(text, "(an address)") }

// ShownContacts returns the contacts as everybody may see them: a target is empty if
// it is secret, in this contact or another.
func (t *Team) ShownContacts() []Contact {
	secret := map[string]bool{}
	for _, contact := range t.Contacts {
		secret[contact.Target] = secret[contact.Target] || contact.HasSecretTarget()
	}
	shown := make([]Contact, len(t.Contacts))
	for i, contact := range t.Contacts {
		if shown[i] = contact; secret[contact.Target] {
			shown[i].Target = ""
		}
	}
	return shown
}
