package document

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones must be known where the machine has none
	"unicode"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v4"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/problem"
)

// Required reports whether a field is present, and adds an error if not.
func (d *Document) Required(field, value string) bool {
	if value == "" {
		d.Errorf(field, "is required")
	}
	return value != ""
}

// OneOf reports whether the value is one of those allowed, and adds an error if not.
func (d *Document) OneOf(field, value string, allowed ...string) bool {
	if slices.Contains(allowed, value) {
		return true
	}
	if value == "" {
		d.Errorf(field, "is required: %s", problem.Listed(allowed, "or"))
	} else {
		d.Errorf(field, "must be %s, got %q%s", problem.Listed(allowed, "or"), problem.Clip(value), problem.DidYouMean(value, allowed))
	}
	return false
}

// Percent converts a target in percent to a ratio.
func (d *Document) Percent(field string, value float64) (ratio float64, ok bool) {
	switch {
	case !(value > 0 && value <= 100): // NaN, too
		d.Errorf(field, "must be in (0, 100], got %s", number12(value))
		return 0, false
	case value <= 1:
		d.Warnf(field, "is in percent, and %s%% is taken as it stands (did you mean %s?)", number12(value), number12(100*value))
	}
	return percent(value), true
}

// percent moves the decimal point, without a rounding error: 99.95 becomes 0.9995.
func percent(value float64) float64 {
	ratio, err := strconv.ParseFloat(strconv.FormatFloat(value, 'f', -1, 64)+"e-2", 64)
	if err != nil {
		return value / 100
	}
	return ratio
}

func number12(value float64) string { return strconv.FormatFloat(value, 'g', 12, 64) }

// DurationRule describes the format of durations, for messages.
const DurationRule = "a duration is written as 30s, 5m, 1h30m, 7d, 2w"

// Duration parses a duration in the format of Prometheus; an empty one is 0. For fields in which a bare
// number means minutes, see [Document.Minutes].
func (d *Document) Duration(field, value string) (time.Duration, bool) {
	duration, err := model.ParseDuration(value)
	if err != nil && value != "" {
		d.Errorf(field, "%q is no duration: %s", problem.Clip(value), DurationRule)
		return 0, false
	}
	return time.Duration(duration), true
}

// Minutes parses a duration, where a bare number means minutes.
func (d *Document) Minutes(field string, value Scalar) (time.Duration, bool) {
	if !value.IsNumber {
		return d.Duration(field, value.Text)
	}
	minutes, err := parseNumber(value.Text)
	if err != nil || minutes <= 0 || minutes > 60*24*400 {
		d.Errorf(field, "must be a duration, or a number of minutes above 0, got %s", value.Text)
		return 0, false
	}
	return time.Duration(minutes * float64(time.Minute)), true
}

// Number returns the scalar as a number, if it is one.
func (s Scalar) Number() (float64, bool) {
	if !s.IsNumber {
		return 0, false
	}
	value, err := parseNumber(s.Text)
	return value, err == nil
}

// Zone returns the time zone of that name, or fallback if the name is empty or unknown.
func (d *Document) Zone(field, name string, fallback *time.Location) *time.Location {
	if name == "" {
		return fallback
	}
	if zone, ok := LoadZone(name); ok {
		return zone
	}
	known := slices.DeleteFunc([]string{strings.ToUpper(name), properName(name)}, func(name string) bool { _, ok := LoadZone(name); return !ok })
	d.Errorf(field, "unknown time zone %q: it must be an IANA name, as Europe/Berlin or UTC%s", problem.Clip(name), problem.DidYouMean(name, known))
	return fallback
}

