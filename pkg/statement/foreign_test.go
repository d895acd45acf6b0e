package statement_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/statement"
)

func golden(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/payments-for-checkout.json.golden")
	require.NoError(t, err)
	return string(text)
}

// What was changed by hand is found, whether its figures, its definition or its
// slots, and whoever makes a new digest for it is found out by the arithmetic.
func TestAChangedFileIsFoundOut(t *testing.T) {
	for name, of := range map[string]struct {
		was, is string
		kinds   []string
		said    string
	}{
		"a figure":       {`"bad":12509,"compliance":0.995344949685`, `"bad":2509,"compliance":0.995344949685`, []string{"digest", "arithmetic"}, "objectives[availability].groups[0].adjusted.bad is stated as 2509, and computed from the stored slots and the definition it is 12509"},
		"a slot":         {`310x3515 12810`, `310x3515 22810`, []string{"digest", "arithmetic"}, "adjusted.total"},
		"a target":       {`"target":0.998`, `"target":0.99`, []string{"digest", "arithmetic"}, "adjusted.allowed"},
		"an approval":    {`"hasEffect":false`, `"hasEffect":true`, []string{"digest", "arithmetic"}, "definition.exclusions[asked-for-late].hasEffect"},
		"words":          {`No feature releases`, `Feature releases`, []string{"digest"}, "its digest is not that of what stands in it"},
		"who has frozen": {`"by":"anna"`, `"by":"ben"`, nil, ""},
		// Statements of before there was lateUntil have none either.
		"no late samples": {`,"lateUntil":"2026-05-02T22:00:00Z"`, ``, nil, ""},
		"nothing at all":  {`{`, `{`, nil, ""},
		"only white room": {`{"agreement"`, "{\n  \"agreement\"", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, golden(t), of.was)
			s, err := statement.Decode([]byte(strings.Replace(golden(t), of.was, of.is, 1)))
			require.NoError(t, err)
			v, err := statement.Verify(t.Context(), s, nil)
			require.NoError(t, err)
			all := strings.Join(texts(v), "\n")
			for _, kind := range of.kinds {
				assert.Contains(t, all, kind+": ")
			}
			assert.Contains(t, all, of.said)
			assert.Equal(t, of.kinds == nil, v.Verified, all)
		})
	}
}

