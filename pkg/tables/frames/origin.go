package frames

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
)

// Origin says where the figures of a frame come from.
type Origin struct {
	// Definition is a hash of the documents' meaning: two frames with the same
	// one were judged by the same agreements.
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
	Count     int               `json:"count"`
	// The mean seconds an incident lasts, and from one's start to the next
	// one's; null with too few.
	MeanSecondsToRepair *float64 `json:"meanSecondsToRepair"`
	MeanSecondsBetween  *float64 `json:"meanSecondsBetween"`
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
		if custom.Method == "" {
			custom.Method = string(m.Method)
		}
		custom.SlotsRead += m.Cost.SlotsRead
		custom.SlotsCached += m.Cost.SlotsCached
		custom.Requests += m.Cost.Requests
		custom.Samples += m.Cost.Samples
		custom.Notes = append(custom.Notes, m.Notes...)
		queries = append(queries, m.Queries...)
	}
	custom.Notes = distinct(custom.Notes)
	frame.Meta.ExecutedQueryString = strings.Join(distinct(queries), "\n")
}

// Measurements are those of the results, one an objective: its groups were
// measured together, and so were its past periods.
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

// distinct keeps the first of equal texts.
func distinct(all []string) []string {
	seen := make(map[string]bool, len(all))
	return slices.DeleteFunc(slices.Clone(all), func(text string) bool {
		again := seen[text]
		seen[text] = true
		return again
	})
}

// Failure is an objective that could not be measured.
type Failure struct {
	Agreement, Objective string
	Err                  error
}

// Failures are those of the results.
func Failures(results []measure.Result) []Failure {
	var failures []Failure
	for _, r := range results {
		if r.Err != nil {
			failures = append(failures, Failure{r.Agreement.Name, r.Objective.Name, r.Err})
		}
	}
	return failures
}

// Unmeasured are notices of the failures: each reason once, with where it
// applies.
func Unmeasured(failures []Failure) []data.Notice {
	var reasons []string
	places := map[string][]string{}
	for _, f := range failures {
		reason := f.Err.Error()
		if places[reason] == nil {
			reasons = append(reasons, reason)
		}
		places[reason] = append(places[reason], f.Agreement+"/"+f.Objective)
	}
	notices := make([]data.Notice, 0, len(reasons))
	for _, reason := range reasons {
		where := distinct(places[reason])
		text := where[0]
		if more := len(where) - 1; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		notices = append(notices, data.Notice{Severity: data.NoticeSeverityWarning, Text: text + ": not measured: " + reason})
	}
	return notices
}
