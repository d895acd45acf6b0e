package datasource

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/tables"
)

// problemsInMessage is how many problems of documents the message of Save & test
// has; the details have all.
const problemsInMessage = 3

// CheckHealth is Save & test: which engine answers, how it counts, how far back
// its data reaches, how many documents were read and what is wrong with the
// others.
func (i *Instance) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	health := httpapi.Examine(ctx, i.api)
	details, err := json.Marshal(health)
	if err != nil {
		return nil, err
	}
	result := &backend.CheckHealthResult{Status: backend.HealthStatusOk, JSONDetails: details}
	if health.Connection.Error != "" || health.Documents.Error != "" || health.Documents.Served == 0 {
		result.Status = backend.HealthStatusError
	}
	dir := "the folder of documents"
	if userOf(ctx).Role == "Admin" { // paths of the server are nobody else's business
		dir = i.documents.dir
	}
	result.Message = strings.Join(healthText(health, dir), " ")
	return result, nil
}

// healthText is a sentence each.
func healthText(h httpapi.Health, dir string) []string {
	texts := append([]string{connectionText(h.Connection)}, documentsText(h.Documents, dir)...)
	for _, warning := range h.Warnings {
		texts = append(texts, "Note: "+warning+".")
	}
	return texts
}

func connectionText(c httpapi.Connection) string {
	if c.Error != "" {
		return "Prometheus: " + c.Error + "."
	}
	text := fmt.Sprintf("%s answers, counting by the method %s in slots of %s", strings.TrimSpace(c.Engine+" "+c.Version), c.Method, c.Resolution)
	if c.Oldest != nil {
		text += "; its data reaches back to " + c.Oldest.UTC().Format("2 January 2006")
	}
	return text + "."
}

func documentsText(d httpapi.Documents, dir string) []string {
	var texts, errors []string
	for _, p := range d.Problems {
		if p.Severity == problem.Error {
			errors = append(errors, p.String())
		}
	}
	switch {
	case d.Error != "" && d.Stale:
		texts = append(texts, "Documents: "+d.Error+"; those from before are in force.")
	case d.Error != "":
		return []string{"Documents: " + d.Error + "."}
	case d.Served == 0 && len(errors) == 0:
		return []string{fmt.Sprintf("There are no documents in %s: put agreements and SLOs there as YAML files.", dir)}
	}
	texts = append(texts, d.Text())
	if len(errors) == 0 {
		return texts
	}
	first := errors[:min(problemsInMessage, len(errors))]
	text := fmt.Sprintf("%s: %s", tables.Plural(len(errors), "error"), strings.Join(first, "; "))
	if more := len(errors) - len(first); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return append(texts, text+".")
}

// userOf is who Grafana says asks. Alerting and other work of Grafana itself
// comes without a user.
func userOf(ctx context.Context) httpapi.User {
	user := backend.UserFromContext(ctx)
	if user == nil {
		return httpapi.User{}
	}
	return httpapi.User{Login: user.Login, Email: user.Email, Role: user.Role}
}

// resources serves those of the pages, and the names for the editors, to
// Grafana. Grafana tells the path decoded and
// the URL not; the SDK takes the path for encoded, so that a name with ? or %
// would be cut or refused.
func (i *Instance) resources() backend.CallResourceHandler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /names", i.names)
	mux.Handle("/", httpapi.New(i.api))
	handler := httpadapter.New(mux)
	return backend.CallResourceHandlerFunc(func(ctx context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
		if parsed, err := url.Parse(req.URL); err == nil && parsed.Path != "" {
			encoded := *req
			encoded.Path = parsed.EscapedPath()
			req = &encoded
		}
		return handler.CallResource(ctx, req, sender)
	})
}
