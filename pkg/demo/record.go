package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/storage"
)

// Record appends the sample of every series that was scraped in the minute up
// to and including at, and commits. Called once every [Scrape], it continues
// the history that [Prepare] made: first one Scrape after the whole minute at
// which that ended. A minute that is left out is a gap, one that is recorded
// twice does no harm.
func Record(ctx context.Context, app storage.Appender, at time.Time) error {
	from, to := lastScrape(at)
	for _, m := range Series() {
		if err := ctx.Err(); err != nil {
			return abandon(app, err)
		}
		for timestamp, value := range m.Samples(from, to) {
			if _, err := app.Append(0, m.Labels, timestamp, value); err != nil {
				return abandon(app, fmt.Errorf("record %s: %w", m.Labels, err))
			}
		}
		for timestamp, h := range m.Histograms(from, to) {
			if _, err := app.AppendHistogram(0, m.Labels, timestamp, h, nil); err != nil {
				return abandon(app, fmt.Errorf("record %s: %w", m.Labels, err))
			}
		}
	}
	return app.Commit()
}

// abandon gives the appender up for the reason err.
func abandon(app storage.Appender, err error) error {
	if undo := app.Rollback(); undo != nil {
		return fmt.Errorf("%w (and the samples before it could not be taken back: %w)", err, undo)
	}
	return err
}
