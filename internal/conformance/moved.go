package conformance

import (
	"fmt"
	"regexp"
	"strconv"
)

// yearOfDate finds the years of dates. A bare number is left alone: it may be
// a count.
var yearOfDate = regexp.MustCompile(`\b(2025|2026)(-\d\d-\d\d)`)

// MovedTo2015 is the same scenario eleven years earlier: 2026 becomes 2015 and
// 2025 becomes 2014, in the traffic, the documents and the figures alike. It is
// for engines that refuse samples from the future, as VictoriaMetrics does, and
// so makes a test of them independent of the day it is run on.
//
// The two pairs of years have the same calendar: they lie exactly 574 weeks
// apart, none is a leap year, and daylight saving time changes on the same days
// in Europe and in North America. So every weekday, week, month, quarter and
// local day keeps its place and its length, and 574 weeks being a multiple of
// every slot, every slot its edges. Scenarios of other years are refused.
func (s *Scenario) MovedTo2015() (*Scenario, error) {
	for _, t := range []int{s.Start.Year(), s.End.Year()} {
		if t != 2025 && t != 2026 {
			return nil, fmt.Errorf("scenario %s: is in %d; only 2025 and 2026 can be moved to 2014 and 2015", s.Name, t)
		}
	}
	return s.MovedBack(11)
}

// MovedBack is the scenario of 2025 or 2026 so many years earlier. Its figures
// are the same where they take neither weekdays nor a leap day.
func (s *Scenario) MovedBack(years int) (*Scenario, error) {
	text := yearOfDate.ReplaceAllFunc(s.text, func(date []byte) []byte {
		year, err := strconv.Atoi(string(date[:4]))
		if err != nil {
			panic(err) // of four digits
		}
		return append([]byte(strconv.Itoa(year-years)), date[4:]...)
	})
	return parse(text)
}
