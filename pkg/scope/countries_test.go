package scope

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
)

func holidayNames(t *testing.T, country string) []string {
	t.Helper()
	holidays, known := nationalHolidays[country]
	require.True(t, known, country)
	var names []string
	for _, holiday := range holidays {
		names = append(names, holiday.Name)
	}
	return names
}

func TestNationalHolidaysAreThoseOfTheWholeCountry(t *testing.T) {
	require.Len(t, holidayNames(t, "DE"), 9)
	require.Contains(t, holidayNames(t, "DE"), "Tag der Deutschen Einheit")
	require.NotContains(t, holidayNames(t, "DE"), "Fronleichnam", "kept in some states only")
	require.Contains(t, holidayNames(t, "AU"), "Christmas Day")
	require.Contains(t, holidayNames(t, "AU"), "ANZAC Day", "which some states observe otherwise")
	require.NotContains(t, holidayNames(t, "AU"), "Melbourne Cup")
	require.NotContains(t, holidayNames(t, "AU"), "Canberra Day")
	require.Contains(t, holidayNames(t, "BR"), "Dia da Consciência Negra")
	require.Contains(t, holidayNames(t, "PL"), "Wigilia")
	require.ElementsMatch(t, []string{"Neujahrstag", "Auffahrt", "Bundesfeiertag", "Weihnachtstag"}, holidayNames(t, "CH"))
	require.NotContains(t, holidayNames(t, "CA"), "Civic Holiday")
	require.NotContains(t, holidayNames(t, "SE"), "Julafton", "no public holiday, though people go home")
}

func TestEveryCountryHasHolidays(t *testing.T) {
	require.Greater(t, len(Countries()), 30)
	for _, country := range Countries() {
		require.NotEmpty(t, holidayNames(t, country), country)
	}
	require.NotContains(t, Countries(), "XX")
}

// What is remembered has a bound: beyond it, what is asked for next begins anew.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	m := memo[string, int]{max: 10}
	made := 0
	get := func(key string, size int) int {
		return m.get(key, func() (int, int) {
			made++
			return made, size
		})
	}
	require.Equal(t, 1, get("a", 10))
	require.Equal(t, 2, get("b", 1), "just as much as may be held")
	require.Equal(t, 1, get("a", 10))
	require.Equal(t, 3, get("c", 1), "more than that is dropped")
	require.Equal(t, 4, get("a", 10))
	require.Equal(t, 11, m.size)
}

// A year costs what it holds: that of a rule its starts, that of a country its
// holidays.
func TestARememberedYearHasItsSize(t *testing.T) {
	expansions.size, holidayDates.size = 0, 0
	from := time.Date(1970, 1, 1, 3, 0, 0, 0, time.UTC)
	starts, err := startsIn(1971, &agreement.Exclusion{From: from, Zone: time.UTC, Recurrence: "FREQ=DAILY"})
	require.NoError(t, err)
	require.Len(t, starts, 365)
	require.Equal(t, 366, expansions.size)
	require.Equal(t, 1+len(nationalHolidayDates("DE", 1971)), holidayDates.size)
}
