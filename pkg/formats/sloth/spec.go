package sloth

import (
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
)

// The documents as they are written. Where the resource spells a field
// differently, the types have it in the tag of this name.
const resourceDialect = "resource"

// resourcePaths turns the paths of Sloth's own form into those of the resource.
var resourcePaths = strings.NewReplacer(
	"service", "spec.service", "slos", "spec.slos", "slo_plugins", "spec.sloPlugins",
	"error_ratio_query", "errorRatioQuery", "error_query", "errorQuery", "total_query", "totalQuery",
	"page_alert", "pageAlert", "ticket_alert", "ticketAlert",
)

type (
	file struct {
		Version    string `yaml:"version"`
		definition `yaml:",inline"`
	}
	definition struct {
		Service    string                    `yaml:"service" check:"required"`
		Labels     map[string]document.Plain `yaml:"labels"`
		SLOPlugins *plugins                  `yaml:"slo_plugins" resource:"sloPlugins"`
		SLOs       []slo                     `yaml:"slos"`
	}
	slo struct {
		Name        string                    `yaml:"name" check:"required"`
		Description string                    `yaml:"description"`
		Objective   *float64                  `yaml:"objective"`
		Labels      map[string]document.Plain `yaml:"labels"`
		Plugins     *plugins                  `yaml:"plugins"`
		SLI         indicator                 `yaml:"sli"`
		Alerting    alerting                  `yaml:"alerting"`
	}
	plugins struct {
		OverridePrevious bool `yaml:"overridePrevious"`
		Chain            []struct {
			ID       string            `yaml:"id"`
			Config   document.Anything `yaml:"config"`
			Priority *float64          `yaml:"priority"`
		} `yaml:"chain"`
	}
	indicator struct {
		Raw *struct {
			ErrorRatioQuery string `yaml:"error_ratio_query" resource:"errorRatioQuery"`
		} `yaml:"raw"`
		Events *events `yaml:"events"`
		Plugin *struct {
			ID      string                    `yaml:"id"`
			Options map[string]document.Plain `yaml:"options"`
		} `yaml:"plugin"`
	}
	events struct {
		ErrorQuery string `yaml:"error_query" resource:"errorQuery"`
		TotalQuery string `yaml:"total_query" resource:"totalQuery"`
	}
	alerting struct {
		Name        string                    `yaml:"name" lost:"has no place: alerts are named after agreement and objective"`
		Labels      map[string]document.Plain `yaml:"labels"`
		Annotations map[string]document.Plain `yaml:"annotations"`
		Page        alert                     `yaml:"page_alert" resource:"pageAlert"`
		Ticket      alert                     `yaml:"ticket_alert" resource:"ticketAlert"`
	}
	alert struct {
		Disable     bool                      `yaml:"disable"`
		Labels      map[string]document.Plain `yaml:"labels"`
		Annotations map[string]document.Plain `yaml:"annotations"`
	}
)

// alerts are those of the SLO, by severity; of one of which nothing is said it
// has the usual ones.
func (a *alerting) alerts() map[agreement.Severity]agreement.Alerts {
	all := map[agreement.Severity]agreement.Alerts{}
	for severity, of := range map[agreement.Severity]alert{agreement.Page: a.Page, agreement.Ticket: a.Ticket} {
		labels, annotations := imports.Texts(a.Labels, of.Labels), imports.Texts(a.Annotations, of.Annotations)
		if of.Disable || len(labels)+len(annotations) > 0 {
			all[severity] = agreement.Alerts{Disabled: of.Disable, Labels: labels, Annotations: annotations}
		}
	}
	return all
}

// Check says that SLO plugins have no place: they change the rules that Sloth
// makes, and there are none here.
func (p *plugins) Check(d *document.Document, field string) {
	ids := make([]string, len(p.Chain))
	for i, plugin := range p.Chain {
		ids[i] = plugin.ID
	}
	if len(ids) > 0 || p.OverridePrevious {
		d.Warnf(field, "has no place: SLO plugins change the rules that Sloth generates, and here none are needed (%s)", strings.Join(ids, ", "))
	}
}