// properName capitalizes each word of a name: Europe/Berlin.
func properName(name string) string {
	word := true
	return strings.Map(func(r rune) rune {
		first := word
		if word = !unicode.IsLetter(r); first {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, name)
}

// LoadZone returns the time zone with an IANA name. "Local" is refused: the same documents must mean
// the same on every machine.
func LoadZone(name string) (*time.Location, bool) {
	zone := zones.Get(name, func() (zone *time.Location, size int) {
		if name != "" && !strings.EqualFold(name, "local") {
			zone, _ = time.LoadLocation(name)
		}
		return zone, 1
	})
	return zone, zone != nil
}

// zones caches time zones by name, since loading one reads a file.
var zones = parallel.Memo[string, *time.Location]{Max: 10_000}

// Moment parses a date, which means its first instant in the zone, or a date and time with its own
// offset. The result is zero if value is empty or invalid.
func (d *Document) Moment(field, value string, zone *time.Location) time.Time {
	if value == "" || strings.Contains(value, "T") {
		return d.Instant(field, value)
	}
	day, ok := d.Date(field, value)
	if !ok {
		return time.Time{}
	}
	return day.Midnight(zone)
}

// Date parses a day of the years 1970 to 2200, and adds an error if it is invalid.
func (d *Document) Date(field, value string) (agreement.Date, bool) {
	day, ok := ParseDate(value)
	if ok {
		return day, true
	}
	if _, err := time.Parse(time.DateOnly, value); err == nil {
		d.Errorf(field, "%q is not read: %s", value, yearRule)
		return day, false
	}
	why := cmp.Or(endOfMonth(value), "a date is written as 2026-07-01")
	for _, layout := range []string{"2.1.2006", "2006/1/2", "2006-1-2"} {
		if meant, err := time.Parse(layout, value); err == nil {
			why += " (did you mean " + meant.Format(time.DateOnly) + "?)"
		}
	}
	d.Errorf(field, "%q is no date: %s", problem.Clip(value), why)
	return day, false
}

// endOfMonth returns on which day the month of a day that does not exist ends, else "".
func endOfMonth(day string) string {
	month, err := time.Parse("2006-01", day[:min(len(day), len("2006-01"))])
	if _, exists := time.Parse(time.DateOnly, day); err != nil || exists == nil || len(day) != len(time.DateOnly) {
		return ""
	}
	return fmt.Sprintf("%s ends on %s", month.Format("January 2006"), month.AddDate(0, 1, -1).Format(time.DateOnly))
}

// Instant parses a date and time with its offset from UTC, RFC 3339. The result is zero if value is
// empty or invalid.
func (d *Document) Instant(field, value string) time.Time {
	at, err := time.Parse(time.RFC3339, value)
	switch {
	case value == "":
	case err != nil:
		day, _, _ := strings.Cut(value, "T")
		d.Errorf(field, "%q is no date and time with offset: %s", problem.Clip(value), cmp.Or(endOfMonth(day), "it is written as 2026-11-08T02:00:00+01:00"))
	case !isReadYear(at):
		d.Errorf(field, "%q is not read: %s", value, yearRule)
	default:
		return at
	}
	return time.Time{}
}

const yearRule = "its year must be from 1970 to 2200"

func isReadYear(at time.Time) bool { return at.Year() >= 1970 && at.Year() <= 2200 }

// ParseDate parses a day such as 2026-07-01 of the years 1970 to 2200.
func ParseDate(value string) (agreement.Date, bool) {
	day, err := time.Parse(time.DateOnly, value)
	if err != nil || !isReadYear(day) {
		return agreement.Date{}, false
	}
	return agreement.DateOf(day), true
}

// ParseMonthDay parses a day of every year such as 12-24, including 29 February.
func ParseMonthDay(value string) (agreement.MonthDay, bool) {
	day, err := time.Parse(time.DateOnly, "2000-"+value)
	if err != nil {
		return agreement.MonthDay{}, false
	}
	return agreement.MonthDay{Month: day.Month(), Day: day.Day()}, true
}

// scalarType is the type of a scalar in the core schema of YAML 1.2.
type scalarType int

const (
	text scalarType = iota
	number
	boolean
	null
	foreign    // an explicit tag that is not in the core schema
	collection // not a scalar: a mapping or a list
)

// The core schema, YAML 1.2 §10.3.2. The tags of the parser are not used: it follows older rules, by
// which some dates and numbers with underscores are not text.
var (
	nullText   = regexp.MustCompile(`^(null|Null|NULL|~|)$`)
	boolText   = regexp.MustCompile(`^(true|True|TRUE|false|False|FALSE)$`)
	numberText = regexp.MustCompile(`^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

var tagTypes = map[string]scalarType{
	"!!str": text, "!": text, "!!int": number, "!!float": number, "!!bool": boolean, "!!null": null,
}

func typeOf(node *yaml.Node) scalarType {
	tagged, known := tagTypes[node.Tag]
	switch {
	case node.Kind != yaml.ScalarNode:
		return collection
	case node.Style&yaml.TaggedStyle != 0 && known:
		return tagged
	case node.Style&yaml.TaggedStyle != 0:
		return foreign
	case node.Style&quoted != 0:
		return text
	case nullText.MatchString(node.Value):
		return null
	case boolText.MatchString(node.Value):
		return boolean
	case numberText.MatchString(node.Value):
		return number
	}
	return text
}

// parseNumber parses a number of the core schema. Infinity and NaN are refused: no field can have them.
func parseNumber(value string) (float64, error) {
	if strings.HasPrefix(value, "0o") || strings.HasPrefix(value, "0x") {
		n, err := strconv.ParseUint(value, 0, 64)
		return float64(n), err
	}
	f, err := strconv.ParseFloat(strings.Replace(value, ".inf", "inf", 1), 64)
	if err == nil && (math.IsInf(f, 0) || math.IsNaN(f)) {
		err = strconv.ErrRange
	}
	return f, err
}

// thousands matches a number with a comma that may be a decimal one.
var thousands = regexp.MustCompile(`^[1-9]\d{0,2},\d{3}$`)

// meantNumber suggests the number that a text such as 99.9%, 0,995 or "0.5" probably means.
func meantNumber(text, rules string) string {
	bare, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	bare = strings.Replace(strings.TrimSpace(bare), ",", ".", 1)
	value, err := parseNumber(bare)
	if err != nil || !numberText.MatchString(bare) {
		return ""
	}
	_, _, most := bounds(rules)
	if math.IsInf(most, 1) && thousands.MatchString(text) {
		return ""
	}
	if isPercent && most != 100 || most == 1 && value > 1 {
		value = percent(value)
	}
	return fmt.Sprintf(" (did you mean %s?)", number12(value))
}

// describe returns what a node is, for error messages.
func describe(node *yaml.Node) string {
	switch typeOf(node) {
	case collection:
		if node.Kind == yaml.MappingNode {
			return "a mapping"
		}
		return "a list"
	case number:
		return "the number " + problem.Clip(node.Value)
	case boolean:
		return problem.Clip(node.Value)
	case null:
		return "nothing"
	case foreign:
		return "a value with the tag " + problem.Clip(node.Tag)
	}
	return fmt.Sprintf("the text %q", problem.Clip(node.Value))
}
