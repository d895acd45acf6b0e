package httpapi_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/accord-sla/accord/pkg/httpapi"
)

func TestOnlyAdminsMakeCountsForgotten(t *testing.T) {
	for role, status := range map[string]int{"Admin": 200, "Editor": 403, "Viewer": 403, "": 403} {
		handler, _ := writer(t, role)
		answer := send(handler, "POST", "/cache/drop", "")
		assert.Equal(t, status, answer.Code, role)
		health := decoded(t, send(handler, "GET", "/health", ""))
		assert.Equal(t, status == 200, health["cache"].(map[string]any)["mayDrop"], role)
	}
	_, o := writer(t, "")
	o.User = func(context.Context) httpapi.User { return httpapi.User{Role: "Admin"} }
	assert.Equal(t, http.StatusForbidden, send(httpapi.New(*o), "POST", "/cache/drop", "").Code, "nobody is signed in")
}

func TestAStretchToForgetIsChecked(t *testing.T) {
	handler, _ := writer(t, "Admin")
	for query, said := range map[string]string{
		"from=yesterday": `from "yesterday": must be an instant such as`,
		"to=1":           `to "1": must be an instant such as`,
		"from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z": "to 2026-01-01T00:00:00Z: must be after from, 2026-01-02T00:00:00Z",
	} {
		answer := send(handler, "POST", "/cache/drop?"+query, "")
		assert.Equal(t, http.StatusBadRequest, answer.Code, query)
		assert.Contains(t, decoded(t, answer)["error"], said)
	}
	answer := send(handler, "POST", "/cache/drop?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", "")
	check(t, "Cache", decoded(t, send(handler, "GET", "/openapi.json", "")),
		map[string]any{"$ref": "#/components/schemas/Cache"}, decoded(t, answer))
}
