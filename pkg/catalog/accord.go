package catalog

import (
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/formats/openslo"
)

// APIVersion is that of the documents of agreements.
const APIVersion = "accord/v1"

var accordKinds = []string{"Agreement", "Calendar", "Exclusion", "Team"}

// The documents of accord/v1, as they are written.
type (
	head struct {
		APIVersion string            `yaml:"apiVersion"`
		Kind       string            `yaml:"kind"`
		Metadata   document.Metadata `yaml:"metadata"`
	}

	agreementDocument struct {
		head `yaml:",inline"`
		Spec agreementSpec `yaml:"spec"`
	}
	agreementSpec struct {
		Description  string           `yaml:"description"`
		Service      string           `yaml:"service"`
		Provider     string           `yaml:"provider"`
		Consumers    []string         `yaml:"consumers"`
		Stage        string           `yaml:"stage"`
		TimeZone     string           `yaml:"timeZone"`
		Effective    effectiveSpec    `yaml:"effective"`
		SupportHours string           `yaml:"supportHours"`
		Objectives   []objectiveSpec  `yaml:"objectives"`
		DependsOn    []dependencySpec `yaml:"dependsOn"`
		Escalation   []escalationSpec `yaml:"escalation"`
		Review       reviewSpec       `yaml:"review"`
		Report       reportSpec       `yaml:"report"`
		Consequences string           `yaml:"consequences"`
		Signatures   []signatureSpec  `yaml:"signatures"`
		Links        []linkSpec       `yaml:"links"`
	}
	effectiveSpec struct {
		From  string `yaml:"from"`
		Until string `yaml:"until"`
	}
	dependencySpec struct {
		Agreement string `yaml:"agreement"`
	}
	escalationSpec struct {
		After  string `yaml:"after"`
		Notify string `yaml:"notify"`
	}
	reviewSpec struct {
		Every string `yaml:"every"`
		Last  string `yaml:"last"`
	}
	reportSpec struct {
		Every string   `yaml:"every"`
		To    []string `yaml:"to"`
	}
	signatureSpec struct {
		Team string `yaml:"team"`
		Name string `yaml:"name"`
		On   string `yaml:"on"`
	}
	linkSpec struct {
		Title string `yaml:"title"`
		URL   string `yaml:"url"`
	}

	objectiveSpec struct {
		Name            string            `yaml:"name"`
		DisplayName     string            `yaml:"displayName"`
		SLO             string            `yaml:"slo"`
		SLOObjective    string            `yaml:"sloObjective"`
		Indicator       *indicatorSpec    `yaml:"indicator"`
		Target          *float64          `yaml:"target"`
		Window          *windowSpec       `yaml:"window"`
		Op              string            `yaml:"op"`
		Value           *float64          `yaml:"value"`
		BudgetingMethod string            `yaml:"budgetingMethod"`
		TimeSliceTarget *float64          `yaml:"timeSliceTarget"`
		TimeSliceWindow document.Scalar   `yaml:"timeSliceWindow"`
		Select          map[string]string `yaml:"select"`
		GroupBy         []string          `yaml:"groupBy"`
		NoData          string            `yaml:"noData"`
		MinEvents       *float64          `yaml:"minEvents"`
		MinCoverage     *float64          `yaml:"minCoverage"`
		Revisions       []revisionSpec    `yaml:"revisions"`
	}
	// indicatorSpec is an SLI spec as OpenSLO writes it inside an SLO, with
	// metadata and spec, or just the spec.
	indicatorSpec struct {
		Metadata        document.Metadata `yaml:"metadata"`
		Spec            *openslo.SLISpec  `yaml:"spec"`
		openslo.SLISpec `yaml:",inline"`
	}
	windowSpec struct {
		Rolling  string `yaml:"rolling"`
		Calendar string `yaml:"calendar"`
	}
	revisionSpec struct {
		From       string   `yaml:"from"`
		Target     *float64 `yaml:"target"`
		Reason     string   `yaml:"reason"`
		ApprovedBy []string `yaml:"approvedBy"`
	}

	teamDocument struct {
		head `yaml:",inline"`
		Spec struct {
			Members  []string      `yaml:"members"`
			Contacts []contactSpec `yaml:"contacts"`
		} `yaml:"spec"`
	}
	contactSpec struct {
		Name   string `yaml:"name"`
		Type   string `yaml:"type"`
		Target string `yaml:"target"`
	}

	calendarDocument struct {
		head `yaml:",inline"`
		Spec struct {
			TimeZone string        `yaml:"timeZone"`
			Weekly   []weeklySpec  `yaml:"weekly"`
			Holidays []holidaySpec `yaml:"holidays"`
		} `yaml:"spec"`
	}
	weeklySpec struct {
		Days []string `yaml:"days"`
		From string   `yaml:"from"`
		To   string   `yaml:"to"`
	}
	holidaySpec struct {
		Name    string `yaml:"name"`
		On      string `yaml:"on"`
		Yearly  string `yaml:"yearly"`
		Country string `yaml:"country"`
		ICS     string `yaml:"ics"`
	}

	exclusionDocument struct {
		head `yaml:",inline"`
		Spec exclusionSpec `yaml:"spec"`
	}
	exclusionSpec struct {
		Reason      string   `yaml:"reason"`
		Category    string   `yaml:"category"`
		Services    []string `yaml:"services"`
		Agreements  []string `yaml:"agreements"`
		From        string   `yaml:"from"`
		To          string   `yaml:"to"`
		Recurrence  string   `yaml:"recurrence"`
		TimeZone    string   `yaml:"timeZone"`
		Mode        string   `yaml:"mode"`
		RequestedBy string   `yaml:"requestedBy"`
		ApprovedBy  string   `yaml:"approvedBy"`
		ApprovedOn  string   `yaml:"approvedOn"`
	}
)

// readAccord decodes a document of accord/v1; nil when it could not be.
func readAccord(d *document.Document) any {
	var value any
	switch d.Kind {
	case "Agreement":
		value = &agreementDocument{}
	case "Calendar":
		value = &calendarDocument{}
	case "Exclusion":
		value = &exclusionDocument{}
	case "Team":
		value = &teamDocument{}
	default:
		d.OneOf("kind", d.Kind, accordKinds...)
		return nil
	}
	if !d.Decode(value) {
		return nil
	}
	d.CheckName("metadata.name", d.Name)
	return value
}
