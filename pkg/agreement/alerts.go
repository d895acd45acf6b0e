package agreement

import (
	"cmp"
	"fmt"
	"maps"
	"time"
)

// Severity is how urgently an alert wants somebody.
type Severity string

// Page wants somebody now, Ticket within a working day.
const (
	Page   Severity = "page"
	Ticket Severity = "ticket"
)

// AlertRule is a burn-rate alert before it is scaled to a window: it fires when
// Share of the budget is spent within Long, or at a BurnRate that is given.
type AlertRule struct {
	Severity Severity `json:"severity"`
	Share    float64  `json:"share,omitzero"` // of the window's budget, in (0, 1]
	// BurnRate is in place of Share, the same in every window: 1, on budget, or more.
	BurnRate float64  `json:"burnRate,omitzero"`
	Long     Duration `json:"long"`
}

// Short is the short window, in which the budget must burn as fast as in the long one.
func (r AlertRule) Short() Duration { return r.Long / 12 }

// Factor is the burn rate above which the alert fires in a window of that length
// (measurement.md, §8).
func (r AlertRule) Factor(window time.Duration) float64 {
	return cmp.Or(r.BurnRate, max(1, r.Share*float64(window)/float64(r.Long)))
}

const hour = Duration(time.Hour)

// usual are the burn-rate alerts that an objective has unless it says otherwise:
// the SRE workbook's table, for any window.
var usual = map[Severity][]AlertRule{
	Page:   {{Severity: Page, Share: 0.02, Long: hour}, {Severity: Page, Share: 0.05, Long: 6 * hour}},
	Ticket: {{Severity: Ticket, Share: 0.10, Long: 24 * hour}, {Severity: Ticket, Share: 0.10, Long: 72 * hour}},
}

// AlertRules are the burn-rate alerts of the objective, whatever its window.
func (o *Objective) AlertRules() (rules []AlertRule) {
	for _, severity := range []Severity{Page, Ticket} {
		switch own := o.Alerts[severity]; {
		case own.Disabled:
		case len(own.Rules) > 0:
			rules = append(rules, own.Rules...)
		default:
			rules = append(rules, usual[severity]...)
		}
	}
	return rules
}

// LongestAlert is the longest long window of the objective's alerts.
func (o *Objective) LongestAlert() (longest time.Duration) {
	for _, rule := range o.AlertRules() {
		longest = max(longest, time.Duration(rule.Long))
	}
	return longest
}

// Alerts are what an objective says of its burn-rate alerts of one severity. The
// zero value says nothing: it has the usual ones.
type Alerts struct {
	Disabled bool
	// Rules are in place of the usual ones; of each length of the long window
	// there is one.
	Rules []AlertRule
	// Labels and Annotations are put onto the alerts.
	Labels, Annotations map[string]string
}

// With returns the alerts with more labels and annotations, which win over those
// of the same name.
func (a Alerts) With(labels, annotations map[string]string) Alerts {
	a.Labels, a.Annotations = merged(a.Labels, labels), merged(a.Annotations, annotations)
	return a
}

func merged(texts, more map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, texts)
	maps.Copy(all, more)
	return all
}

// Bounds of the rules of an objective.
const (
	MaxAlertRules = 20 // of a severity
	shortestLong  = hour
	longestLong   = 31 * 24 * hour
)

// CheckLong says when the long window of an alert is too short, or too long.
func CheckLong(long Duration) error {
	if long < shortestLong || long > longestLong {
		return fmt.Errorf("must be between %s and %s, got %s", shortestLong, longestLong, long)
	}
	return nil
}
