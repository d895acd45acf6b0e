package agreement

import (
	"strconv"
	"time"

	"github.com/prometheus/common/model"
)

// FormatDuration writes a duration as Prometheus does (1h30m, 5m), but whole
// days in days: 30d, not 4w2d, because a reader of an SLA counts in days.
func FormatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	return model.Duration(d).String()
}
