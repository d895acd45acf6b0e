package scope

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func holidayNames(t *testing.T, country string) []string {
	t.Helper()
	holidays, known := NationalHolidays(country)
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
	require.NotContains(t, holidayNames(t, "AU"), "Melbourne Cup")
	require.ElementsMatch(t, []string{"Neujahrstag", "Auffahrt", "Bundesfeiertag", "Weihnachtstag"}, holidayNames(t, "CH"))
	require.NotContains(t, holidayNames(t, "CA"), "Civic Holiday")
	require.NotContains(t, holidayNames(t, "SE"), "Julafton", "no public holiday, though people go home")
}

func TestEveryCountryHasHolidays(t *testing.T) {
	require.Greater(t, len(Countries()), 30)
	for _, country := range Countries() {
		require.NotEmpty(t, holidayNames(t, country), country)
	}
	_, known := NationalHolidays("XX")
	require.False(t, known)
}
