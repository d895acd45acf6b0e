package sloth

import (
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/imports"
)

// The documents as they are written: what both forms spell alike, then each.
type (
	slosCommon struct {
		Name        string                    `yaml:"name"`
		Description string                    `yaml:"description"`
		Objective   *float64                  `yaml:"objective"`
		Labels      map[string]document.Plain `yaml:"labels"`
		Plugins     *plugins                  `yaml:"plugins"`
	}
	plugins struct {
		OverridePrevious bool `yaml:"overridePrevious"`
		Chain            []struct {
			ID       string            `yaml:"id"`
			Config   document.Anything `yaml:"config"`
			Priority *float64          `yaml:"priority"`
		} `yaml:"chain"`
	}
	plugin struct {
		ID      string                    `yaml:"id"`
		Options map[string]document.Plain `yaml:"options"`
	}
	alerting struct {
		Name        string                    `yaml:"name"`
		Labels      map[string]document.Plain `yaml:"labels"`
		Annotations map[string]document.Plain `yaml:"annotations"`

		page, ticket alert
	}
	alert struct {
		Disable     bool                      `yaml:"disable"`
		Labels      map[string]document.Plain `yaml:"labels"`
		Annotations map[string]document.Plain `yaml:"annotations"`
	}

	fileSpec struct {
		Version    string                    `yaml:"version"`
		Service    string                    `yaml:"service"`
		Labels     map[string]document.Plain `yaml:"labels"`
		SLOPlugins *plugins                  `yaml:"slo_plugins"`
		SLOs       []fileSLO                 `yaml:"slos"`
	}
	fileSLO struct {
		slosCommon `yaml:",inline"`
		SLI        struct {
			Raw *struct {
				ErrorRatioQuery string `yaml:"error_ratio_query"`
			} `yaml:"raw"`
			Events *struct {
				ErrorQuery string `yaml:"error_query"`
				TotalQuery string `yaml:"total_query"`
			} `yaml:"events"`
			Plugin *plugin `yaml:"plugin"`
		} `yaml:"sli"`
		Alerting struct {
			alerting `yaml:",inline"`
			Page     alert `yaml:"page_alert"`
			Ticket   alert `yaml:"ticket_alert"`
		} `yaml:"alerting"`
	}

	resource struct {
		APIVersion string             `yaml:"apiVersion"`
		Kind       string             `yaml:"kind"`
		Metadata   imports.ObjectMeta `yaml:"metadata"`
		Spec       struct {
			Service    string                    `yaml:"service"`
			Labels     map[string]document.Plain `yaml:"labels"`
			SLOPlugins *plugins                  `yaml:"sloPlugins"`
			SLOs       []resourceSLO             `yaml:"slos"`
		} `yaml:"spec"`
		Status document.Anything `yaml:"status"`
	}
	resourceSLO struct {
		slosCommon `yaml:",inline"`
		SLI        struct {
			Raw *struct {
				ErrorRatioQuery string `yaml:"errorRatioQuery"`
			} `yaml:"raw"`
			Events *struct {
				ErrorQuery string `yaml:"errorQuery"`
				TotalQuery string `yaml:"totalQuery"`
			} `yaml:"events"`
			Plugin *plugin `yaml:"plugin"`
		} `yaml:"sli"`
		Alerting struct {
			alerting `yaml:",inline"`
			Page     alert `yaml:"pageAlert"`
			Ticket   alert `yaml:"ticketAlert"`
		} `yaml:"alerting"`
	}
)

// slo is an SLO of either form.
type slo struct {
	slosCommon
	sli      indicator
	alerting alerting
}

type indicator struct {
	raw    *string
	events *events
	plugin *plugin
}

type events struct{ errors, total string }

// spelling is how a form spells what the other spells differently.
type spelling struct {
	slos, errorRatioQuery, errorQuery, totalQuery, page, ticket string
}

var (
	fileSpelling     = spelling{"slos", "error_ratio_query", "error_query", "total_query", "page_alert", "ticket_alert"}
	resourceSpelling = spelling{"spec.slos", "errorRatioQuery", "errorQuery", "totalQuery", "pageAlert", "ticketAlert"}
)

func merged(of ...map[string]document.Plain) map[string]string { return imports.Texts(of...) }
