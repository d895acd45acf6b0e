package prometheus

import (
	"context"
	"time"
)

// farthest is the longest window there is, and how far back [Client.Oldest] looks.
const farthest = 400 * 24 * time.Hour

// Oldest says how far back the samples of a selector reach: the earliest of
// the instants now − n days, up to 400 days, at which it had one; the zero time
// when it had none. Counting at one instant a day, it reads little.
func (c *Client) Oldest(ctx context.Context, selector string, now time.Time) (time.Time, error) {
	const day = 24 * time.Hour
	found := points{}
	_, err := c.QueryRange(ctx, Range{Query: "count(" + selector + ")", Start: now.Add(-farthest), End: now, Step: day}, &found)
	if err != nil || len(found.samples) == 0 {
		return time.Time{}, err
	}
	return time.UnixMilli(found.samples[0].unixMilli).In(now.Location()), nil
}
