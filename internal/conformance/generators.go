package conformance

import (
	"errors"
	"fmt"
	"time"
)

// seriesSpec is a series as it is written: its labels and what happens to it.
type seriesSpec struct {
	Labels     map[string]string `yaml:"labels"`
	Type       string            `yaml:"type"`
	Offset     duration          `yaml:"offset"`
	Generators []generator       `yaml:"generators"`
}

const gaugeType = "gauge"

// generator is one line of a series: events of a counter, a value of a gauge,
// or something that happens to the series itself. Which one it is follows from
// the fields that are set.
type generator struct {
	At    *instant  `yaml:"at"`
	Every *duration `yaml:"every"`
	Add   float64   `yaml:"add"`
	Set   *float64  `yaml:"set"`
	From  *instant  `yaml:"from"`
	Until *instant  `yaml:"until"`
	Daily *daily    `yaml:"daily"`

	Reset  *instant `yaml:"reset"`
	Absent *spell   `yaml:"absent"`
	Born   *instant `yaml:"born"`
	Gone   *instant `yaml:"gone"`
}

// spell is From ≤ t < Until.
type spell struct {
	From  instant `yaml:"from"`
	Until instant `yaml:"until"`
}

func (s spell) contains(t time.Time) bool {
	return !t.Before(time.Time(s.From)) && t.Before(time.Time(s.Until))
}

// daily is the part of each day from From up to Until by the zone's wall
// clock; with From after Until it goes over midnight.
type daily struct {
	From     clock `yaml:"from"`
	Until    clock `yaml:"until"`
	TimeZone zone  `yaml:"timeZone"`
}

func (d *daily) contains(t time.Time) bool {
	if d == nil {
		return true
	}
	local := t.In(d.TimeZone.location())
	wall := clock(time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute +
		time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond()))
	if d.From > d.Until {
		return wall >= d.From || wall < d.Until
	}
	return wall >= d.From && wall < d.Until
}

// check refuses lines that mean nothing, so that a slip of the pen in a
// scenario does not become less traffic than its figures were made from.
func (g generator) check(kind string) error {
	kinds := 0
	for _, set := range []bool{
		g.At != nil, g.Every != nil, g.Set != nil, g.Reset != nil, g.Absent != nil, g.Born != nil, g.Gone != nil,
	} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return errors.New("needs exactly one of at, every, set, reset, absent, born, gone")
	case g.Set != nil && kind != gaugeType:
		return errors.New("set is for gauges")
	case (g.At != nil || g.Every != nil || g.Reset != nil) && kind == gaugeType:
		return errors.New("at, every and reset are for counters")
	case g.Every != nil && *g.Every <= 0:
		return errors.New("every must be longer than 0")
	case (g.At != nil || g.Every != nil) && g.Add == 0:
		return errors.New("adds nothing")
	}
	return nil
}

func (s seriesSpec) check() error {
	if s.Labels["__name__"] == "" {
		return errors.New("has no __name__")
	}
	if s.Type != "" && s.Type != "counter" && s.Type != gaugeType {
		return fmt.Errorf("type %q is neither counter nor gauge", s.Type)
	}
	for i, g := range s.Generators {
		if err := g.check(s.Type); err != nil {
			return fmt.Errorf("generators[%d]: %w", i, err)
		}
	}
	return nil
}

// alive reports whether the series has samples at t.
func (s seriesSpec) alive(t time.Time) bool {
	for _, g := range s.Generators {
		switch {
		case g.Absent != nil && g.Absent.contains(t),
			g.Born != nil && t.Before(time.Time(*g.Born)),
			g.Gone != nil && !t.Before(time.Time(*g.Gone)):
			return false
		}
	}
	return true
}
