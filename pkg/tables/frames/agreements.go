package frames

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Agreements is the catalog as a table, a row an agreement or SLO. An SLO that
// no agreement names has no provider and is of kind SLO.
func Agreements(rows []*agreement.Agreement) *data.Frame {
	text := func(name string, value func(*agreement.Agreement) string) *data.Field {
		return texts(rows, name, value)
	}
	return table("agreements",
		text("agreement", func(a *agreement.Agreement) string { return a.Name }),
		text("display_name", func(a *agreement.Agreement) string { return a.DisplayName }),
		text("kind", kind),
		text("stage", func(a *agreement.Agreement) string { return string(a.Stage) }),
		text("service", func(a *agreement.Agreement) string { return a.Service }),
		text("provider", func(a *agreement.Agreement) string { return a.Provider }),
		text("consumers", func(a *agreement.Agreement) string { return strings.Join(a.Consumers, ", ") }),
		text("objectives", func(a *agreement.Agreement) string {
			names := make([]string, len(a.Objectives))
			for i, o := range a.Objectives {
				names[i] = o.Name
			}
			return strings.Join(names, ", ")
		}),
		text("support_hours", func(a *agreement.Agreement) string {
			if a.SupportHours == nil {
				return ""
			}
			return a.SupportHours.Name
		}),
		instants(rows, "effective_from", func(a *agreement.Agreement) time.Time { return a.Effective.From }),
		instants(rows, "effective_until", func(a *agreement.Agreement) time.Time { return a.Effective.Until }),
		text("labels", func(a *agreement.Agreement) string {
			pairs := make([]string, 0, len(a.Labels))
			for _, name := range sorted(a.Labels) {
				pairs = append(pairs, name+"="+a.Labels[name])
			}
			return strings.Join(pairs, ", ")
		}),
		text("description", func(a *agreement.Agreement) string { return a.Description }),
		text("file", func(a *agreement.Agreement) string { return a.Place.File }),
	)
}

func kind(a *agreement.Agreement) string {
	if a.Provider == "" {
		return "SLO"
	}
	return "Agreement"
}

// sorted are the names of the labels in order.
func sorted(labels map[string]string) []string { return slices.Sorted(maps.Keys(labels)) }
