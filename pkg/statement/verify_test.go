package statement_test

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/statement"
)

func texts(v *statement.Verification) []string {
	var all []string
	for _, d := range v.Differences {
		all = append(all, string(d.Kind)+": "+d.Text)
	}
	return all
}

func TestAStatementIsVerifiedOnAnotherDay(t *testing.T) {
	c := startCompany(t)
	for _, name := range []string{subject, "payments-in-office-hours"} {
		v := c.verify(c.freeze(name))
		assert.Empty(t, texts(v))
		assert.True(t, v.Verified)
		assert.Equal(t, statement.OnEngine, v.Basis)
		assert.Empty(t, v.Notes)
		assert.Empty(t, v.Figures)
	}
}

func TestAStatementOfCountsOfPeriodsIsVerified(t *testing.T) {
	c := startCompany(t)
	c.change(strings.NewReplacer("counter: true", "counter: false", "sum(rate(", "sum(sum_over_time(").Replace)
	s := c.freeze(subject)
	assert.Empty(t, texts(c.verify(s)))
	c.change(func(text string) string { return strings.ReplaceAll(text, "counter: false", "counter: true") })
	assert.Contains(t, texts(c.verify(s)), "definition: definition of availability: indicator.perPeriod was removed since: it was true")
}

// How the same events are counted is no part of the promise.
func TestThatCountsAreRecordedNowIsNoDifference(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	c.change(func(text string) string { return strings.ReplaceAll(text, "[5m]))'}}", "[5m]))', recorded: true}}") })
	v := c.verify(s)
	assert.Empty(t, texts(v))
	assert.Contains(t, strings.Join(v.Notes, "\n"), "changed since, without effect on the figures: definition of availability: indicator.recorded was added since: true")
}

func TestAStatementOfShortSlicesIsVerified(t *testing.T) {
	c := startCompany(t)
	c.change(func(text string) string {
		return strings.Replace(text, "timeSliceWindow: 15m", "timeSliceWindow: 30s", 1)
	})
	written, err := c.freeze(subject).Encode()
	require.NoError(t, err)
	s, err := statement.Decode(written)
	require.NoError(t, err)
	assert.True(t, c.verify(s).Verified)
}

// An incident is told from the start of a slice that the period cuts, but what was
// excluded before the period has no part in it, nor in the definition.
func TestAStatementOfASliceThatThePeriodCutsIsVerified(t *testing.T) {
	c := startCompany(t)
	c.change(func(text string) string {
		return strings.NewReplacer("{name: up, slo: api-up,", "{name: up, slo: api-up, value: 2, budgetingMethod: Timeslices, timeSliceTarget: 0.9, timeSliceWindow: 1d,",
			"2026-04-22T03:00:00+02:00", "2026-03-31T03:00:00+02:00", "2026-04-22T04:00:00+02:00", "2026-03-31T04:00:00+02:00").Replace(text)
	})
	assert.Empty(t, texts(c.verify(c.freeze(subject))))
}

func TestALateSampleIsNamed(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	c.late("2026-04-10T10:02:29Z", 8, labels.FromStrings("__name__", "http_requests_total", "job", "api", "code", "503", "region", "eu"))
	v := c.verify(s)
	assert.False(t, v.Verified)
	assert.Equal(t, []string{
		"samples: availability: on 2026-04-10 5 events more and 5 bad events more, in the slot 10:00–10:05 UTC: late samples",
		`samples: by-region {region=eu}: on 2026-04-10 5 events more and 5 bad events more, in the slot 10:00–10:05 UTC: late samples`,
		"samples: slices: on 2026-04-10 5 events more and 5 bad events more, in the slot 10:00–10:05 UTC: late samples",
	}, texts(v))
	require.Len(t, v.Figures, 2, "no slice was lost by five events")
	assert.Equal(t, v.Figures[0].Was.Bad+5, v.Figures[0].Now.Bad)
	c.late("2026-04-10T22:02:29Z", 13, labels.FromStrings("__name__", "http_requests_total", "job", "api", "code", "503", "region", "eu"))
	assert.Contains(t, texts(c.verify(s)),
		"samples: availability: on 2026-04-11 5 events more and 5 bad events more, in the slot 2026-04-10 22:00–22:05 UTC: late samples", "a day of Berlin begins on the one before")
}

func TestAChangedTargetIsNamed(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	c.change(func(text string) string {
		return strings.Replace(text, "target: 0.995, window", "target: 0.99, window", 1)
	})
	v := c.verify(s)
	assert.Equal(t, []string{"target: target of availability: 0.995 when it was frozen, 0.99 in the documents now"}, texts(v))
	require.Len(t, v.Figures, 1)
	assert.Equal(t, "availability", v.Figures[0].Objective)
	assert.Less(t, v.Figures[0].Was.Allowed, v.Figures[0].Now.Allowed)
}

