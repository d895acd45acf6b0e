package httpapi

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/draft"
	"github.com/accord-sla/accord/pkg/wire"
)

// maxOffers is how many values are offered at once.
const maxOffers = 200

// Offers are values that a field of a form may take: of many
// the first that the search finds.
type Offers struct {
	Offers []Offer `json:"offers"`
	// Suggested are matchers that the bad events of a metric with these labels may
	// have.
	Suggested []draft.Matcher `json:"suggested"`
}

// Offer is one of them.
type Offer struct {
	Value string `json:"value"`
	// Label is how people call it, where that differs.
	Label string `json:"label,omitempty"`
}

// offers answers with the values of what the parameter `of` names in which all
// words of `search` are.
func (h *handlers) offers(r *http.Request, c *catalog.Catalog) (any, error) {
	query := r.URL.Query()
	var named []Offer
	switch of := query.Get("of"); of {
	case "service":
		named = each(c.Services, func(s *agreement.Service) Offer { return Offer{s.Name, s.DisplayName} })
	case "team":
		named = each(c.Teams, func(t *agreement.Team) Offer { return Offer{t.Name, t.DisplayName} })
	case "calendar":
		named = each(c.Calendars, func(c *agreement.Calendar) Offer { return Offer{c.Name, c.DisplayName} })
	case "slo":
		named = wire.Each(c.AllSLOs, func(s *agreement.SLO) Offer { return Offer{s.Name, s.DisplayName} })
	case "agreement":
		named = wire.Each(c.Agreements, func(a *agreement.Agreement) Offer { return Offer{a.Name, a.DisplayName} })
	case "counter", "histogram", "label", "value":
		return h.ofPrometheus(r.Context(), of, query)
	default:
		return nil, badRequest("of %q: must be one of service, team, calendar, slo, agreement, counter, histogram, label, value", of)
	}
	searched := list[Offer]{text: func(o Offer) string { return o.Value + " " + o.Label }}.keep(query, named, "")
	return Offers{wire.List(searched[:min(len(searched), maxOffers)]), []draft.Matcher{}}, nil
}

func each[T any](values map[string]T, offer func(T) Offer) []Offer {
	return wire.Each(slices.Sorted(maps.Keys(values)), func(name string) Offer { return offer(values[name]) })
}

// ofPrometheus offers what Prometheus has: for those who may write, since others
// may not be meant to see it.
func (h *handlers) ofPrometheus(ctx context.Context, of string, query url.Values) (any, error) {
	if _, err := h.editor(ctx); err != nil {
		return nil, err
	}
	metric, label := query.Get("metric"), query.Get("label")
	offered := draft.Offered{Client: h.Client, At: h.Present(), Search: query.Get("search"), Limit: maxOffers}
	var names []string
	var err error
	answer := Offers{Suggested: []draft.Matcher{}}
	switch {
	case of == "counter":
		names, err = offered.Metrics(ctx, draft.Events)
	case of == "histogram":
		names, err = offered.Metrics(ctx, draft.Latency)
	case metric == "":
		return nil, badRequest("metric: is required for %ss", of)
	case of == "label":
		names, err = offered.Labels(ctx, metric)
		answer.Suggested = wire.List(draft.BadMatchers(names))
	case label == "":
		return nil, badRequest("label: is required for values")
	default:
		names, err = offered.Values(ctx, metric, label)
	}
	answer.Offers = wire.Each(names, func(name string) Offer {
		if of == "histogram" {
			return Offer{name, strings.TrimSuffix(name, "_bucket")}
		}
		return Offer{Value: name}
	})
	return answer, err
}
