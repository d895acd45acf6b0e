package scope

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
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

// A year costs what it holds: that of a rule its starts, that of a country its
// holidays. What is beyond the bound is made anew.
func TestARememberedYearHasItsSize(t *testing.T) {
	daily := &agreement.Exclusion{From: time.Date(1970, 1, 1, 3, 0, 0, 0, time.UTC), Zone: time.UTC, Recurrence: "FREQ=DAILY"}
	starts := func(year int) *int64 {
		starts, err := startsIn(year, daily)
		require.NoError(t, err)
		return &starts[0]
	}
	holidays := func(year int) any { return reflect.ValueOf(nationalHolidayDates("DE", year)).Pointer() }
	for fewer := range 2 {
		expansions = parallel.Memo[expansion, expanded]{Max: 366 - fewer}
		holidayDates = parallel.Memo[countryYear, map[agreement.Date]string]{Max: 1 + len(nationalHolidayDates("DE", 1971)) - fewer}
		first, dates := starts(1971), holidays(1971)
		require.NotEqual(t, dates, holidays(1972))
		starts(1972)
		require.Equal(t, fewer == 0, first == starts(1971))
		require.Equal(t, fewer == 0, dates == holidays(1971))
	}
}
