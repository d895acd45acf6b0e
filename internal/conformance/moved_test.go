package conformance

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const moved = -574 * 7 * 24 * time.Hour

// Nothing but the date changes: traffic (by wall clock in zones with daylight
// saving time as well), windows and figures.
func TestMovingTo2015IsSound(t *testing.T) {
	scenarios, err := ReadDir(folder)
	require.NoError(t, err)
	for _, s := range scenarios {
		t.Run(s.Name, func(t *testing.T) {
			past, err := s.MovedTo2015()
			require.NoError(t, err)
			require.NotRegexp(t, `\b202[0-9]-`, past.Documents)
			require.Less(t, past.End.Year(), 2016)

			was, is := s.Series(), past.Series()
			require.Len(t, is, len(was))
			for i := range was {
				require.Equal(t, was[i].Labels, is[i].Labels)
				require.Equal(t, shifted(was[i].Samples), is[i].Samples, "%s", was[i].Labels)
			}
			require.Len(t, past.Expect, len(s.Expect))
			for i, entry := range past.Expect {
				requireMoved(t, s.Expect[i], entry)
			}
		})
	}
}

func shifted(samples []Sample) []Sample {
	result := make([]Sample, len(samples))
	for i, sample := range samples {
		result[i] = Sample{sample.Time + moved.Milliseconds(), sample.Value}
	}
	return result
}

func requireMoved(t *testing.T, was, is Entry) {
	t.Helper()
	require.True(t, was.At.Add(moved).Equal(is.At), "%s: at", was)
	require.Equal(t, was.Figures, is.Figures, "%s", was)
	for _, bound := range [][2]time.Time{{was.From, is.From}, {was.To, is.To}} {
		require.Equal(t, bound[0].IsZero(), bound[1].IsZero(), "%s", was)
		require.True(t, bound[0].IsZero() || bound[0].Add(moved).Equal(bound[1]), "%s: %s became %s", was, bound[0], bound[1])
	}
	if was.Objective == "" || was.Figures["raw.total"] == nil {
		return
	}
	// The calendar itself: the objective's window by the moved documents.
	before, err := was.indicator()
	require.NoError(t, err)
	after, err := is.indicator()
	require.NoError(t, err)
	from, to := was.measuredWindow(before).At(was.At)
	movedFrom, movedTo := is.measuredWindow(after).At(is.At)
	require.True(t, from.Add(moved).Equal(movedFrom) && to.Add(moved).Equal(movedTo), "%s", was)
}

// Every day of the two years begins at the same instant of the week in every
// zone that the scenarios use.
func TestTheYearsHaveTheSameDays(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York"} {
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		for day := time.Date(2025, 1, 1, 0, 0, 0, 0, zone); day.Year() < 2027; day = day.AddDate(0, 0, 1) {
			same := time.Date(day.Year()-11, day.Month(), day.Day(), 0, 0, 0, 0, zone)
			require.True(t, day.Add(moved).Equal(same), "%s became %s", day, same)
		}
	}
}

func TestOtherYearsAreNotMoved(t *testing.T) {
	s, err := parse([]byte("name: late\nstart: 2027-01-01T00:00:00Z\nend: 2027-01-02T00:00:00Z\ninterval: 60s\n"))
	require.NoError(t, err)
	_, err = s.MovedTo2015()
	require.ErrorContains(t, err, "scenario late: is in 2027")
}
