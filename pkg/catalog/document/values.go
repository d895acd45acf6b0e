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

// Required reports whether a field is there, and says so if not.
func (d *Document) Required(field, value string) bool {
	if value == "" {
		d.Errorf(field, "is required")
	}
	return value != ""
}

// OneOf reports whether the value is one of those allowed, and says so if not.
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

// Percent returns a target given in percent as a ratio.
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

// percent moves the decimal point: 99.95 becomes 0.9995, without a rounding error.
func percent(value float64) float64 {
	ratio, err := strconv.ParseFloat(strconv.FormatFloat(value, 'f', -1, 64)+"e-2", 64)
	if err != nil {
		return value / 100
	}
	return ratio
}

func number12(value float64) string { return strconv.FormatFloat(value, 'g', 12, 64) }

// DurationRule is how durations are written.
const DurationRule = "a duration is written as 30s, 5m, 1h30m, 7d, 2w"

// Duration reads a duration as Prometheus writes them, 0 where there is none. A number may stand for
// minutes only where a field says so, see [Document.Minutes].
func (d *Document) Duration(field, value string) (time.Duration, bool) {
	duration, err := model.ParseDuration(value)
	if err != nil && value != "" {
		d.Errorf(field, "%q is no duration: %s", problem.Clip(value), DurationRule)
		return 0, false
	}
	return time.Duration(duration), true
}

// Minutes reads a duration, in which a bare number is a number of minutes.
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

// Zone reads the name of a time zone; empty is the fallback.
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

// properName returns a name with each of its words capitalized: Europe/Berlin.
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

// LoadZone returns the time zone of an IANA name. That of the machine («Local») is
// none: the same documents must mean the same everywhere.
func LoadZone(name string) (*time.Location, bool) {
	zone := zones.Get(name, func() (zone *time.Location, size int) {
		if name != "" && !strings.EqualFold(name, "local") {
			zone, _ = time.LoadLocation(name)
		}
		return zone, 1
	})
	return zone, zone != nil
}

// zones are the time zones by name: loading one anew takes a file to be read.
var zones = parallel.Memo[string, *time.Location]{Max: 10_000}

// Moment reads a date, which means its first instant in the zone, or a date and
// time with its own offset. It is the zero time where there is none, or it is bad.
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

// Date reads a day of the years 1970 to 2200, and says what is wrong with it.
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

// endOfMonth says when the month ends of a day that it has not, "" where it is none.
func endOfMonth(day string) string {
	month, err := time.Parse("2006-01", day[:min(len(day), len("2006-01"))])
	if _, exists := time.Parse(time.DateOnly, day); err != nil || exists == nil || len(day) != len(time.DateOnly) {
		return ""
	}
	return fmt.Sprintf("%s ends on %s", month.Format("January 2006"), month.AddDate(0, 1, -1).Format(time.DateOnly))
}

// Instant reads a date and time with its offset from UTC, RFC 3339. It is the zero
// time where there is none, or it is bad.
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

// ParseDate reads 2026-07-01 as a day of the years 1970 to 2200.
func ParseDate(value string) (agreement.Date, bool) {
	day, err := time.Parse(time.DateOnly, value)
	if err != nil || !isReadYear(day) {
		return agreement.Date{}, false
	}
	return agreement.DateOf(day), true
}

// ParseMonthDay reads 12-24 as a day of every year, 29 February included.
func ParseMonthDay(value string) (agreement.MonthDay, bool) {
	day, err := time.Parse(time.DateOnly, "2000-"+value)
	if err != nil {
		return agreement.MonthDay{}, false
	}
	return agreement.MonthDay{Month: day.Month(), Day: day.Day()}, true
}

// scalarType is what a scalar is by the core schema of YAML 1.2.
type scalarType int

const (
	text scalarType = iota
	number
	boolean
	null
	foreign    // an explicit tag that no document of ours has
	collection // no scalar: a mapping or a list
)

// The core schema, §10.3.2. The parser resolves by older rules, in which some
// dates and numbers with underscores are more than text, so it is not asked.
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

// parseNumber reads a number of the core schema. Infinity and NaN are no
// figures that anything in a document can have.
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

// thousands is a number of which nobody knows whether its comma is a decimal one.
var thousands = regexp.MustCompile(`^[1-9]\d{0,2},\d{3}$`)

// meantNumber offers the number that a text such as 99.9%, 0,995 or "0.5" is meant as.
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

// describe says what a node is, for a reader who expected something else.
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
