package conformance

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v4"
)

// instant is an RFC 3339 time.
type instant time.Time

// UnmarshalYAML reads the text as it stands, quoted or not.
func (i *instant) UnmarshalYAML(node *yaml.Node) error {
	t, err := time.Parse(time.RFC3339, node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	*i = instant(t.UTC())
	return nil
}

// duration is written 90s, 5m, 1h, 2d or 1w.
type duration time.Duration

// UnmarshalYAML reads the text as it stands.
func (d *duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := model.ParseDuration(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	*d = duration(parsed)
	return nil
}

func (d duration) std() time.Duration { return time.Duration(d) }

// clock is a wall-clock time, as the time since midnight; 24:00 is the day's
// end.
type clock time.Duration

// UnmarshalYAML reads hh:mm.
func (c *clock) UnmarshalYAML(node *yaml.Node) error {
	if node.Value == "24:00" {
		*c = clock(24 * time.Hour)
		return nil
	}
	t, err := time.Parse("15:04", node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is no time of day such as 08:00", node.Line, node.Value)
	}
	*c = clock(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	return nil
}

// zone is an IANA time zone.
type zone struct{ *time.Location }

// UnmarshalYAML looks the name up.
func (z *zone) UnmarshalYAML(node *yaml.Node) (err error) {
	if z.Location, err = time.LoadLocation(node.Value); err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	return nil
}

// location is UTC where no zone is given.
func (z zone) location() *time.Location {
	if z.Location == nil {
		return time.UTC
	}
	return z.Location
}
