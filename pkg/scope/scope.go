// Package scope says which time counts: the effective period of an agreement,
// less what lies outside its support hours, less exclusions in effect
// (measurement.md, §3). It turns dates, wall clocks and recurrences into sets
// of instants; it knows no counts and no targets.
//
// A slot's weight is never stored: it is the slot's share of the set, and sums
// over slots are cut at the set's edges.
package scope

import (
	"fmt"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
)

// Scope is the time that counts.
type Scope struct {
	// In is the time in scope.
	In Intervals
	// CountAsGood is the part of In whose bad does not count (an exclusion of
	// mode good).
	CountAsGood Intervals
}

// Raw is the scope in which everything counts.
func Raw(from, to time.Time) Scope {
	all := Union(Interval{From: from.UnixMilli(), To: to.UnixMilli()})
	return Scope{In: all}
}

// Of is the agreement's scope between from and to. The error is that of an
// exclusion's recurrence that cannot be read.
func Of(a *agreement.Agreement, from, to time.Time) (Scope, error) {
	in := effective(a.Effective, from, to)
	if a.SupportHours != nil {
		in = in.Intersect(SupportHours(a.SupportHours, from, to))
	}
	var excluded, good []Interval
	for _, exclusion := range a.Exclusions {
		if !exclusion.HasEffectIn(a) {
			continue
		}
		occurrences, err := Occurrences(exclusion, from, to)
		if err != nil {
			return Scope{}, fmt.Errorf("exclusion %s: %w", exclusion.Name, err)
		}
		if exclusion.Mode == agreement.CountAsGood {
			good = append(good, occurrences...)
		} else {
			excluded = append(excluded, occurrences...)
		}
	}
	in = in.Subtract(Union(excluded...))
	return Scope{In: in, CountAsGood: in.Intersect(Union(good...))}, nil
}

func effective(p agreement.Period, from, to time.Time) Intervals {
	if p.From.After(from) {
		from = p.From
	}
	if !p.Until.IsZero() && p.Until.Before(to) {
		to = p.Until
	}
	return Union(Interval{From: from.UnixMilli(), To: to.UnixMilli()})
}
