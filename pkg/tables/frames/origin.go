package frames

import (
	"cmp"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// Origin says where the figures of a frame come from.
type Origin struct {
	// Definition is a hash: frames with the same one were judged by the same agreements.
	Definition string
	// Measurements of the objectives in the frame, one each.
	Measurements []counting.Measurement
}

// Custom is the meta.custom of a frame.
type Custom struct {
	Method     string `json:"method,omitempty"`
	Definition string `json:"definition,omitempty"`
	// Slots that were asked of Prometheus for this answer, and those that
	// were remembered.
	SlotsRead   int64 `json:"slotsRead"`
	SlotsCached int64 `json:"slotsCached"`
	// Requests sent, and the samples Prometheus read for them.
	Requests int   `json:"requests"`
	Samples  int64 `json:"samples"`
	// Notes are remarks on how it was counted.
	Notes []string `json:"notes,omitempty"`
	// Reason is why an alert has the value it has, or none.
	Reason string `json:"reason,omitempty"`
	// Repair sums up the incidents of each objective and group.
	Repair []Repair `json:"repair,omitempty"`
}

// Repair sums up the incidents of one objective and group.
type Repair struct {
	Agreement string            `json:"agreement"`
	Objective string            `json:"objective"`
	Group     map[string]string `json:"group"`
	budget.Repair
}

// Describe writes into the frame's meta where its figures come from.
func Describe(frame *data.Frame, o Origin) {
	custom, ok := frame.Meta.Custom.(*Custom)
	if !ok {
		custom = &Custom{}
		frame.Meta.Custom = custom
	}
	custom.Definition = o.Definition
	var queries []string
	for _, m := range o.Measurements {
		custom.Method = cmp.Or(custom.Method, string(m.Method))
		custom.SlotsRead += m.Cost.SlotsRead
		custom.SlotsCached += m.Cost.SlotsCached
		custom.Requests += m.Cost.Requests
		custom.Samples += m.Cost.Samples
		custom.Notes = append(custom.Notes, m.Notes...)
		queries = append(queries, m.Queries...)
	}
	custom.Notes = tables.Distinct(custom.Notes)
	frame.Meta.ExecutedQueryString = strings.Join(tables.Distinct(queries), "\n")
}

// Measurements are one an objective, whose groups and past periods were measured together.
func Measurements(results []measure.Result) []counting.Measurement {
	var all []counting.Measurement
	var last measure.Result
	for _, r := range results {
		if r.Measurement.Method == "" { // nothing was asked
			continue
		}
		if len(all) == 0 || last.Objective != r.Objective || last.Agreement.Name != r.Agreement.Name || last.Closed != r.Closed {
			all = append(all, r.Measurement)
		}
		last = r
	}
	return all
}

// Failures are the results that could not be measured.
func Failures(results []measure.Result) []measure.Result {
	return slices.DeleteFunc(slices.Clone(results), func(r measure.Result) bool { return r.Err == nil })
}

// Unmeasured are notices of the failures: each reason once, with where it applies.
func Unmeasured(failures []measure.Result) []data.Notice {
	return wire.Each(tables.NotMeasured(failures), func(line string) data.Notice {
		return data.Notice{Severity: data.NoticeSeverityWarning, Text: line}
	})
}
