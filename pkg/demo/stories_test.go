package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stories are those of all series, each once.
func stories() []*story {
	var all []*story
	known := map[*story]bool{}
	for _, m := range metrics() {
		for _, s := range m.stories {
			if !known[s] {
				known[s] = true
				all = append(all, s)
			}
		}
	}
	return all
}

func TestEveryStoryConcernsASeries(t *testing.T) {
	concerned := map[*story]bool{}
	for _, m := range metrics() {
		for _, s := range m.stories {
			concerned[s] = concerned[s] || m.labels.Get("__name__") != "ALERTS"
		}
	}
	for _, s := range kolibri().Stories {
		assert.True(t, concerned[s], "%s: %s", s.Job, s.Title)
	}
}

func TestAnyThirtyDaysOfTwoYearsHaveTheirMishaps(t *testing.T) {
	for day := dayOf(monday.Unix() / 60); day < dayOf(monday.AddDate(2, 0, 0).Unix()/60); day++ {
		mishaps, alerts := map[*story]bool{}, map[string]bool{}
		for _, s := range stories() {
			for back := range int64(30) {
				if len(s.on(day-back)) > 0 {
					mishaps[s] = true
					if s.Alert != "" {
						alerts[s.Alert] = true
					}
				}
			}
		}
		require.GreaterOrEqual(t, len(mishaps), 20, "in the 30 days before day %d", day)
		require.GreaterOrEqual(t, len(alerts), 10, "in the 30 days before day %d", day)
	}
}

func TestAScatteredThingHappensOnceABlockAndOnAllowedDays(t *testing.T) {
	s := scattered{Seed: seedOf("test"), Every: 14, Workdays: true, Hours: [2]int64{8, 15}, Minutes: [2]int64{20, 40}}
	for block := int64(1400); block < 1500; block++ {
		o := s.in(block)
		begin := time.Unix(o.from*60, 0).UTC()
		assert.Equal(t, block, dayOf(o.from)/14)
		assert.NotContains(t, []time.Weekday{time.Saturday, time.Sunday}, begin.Weekday())
		assert.GreaterOrEqual(t, begin.Hour(), 8)
		assert.Less(t, begin.Hour(), 15)
		assert.GreaterOrEqual(t, o.to-o.from, int64(20))
		assert.LessOrEqual(t, o.to-o.from, int64(40))
		found := 0
		for day := block * 14; day < block*14+14; day++ {
			for _, other := range s.on(day) {
				if other == o {
					found++
				}
			}
		}
		assert.Equal(t, 1, found)
	}
}

func TestPlannedWorkFollowsTheWallClock(t *testing.T) {
	upgrade := planned{Zone: "Europe/Berlin", Weekday: time.Sunday, Nth: 2, Begin: 2*60 + 10, Minutes: 35}
	var starts []string
	for day := dayOf(monday.Unix() / 60); day < dayOf(monday.AddDate(0, 6, 0).Unix()/60); day++ {
		for _, o := range upgrade.on(day) {
			starts = append(starts, time.Unix(o.from*60, 0).UTC().Format(time.RFC3339))
		}
	}
	assert.Equal(t, []string{"2026-12-13T01:10:00Z", "2027-01-10T01:10:00Z", "2027-02-14T01:10:00Z",
		"2027-03-14T01:10:00Z", "2027-04-11T00:10:00Z", "2027-05-09T00:10:00Z"}, starts)
}

func TestTheUpgradeLiesInItsExclusion(t *testing.T) {
	// The second Sunday of November 2026 is the 8th; the exclusion lasts from
	// 02:00 to 04:00 in Berlin.
	down := 0
	m := one(t, `up{job="orders-db",role="primary"}`)
	for _, value := range m.samples(time.Date(2026, 11, 8, 1, 0, 0, 0, time.UTC), time.Date(2026, 11, 8, 3, 0, 0, 0, time.UTC)) {
		if value == 0 {
			down++
		}
	}
	assert.Equal(t, 35, down)
}

func TestAnAlertFiresWhileItsStoryLasts(t *testing.T) {
	alert := one(t, `ALERTS{alertname="PaymentsFailing",alertstate="firing"}`)
	failed := one(t, `http_requests_total{job="payments-api",region="eu",consumer="checkout",code="503"}`)
	from := monday.AddDate(0, 0, -28)
	firing := samples(alert.samples(from, monday))
	require.NotEmpty(t, firing)
	begin := time.UnixMilli(firing[0].millis)
	before, _ := at(failed, begin.Add(-time.Minute))
	after, _ := at(failed, begin.Add(15*time.Minute))
	assert.Greater(t, after-before, 100.0, "failures since %s", begin)
}