func TestChangedSupportHoursAreNamedRowByRow(t *testing.T) {
	c := startCompany(t)
	s := c.freeze("payments-in-office-hours")
	c.change(func(text string) string { return strings.Replace(text, `from: "08:00"`, `from: "09:00"`, 1) })
	assert.Contains(t, texts(c.verify(s)), `definition: definition: supportHours.weekly[0].from: "08:00" when it was frozen, "09:00" in the documents now`)
}

// A label may be called as a field that is only words.
func TestAChangedSelectIsNoWord(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	then, now := map[string]string{}, "select: {"
	for _, label := range []string{"category", "reason", "slo", "description", "displayName", "consequences", "window",
		"indicator.name", "a.slo", "x].window", "stage", "signatures", "name", "target", "revisions"} {
		then[label] = "a"
		now += `"` + label + `": b, `
	}
	s.Definition.Objectives[0].Select = then
	c.change(func(text string) string {
		return strings.Replace(text, "target: 0.995, window", now+"}, target: 0.995, window", 1)
	})
	v := c.verify(s)
	for label := range then {
		assert.Contains(t, texts(v), "definition: definition of availability: select."+label+`: "a" when it was frozen, "b" in the documents now`)
	}
	for _, note := range v.Notes {
		assert.NotContains(t, note, "without effect on the figures")
	}
}

// What only words say is a note.
func TestChangedWordsAreNotes(t *testing.T) {
	c := startCompany(t)
	both := []*statement.Statement{c.freeze(subject), c.freeze("payments-in-office-hours")}
	c.change(strings.NewReplacer("What Checkout may rely on", "What they may rely on", "No feature", "No more feature",
		"Head of Payments", "Anna", "for <b>Checkout</b>", "for all", "stage: active", "stage: retired",
		"{name: berlin-office}", "{name: office}", "supportHours: berlin-office", "supportHours: office",
		"api-availability", "availability", "New storage tier", "Another storage tier",
		"groupBy: [region]", "groupBy: [region], window: {rolling: 7d}",
		"Planned database", "A database", "category: maintenance", "category: force-majeure").Replace)
	notes := 0
	for _, s := range both {
		v := c.verify(s)
		assert.Empty(t, texts(v))
		notes += len(v.Notes)
	}
	assert.Equal(t, 26, notes)
}

const another = `
---
apiVersion: accord/v1
kind: Exclusion
metadata: {name: outage-of-a-third-party}
spec:
  reason: The network of another
  category: third-party
  agreements: [payments-for-checkout]
  from: 2026-04-20T11:30:00Z
  to: 2026-04-20T13:00:00Z
  requestedBy: payments
  approvedBy: checkout
  approvedOn: 2026-05-01
`

func TestAnAddedExclusionIsNamed(t *testing.T) {
	c := startCompany(t)
	s := c.freeze(subject)
	c.change(func(text string) string {
		return text + another + "  timeZone: Asia/Tokyo # in which the day of the approval begins\n"
	})
	v := c.verify(s)
	assert.Equal(t, []string{"exclusion: exclusion outage-of-a-third-party was added since; approved by checkout on 2026-05-01"}, texts(v))
	require.Len(t, v.Figures, 5)
	assert.EqualValues(t, "breached", v.Figures[0].Was.State)
	assert.EqualValues(t, "met", v.Figures[0].Now.State)
}

// Of a reason the figures are compared: statements of earlier versions put it in other words.
func TestAStatementThatSpellsPercentsTheOldWayIsVerified(t *testing.T) {
	c := startCompany(t)
	c.change(func(text string) string {
		text = strings.ReplaceAll(text, "effective: {from: 2026-04-01}", "effective: {from: 2026-03-01}")
		return strings.Replace(text, "{name: up, slo: api-up,", "{name: up, slo: api-up, minCoverage: 0.6,", 1)
	})
	s, err := c.archive.Freeze(t.Context(), c.engine, c.agreement(subject), period(t, "2026-03"), statement.Order{By: "anna", Now: now})
	require.NoError(t, err)
	reason := &s.Objectives[2].Groups[0].Reason
	require.Equal(t, "3% of the time was measured, minCoverage is 60%", *reason)
	for text, verified := range map[string]bool{
		"3 % of the time was measured, minCoverage is 60 %": true,
		"4 % of the time was measured, minCoverage is 60 %": false,
		"measured were 3%, minCoverage asks for 60%":        true,
		"3% of the time was measured":                       false,
		"":                                                  false,
	} {
		*reason = text
		old, err := statement.Freeze(s.Content, s.Frozen)
		require.NoError(t, err)
		assert.Equal(t, verified, c.verify(old).Verified, text)
	}
}