func TestWhatIsNoStatementIsRefused(t *testing.T) {
	replaced := func(was, is string) string {
		require.Contains(t, golden(t), was)
		return strings.Replace(golden(t), was, is, 1)
	}
	for name, of := range map[string]struct{ text, said string }{
		"nothing":                {"", "is not well-formed JSON"},
		"a page":                 {"<html>", "is not well-formed JSON"},
		"something else":         {`{"kind":"Statement"}`, `the field "format" is missing`},
		"a later format":         {replaced("accord.statement/v1", "accord.statement/v9"), `has the format "accord.statement/v9"; this program reads accord.statement/v1`},
		"a name twice":           {replaced(`{"agreement"`, `{"agreement":"a","agreement"`), "duplicate"},
		"an unknown field":       {replaced(`{"agreement"`, `{"x":1,"agreement"`), "unknown field"},
		"a field in other case":  {replaced(`"state":"breached"`, `"State":"met"`), "not in the form"},
		"a missing field":        {replaced(`"alerts":[`, `"alerts":null,"x":[`), ""},
		"half a file":            {golden(t)[:1000], "is not well-formed JSON"},
		"no period":              {replaced(`"name":"2026-04"`, `"name":"2026-14"`), "period.name"},
		"another period":         {replaced(`"name":"2026-04"`, `"name":"2026-06"`), "slots.from"},
		"too few slots":          {replaced("310x3515", "310x3514"), "has 8639 slots, and the period has 8640"},
		"too many slots":         {replaced("310x3515", "310x999999999"), "has more than the 8640 slots of the period"},
		"a count that is none":   {replaced("310x3515", "NaNx3515"), "is no count"},
		"a count without total":  {replaced(`"0x2112 6`, `"_x2112 6`), "has a count where total has none"},
		"a zone there is not":    {replaced(`"timeZone":"Europe/Berlin"`, `"timeZone":"Europe/Atlantis"`), `definition.timeZone: is "Europe/Atlantis", and is read as "UTC"`},
		"a target of 99":         {replaced(`"target":0.998`, `"target":99.8`), "must be in (0, 1]"},
		"an unknown method":      {replaced(`"budgetingMethod":"Occurrences"`, `"budgetingMethod":"Guesses"`), "budgetingMethod"},
		"an unknown stage":       {replaced(`"stage":"active"`, `"stage":"activex"`), `definition.stage: there is none called "activex"`},
		"an unknown op":          {replaced(`"op":"gte"`, `"op":"gtx"`), `op: there is none called "gtx"`},
		"a resolution of 1ms":    {replaced(`"resolution":"5m"`, `"resolution":"1ms"`), "resolution"},
		"a restatement of none":  {replaced(`"number":1`, `"number":2`), "number"},
		"a gap in the chain":     {replaced(`"number":1`, `"number":3,"replaces":{"digest":"x","number":1}`), "number: is 3: each but the first"},
		"another agreement":      {replaced(`{"agreement":"payments-for-checkout"`, `{"agreement":"else"`), "agreement"},
		"frozen too early":       {replaced(`"frozen":{"at":"2026-05-02T09:00:00Z"`, `"frozen":{"at":"2026-04-30T21:59:59Z"`), "frozen.at: is 2026-04-30T21:59:59Z, and the period ends at 2026-04-30T22:00:00Z"},
		"late samples for long":  {replaced(`"lateUntil":"2026-05-02T22:00:00Z"`, `"lateUntil":"2026-05-03T22:00:00Z"`), "frozen.lateUntil: is 2026-05-03T22:00:00Z, and does not follow from frozen.at, 2026-05-02T09:00:00Z, and the end of the period, 2026-04-30T22:00:00Z"},
		"late samples for ever":  {replaced(`"frozen":{"at":"2026-05-02T09:00:00Z"`, `"frozen":{"at":"2026-05-02T22:00:00Z"`), "frozen.lateUntil"},
		"an endless recurrence":  {replaced(`"reason":"Planned`, `"recurrence":"FREQ=SECONDLY","reason":"Planned`), "recurrence"},
		"a figure that is words": {replaced(`"compliance":0.995344949685`, `"compliance":"good"`), "cannot be read as a statement"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := statement.Decode([]byte(of.text))
			assert.ErrorContains(t, err, of.said)
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(golden(f))
	f.Add(`{"format":"accord.statement/v1"}`)
	f.Add(strings.Replace(golden(f), "310x3515", "3e308x3515", 1))
	f.Fuzz(func(t *testing.T, text string) {
		all, err := statement.DecodeAll([]byte(text))
		if err != nil {
			return
		}
		for _, s := range all {
			// Whatever can be read can be checked and written again.
			_, err := statement.Verify(t.Context(), s, nil)
			require.NoError(t, err)
			written, err := s.Encode()
			require.NoError(t, err)
			again, err := statement.Decode(written)
			require.NoError(t, err)
			rewritten, err := again.Encode()
			require.NoError(t, err)
			require.Equal(t, string(written), string(rewritten))
		}
	})
}

// A statement that is written and read is the same, to the last bit of every
// count, and so is its text when it is written again.
func TestWritingAndReadingLosesNothing(t *testing.T) {
	read, err := statement.Decode([]byte(golden(t)))
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		s := *read
		s.Frozen.By = rapid.String().Draw(t, "by")
		s.Frozen.At = time.UnixMilli(rapid.Int64Range(read.Period.To.UnixMilli(), 4e12).Draw(t, "at")).UTC()
		s.Alerts = rapid.SliceOf(rapid.Custom(func(t *rapid.T) measure.FiredAlert {
			return measure.FiredAlert{Name: rapid.String().Draw(t, "name"), From: s.Frozen.At, To: s.Frozen.At}
		})).Draw(t, "alerts")
		s.Objectives = append([]statement.Objective{}, read.Objectives...)
		s.Objectives[0].Groups = append([]statement.Group{}, read.Objectives[0].Groups...)
		bad := rapid.Float64Range(-1e300, 1e300).Draw(t, "bad")
		s.Objectives[0].Groups[0].Adjusted.Bad = budget.Figure(bad)
		number, err := json.Marshal(bad)
		require.NoError(t, err)
		s.Objectives[0].Groups[0].Slots.Bad = strings.Replace(s.Objectives[0].Groups[0].Slots.Bad, " 12500 ", " "+string(number)+" ", 1)
		if s.Alerts == nil {
			s.Alerts = []measure.FiredAlert{}
		}
		frozen, err := statement.Freeze(s.Content, s.Frozen)
		require.NoError(t, err)
		text, err := frozen.Encode()
		require.NoError(t, err)
		again, err := statement.Decode(text)
		require.NoError(t, err)
		written, err := again.Encode()
		require.NoError(t, err)
		require.Equal(t, string(text), string(written))
		v, err := statement.Verify(t.Context(), again, nil)
		require.NoError(t, err)
		for _, d := range v.Differences {
			require.NotEqual(t, statement.Tampered, d.Kind)
		}
	})
}
