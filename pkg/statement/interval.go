package statement

import (
	"fmt"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/scope"
)

// Interval is a stretch of time as ISO 8601 writes it, start and end with a
// slash between: "2026-10-01T06:00:00Z/2026-10-01T16:00:00Z".
type Interval struct{ From, To time.Time }

// MarshalText writes the interval.
func (i Interval) MarshalText() ([]byte, error) {
	return []byte(i.From.UTC().Format(time.RFC3339Nano) + "/" + i.To.UTC().Format(time.RFC3339Nano)), nil
}

// UnmarshalText reads an interval.
func (i *Interval) UnmarshalText(text []byte) error {
	from, to, _ := strings.Cut(string(text), "/")
	var errFrom, errTo error
	i.From, errFrom = time.Parse(time.RFC3339Nano, from)
	i.To, errTo = time.Parse(time.RFC3339Nano, to)
	if errFrom != nil || errTo != nil {
		return fmt.Errorf("%.80q is no interval such as 2026-10-01T06:00:00Z/2026-10-01T16:00:00Z", text)
	}
	return nil
}

func intervals(set scope.Intervals) []Interval {
	all := make([]Interval, 0, len(set))
	for _, span := range set {
		all = append(all, Interval{time.UnixMilli(span.From).UTC(), time.UnixMilli(span.To).UTC()})
	}
	return all
}
