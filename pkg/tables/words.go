package tables

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
)

// notes collects sentences, or parts of one, about one subject.
type notes []string

func (n *notes) when(condition bool, format string, values ...any) {
	if condition {
		*n = append(*n, fmt.Sprintf(format, values...))
	}
}

const absent = budget.AbsentText

// Amount formats a count without its unit, and seconds as a duration: «1,234», «12m 40s».
func Amount(amount budget.Figure, unit agreement.Unit) string {
	switch {
	case !amount.Known():
		return absent
	case unit == agreement.Seconds:
		return Elapsed(time.Duration(float64(amount) * float64(time.Second)))
	default:
		return grouped(amount)
	}
}

// CountText formats a count with its unit.
func CountText(amount budget.Figure, unit agreement.Unit) string {
	text := Amount(amount, unit)
	switch {
	case unit == agreement.Seconds || !amount.Known():
		return text
	case text == "1":
		return text + " " + strings.TrimSuffix(string(unit), "s")
	}
	return text + " " + string(unit)
}

// RemainingText formats the remaining budget: «12m 40s of 43m 12s», if overspent «−20 of 100 events».
func RemainingText(b budget.Balance, unit agreement.Unit) string {
	switch {
	case !b.Remaining.Known():
		return absent
	case b.Allowed <= 0 && b.Bad <= 0:
		return "none allowed"
	case b.Allowed <= 0:
		return "−" + CountText(b.Bad, unit) + ", none allowed"
	}
	return Amount(b.Allowed-b.Bad, unit) + " of " + CountText(b.Allowed, unit)
}

func grouped(count budget.Figure) string {
	sign, value := "", float64(count.AsCount())
	if value < 0 {
		sign, value = "−", -value
	}
	digits := strconv.FormatFloat(value, 'f', -1, 64)
	whole, rest, _ := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return sign + whole
}

// Elapsed formats a duration in its two largest units: «2d 3h», «43m 12s».
// Less than a second is a decimal fraction: «0.5s».
func Elapsed(length time.Duration) string {
	switch {
	case length < 0:
		return "−" + Elapsed(-length)
	case length < time.Second:
		return grouped(budget.Figure(length.Seconds())) + "s"
	}
	seconds := int64(length.Round(time.Second) / time.Second)
	units := []struct {
		name   string
		length int64
	}{{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}
	for seconds < units[0].length {
		units = units[1:]
	}
	text := fmt.Sprint(seconds/units[0].length, units[0].name)
	if len(units) > 1 {
		if rest := seconds % units[0].length / units[1].length; rest > 0 {
			text += fmt.Sprint(" ", rest, units[1].name)
		}
	}
	return text
}

// Minute formats an instant in UTC to the minute, as precise as a forecast can be.
func Minute(at time.Time) string { return minuteIn(at, nil) }

func minuteIn(at time.Time, zone *time.Location) string {
	return instantIn(at.Truncate(time.Minute), zone)
}

// Instant formats an instant in UTC, without seconds if they are zero.
func Instant(at time.Time) string { return instantIn(at, nil) }

// instantIn formats an instant in the zone; nil means UTC.
func instantIn(at time.Time, zone *time.Location) string {
	return agreement.FormatInstant(at.In(cmp.Or(zone, time.UTC)))
}

// zoneOfAll returns the time zone that all rows share; nil if they do not share one.
func zoneOfAll[R any](rows []R, of func(R) *time.Location) (zone *time.Location) {
	for i, row := range rows {
		if i > 0 && zone.String() != of(row).String() {
			return nil
		}
		zone = of(row)
	}
	return zone
}

// StateText formats a state for people: «at risk».
func StateText(state budget.State) string { return strings.ReplaceAll(string(state), "_", " ") }

// WindowText describes a window; end is its end or an instant in it.
func WindowText(window agreement.Window, end time.Time) string {
	switch {
	case !window.IsCalendar() && window.Rolling == 0: // the agreement was not read
		return budget.AbsentText
	case !window.IsCalendar():
		return "last " + agreement.FormatDuration(window.Rolling)
	case window.Offset != 0:
		window.Offset = 0
		return window.Period(end).Name()
	case window.Calendar == agreement.Day:
		return "today"
	}
	return "this " + string(window.Calendar)
}

// number formats a figure with all its digits; an absent one is empty.
func number(figure budget.Figure) string {
	if !figure.Known() {
		return ""
	}
	return strconv.FormatFloat(float64(figure), 'f', -1, 64)
}

// Some joins the first texts and says how many more there are: «a, b and 3 more» with «, » as between
// and « and» as and.
func Some(most int, texts []string, between, and string) string {
	text := strings.Join(texts[:min(most, len(texts))], between)
	if more := len(texts) - most; more > 0 {
		text += fmt.Sprintf("%s %d more", and, more)
	}
	return text
}

// Sentence ends a reason with a period and capitalizes a first word of lower-case letters, not a name like «a-b».
func Sentence(reason string) string {
	if word, _, _ := strings.Cut(reason, " "); strings.Trim(word, "abcdefghijklmnopqrstuvwxyz,;:") == "" && word != "" {
		reason = Capitalized(reason)
	}
	if reason == "" || strings.ContainsAny(reason[len(reason)-1:], ".?!") {
		return reason
	}
	return reason + "."
}

// Capitalized returns the text with its first letter in upper case.
func Capitalized(text string) string {
	_, first := utf8.DecodeRuneInString(text)
	return strings.ToUpper(text[:first]) + text[first:]
}
