package datasource

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/httpapi"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// problemsInMessage is how many problems Save & test shows; the details have all.
const problemsInMessage = 3

// CheckHealth is Save & test: it reports the server, the method, the oldest data, and the documents.
func (i *Instance) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	health := i.api.Examine(ctx)
	details, _ := json.Marshal(health) // of texts, times and counts, which can be written
	result := &backend.CheckHealthResult{Status: backend.HealthStatusOk, JSONDetails: details}
	if health.Connection.Error != "" || health.Documents.Error != "" || health.Documents.Agreements+health.Documents.SLOs == 0 {
		result.Status = backend.HealthStatusError
	}
	dir := "the folder of documents"
	if userOf(ctx).Role == "Admin" { // paths of the server are nobody else's business
		dir = i.api.Folder.Dir
	}
	result.Message = strings.Join(healthText(health, dir), " ")
	return result, nil
}

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
	text := fmt.Sprintf("%s answers, counting by the method %s in slots of %s", prometheus.Server{Name: c.Engine, Version: c.Version}, c.Method, c.Resolution)
	if c.ReadRefusal != "" {
		text += ", since remote read is refused: " + c.ReadRefusal
	}
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
	first := tables.Some(problemsInMessage, errors, "; ", "; and")
	return append(texts, tables.Plural(len(errors), "error")+": "+first+".")
}

// userOf returns the user of a call; alerting and other work of Grafana itself has none.
func userOf(ctx context.Context) httpapi.User {
	user := cmp.Or(backend.UserFromContext(ctx), &backend.User{})
	return httpapi.User{Login: user.Login, Email: user.Email, Role: user.Role}
}

// resources serves the API of the pages and the names. Grafana passes the path decoded but the URL
// encoded. The SDK takes the path as encoded, so that a name with ? or % would be cut or refused.
func (i *Instance) resources() backend.CallResourceHandler {
	mux := http.NewServeMux()
	mux.Handle("GET /names", httpapi.Reply(i.names))
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

// Names are the options of a filter or a template variable.
type Names struct {
	// Names are sorted and limited to the first maxNames.
	Names []wire.Named `json:"names"`
	// Empty says that the catalog has neither agreements nor SLOs.
	Empty bool `json:"empty"`
}

const maxNames = 10_000

// names returns the values of the dimension `of` that contain the text `search`, of the agreements
// that match the other filters, each given by the parameter of its name.
func (i *Instance) names(r *http.Request) (any, error) {
	c, err := i.documents.Now(r.Context())
	if err != nil {
		return nil, err
	}
	query := r.URL.Query()
	of, search := query.Get("of"), strings.ToLower(query.Get("search"))
	at := slices.IndexFunc(dimensions, func(d dimension) bool { return d.field == of })
	fields := wire.Each(dimensions, func(d dimension) string { return d.field })
	if at < 0 {
		return nil, badQueryf("of %q: must be one of %s%s", of, strings.Join(fields, ", "), problem.DidYouMean(of, fields))
	}
	kept := filters{}
	for _, field := range fields {
		if kept[field], err = newFilter(field, query[field]); err != nil {
			return nil, err
		}
	}
	kept[of] = filter{}
	all, found := c.All(), map[string]string{}
	for _, a := range all {
		if !kept.keeps(a) {
			continue
		}
		for _, name := range dimensions[at].values(a) {
			found[name] = cmp.Or(found[name], displayName(c, of, a, name))
		}
	}
	delete(found, "")
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(found)), func(name string) bool {
		return !strings.Contains(strings.ToLower(name+"\n"+found[name]), search)
	})
	names = names[:min(len(names), maxNames)]
	return Names{wire.Each(names, func(name string) wire.Named { return wire.Named{Name: name, DisplayName: found[name]} }), len(all) == 0}, nil
}

func displayName(c *catalog.Catalog, of string, a *agreement.Agreement, name string) string {
	switch of {
	case "agreements":
		return a.DisplayName
	case "objectives":
		if i := slices.IndexFunc(a.Objectives, func(o *agreement.Objective) bool { return o.Name == name }); i >= 0 {
			return a.Objectives[i].DisplayName
		}
	case "services":
		return cmp.Or(c.Services[name], &agreement.Service{}).DisplayName
	case "providers", "consumers":
		return cmp.Or(c.Teams[name], &agreement.Team{}).DisplayName
	}
	return ""
}
