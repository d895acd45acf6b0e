package datasource

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/wire"
)

// Names are what a filter or a template variable offers.
type Names struct {
	// Names are sorted; the first of them, where there are more than maxNames.
	Names []wire.Named `json:"names"`
	// Empty says that the catalog has neither agreements nor SLOs.
	Empty bool `json:"empty"`
}

// maxNames bounds the names of an answer.
const maxNames = 10_000

// names answers with the values that the agreements have for the filter which the
// parameter of names. Of the agreements those count that the other filters keep,
// which are parameters by their names, and of the values those that hold the text
// of the parameter search.
func (i *Instance) names(w http.ResponseWriter, r *http.Request) {
	answer, status := Names{}, http.StatusOK
	c, err := i.documents.Now(r.Context())
	if err != nil {
		status = http.StatusServiceUnavailable
	} else if answer, err = namesIn(c, r.URL.Query()); err != nil {
		status = http.StatusBadRequest
	}
	var value any = answer
	if err != nil {
		value = map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // whoever asked may have gone
}

func namesIn(c *catalog.Catalog, query map[string][]string) (Names, error) {
	of, search := "", ""
	if len(query["of"]) > 0 {
		of = query["of"][0]
	}
	if len(query["search"]) > 0 {
		search = strings.ToLower(query["search"][0])
	}
	at := slices.IndexFunc(dimensions, func(d dimension) bool { return d.field == of })
	fields := wire.Each(dimensions, func(d dimension) string { return d.field })
	if at < 0 {
		return Names{}, badQueryf("of %q: must be one of %s%s", of, strings.Join(fields, ", "), problem.DidYouMean(of, fields))
	}
	kept := filters{}
	for _, field := range fields {
		var err error
		if kept[field], err = newFilter(field, query[field]); err != nil {
			return Names{}, err
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

// displayName is what people know the value of an agreement by.
func displayName(c *catalog.Catalog, of string, a *agreement.Agreement, name string) string {
	switch of {
	case "agreements":
		return a.DisplayName
	case "objectives":
		if i := slices.IndexFunc(a.Objectives, func(o *agreement.Objective) bool { return o.Name == name }); i >= 0 {
			return a.Objectives[i].DisplayName
		}
	case "services":
		if service := c.Services[name]; service != nil {
			return service.DisplayName
		}
	case "providers", "consumers":
		if team := c.Teams[name]; team != nil {
			return team.DisplayName
		}
	}
	return ""
}
