// Package rules makes alerting out of agreements for those who want it where
// Accord is not: recording and alerting rules of Prometheus ([Prometheus]),
// and alert rules of Grafana that ask the data source ([Grafana]).
//
// The rules keep to the figures: slot counts are recorded so that what is read
// from them equals what Accord counts itself, and an alert fires when the one
// of measurement.md (§8) does. What a rule cannot say is left out and listed,
// line by line; see package loss. Nothing here asks a server or reads the
// clock.
package rules

import (
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/sli"
)

// Options say for which engine, and as of when, rules are made.
type Options struct {
	// Method is how the engine counts.
	Method sli.Method
	// Resolution is the length of a slot, that of those who read the counts.
	Resolution time.Duration
	// At is the instant as of which targets and windows are taken.
	At time.Time
}

// Group is a group of rules that are evaluated one after the other.
type Group struct {
	// Objectives are all that are made of what the group counts.
	Objectives []string `yaml:"-" json:"-"`
	// Service is that of the first of them.
	Service string `yaml:"-" json:"-"`

	Name     string `yaml:"name"`
	Interval string `yaml:"interval"`
	Rules    []Rule `yaml:"rules"`
}

// Rule records a series or alerts.
type Rule struct {
	Record      string            `yaml:"record,omitempty"`
	Alert       string            `yaml:"alert,omitempty"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// subject is how an objective is named in messages.
func subject(a *agreement.Agreement, o *agreement.Objective) string {
	return kind(a) + " " + a.Name + "/" + o.Name
}

// kind tells an agreement from an SLO that nobody was promised.
func kind(a *agreement.Agreement) string {
	if a.Provider == "" {
		return "SLO"
	}
	return "Agreement"
}
