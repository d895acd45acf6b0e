package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/httpapi"
)

// join makes people the members of a team.
func join(t *testing.T, handler http.Handler, team, members string) {
	t.Helper()
	read := send(handler, "GET", "/documents/Team/"+team, "")
	text := strings.Replace(read.Body.String(), "spec:\n", "spec:\n  members: ["+members+"]\n", 1)
	put := send(handler, "PUT", "/documents/Team/"+team, text, "If-Match", read.Header().Get("ETag"))
	require.Equal(t, http.StatusOK, put.Code, put.Body)
}

// put writes a document as it is in the folder, or anew, with the text changed.
func put(t *testing.T, handler http.Handler, path string, change func(string) string) (status int, said string) {
	t.Helper()
	read := send(handler, "GET", path, "")
	condition := []string{"If-Match", read.Header().Get("ETag")}
	if read.Code == http.StatusNotFound {
		condition = []string{"If-None-Match", "*"}
		read.Body.Reset()
	}
	answer := send(handler, "PUT", path, change(read.Body.String()), condition...)
	return answer.Code, answer.Body.String()
}

func replacing(old, new string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, new, 1) }
}

func TestOnlyMembersApproveAnExclusion(t *testing.T) {
	handler, o := writer(t, "Editor")
	const path = "/documents/Exclusion/proposed"
	whole := func(string) string { return excluded }
	proposed := func(string) string { return strings.Replace(excluded, "  approvedBy: checkout\n", "", 1) }

	status, said := put(t, handler, path, whole)
	assert.Equal(t, http.StatusForbidden, status)
	assert.Contains(t, said, "to approve the exclusion for checkout takes a member of the team, and anna is not among the members of checkout")
	status, said = put(t, handler, path, proposed)
	require.Equal(t, http.StatusCreated, status, said)
	status, _ = put(t, handler, path, whole)
	assert.Equal(t, http.StatusForbidden, status)

	join(t, handler, "checkout", "ben, Carla@example.org")
	for login, email := range map[string]string{"BEN": "", "carla": "carla@example.org"} {
		o.User = func(context.Context) httpapi.User { return httpapi.User{Login: login, Email: email, Role: "Editor"} }
		member := httpapi.New(*o)
		status, said = put(t, member, path, whole)
		require.Equal(t, http.StatusOK, status, said)
		status, said = put(t, member, path, replacing("reason: Upgrade", "reason: Upgrade of the database"))
		require.Equal(t, http.StatusOK, status, said)
	}

	// Others may neither stretch what was approved nor keep from naming it.
	status, said = put(t, handler, path, replacing("to: 2026-11-07T02:45:00Z", "to: 2026-12-07T02:45:00Z"))
	assert.Equal(t, http.StatusForbidden, status, said)
	status, said = put(t, handler, path, replacing("metadata: {name: proposed}", "metadata: {name: proposed, displayName: Upgrade}"))
	assert.Equal(t, http.StatusOK, status, said)
	// Nor take it back, which would change the figures; a member may.
	status, said = put(t, handler, path, replacing("  approvedBy: checkout\n", ""))
	assert.Equal(t, http.StatusForbidden, status, said)
	o.User = func(context.Context) httpapi.User { return httpapi.User{Login: "ben", Role: "Editor"} }
	status, said = put(t, httpapi.New(*o), path, replacing("  approvedBy: checkout\n", ""))
	assert.Equal(t, http.StatusOK, status, said)
}

func TestOnlyMembersSignAndApproveRevisions(t *testing.T) {
	handler, o := writer(t, "Editor")
	const path = "/documents/Agreement/none"
	signed := replacing("spec:\n", "spec:\n  signatures: [{team: checkout, name: Head of Checkout, on: 2026-10-01}]\n")
	revised := replacing("slo: api-availability}", "slo: api-availability, revisions: [{from: 2026-10-01, target: 0.99, approvedBy: [payments]}]}")
	status, said := put(t, handler, path, signed)
	assert.Equal(t, http.StatusForbidden, status)
	assert.Contains(t, said, "to sign for checkout takes a member")
	status, said = put(t, handler, path, revised)
	assert.Equal(t, http.StatusForbidden, status)
	assert.Contains(t, said, "to approve a revision for payments takes a member")

	join(t, handler, "checkout", "anna")
	status, said = put(t, handler, path, signed)
	require.Equal(t, http.StatusOK, status, said)
	// What is signed stays so when others change the rest, which is not what
	// makes the figures: that takes a member, whatever the role.
	o.User = func(context.Context) httpapi.User { return httpapi.User{Login: "ben", Role: "Admin"} }
	handler = httpapi.New(*o)
	status, said = put(t, handler, path, replacing("metadata: {name: none}", "metadata: {name: none, displayName: None}"))
	assert.Equal(t, http.StatusOK, status, said)
	status, said = put(t, handler, path, replacing("timeZone: UTC", "timeZone: Europe/Berlin"))
	assert.Equal(t, http.StatusForbidden, status, said)
	assert.Contains(t, said, "the time zone of none takes a member of one of its parties, and ben is not among the members of payments or checkout")
	o.User = func(context.Context) httpapi.User { return httpapi.User{Login: "anna", Role: "Editor"} }
	status, said = put(t, httpapi.New(*o), path, replacing("timeZone: UTC", "timeZone: Europe/Berlin"))
	assert.Equal(t, http.StatusOK, status, said)
}

func TestOnlyMembersAndAdminsMakeMembers(t *testing.T) {
	handler, o := writer(t, "Editor")
	join(t, handler, "checkout", "ben")
	const path = "/documents/Team/checkout"
	status, said := put(t, handler, path, replacing("[ben]", "[ben, anna]"))
	assert.Equal(t, http.StatusForbidden, status)
	assert.Contains(t, said, "to change the members of checkout takes a member of the team")
	status, said = put(t, handler, path, replacing("metadata: {name: checkout}", "metadata: {name: checkout, displayName: Checkout}"))
	assert.Equal(t, http.StatusOK, status, said)
	for login, role := range map[string]string{"ben": "Editor", "root": "Admin"} {
		o.User = func(context.Context) httpapi.User { return httpapi.User{Login: login, Role: role} }
		status, said = put(t, httpapi.New(*o), path, replacing("[ben", "[ben, "+role))
		assert.Equal(t, http.StatusOK, status, said)
	}
}
