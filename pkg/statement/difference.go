package statement

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/wire"
)

// Change is a field that differs between two values. Was and Now are JSON, truncated if long, empty if missing.
type Change struct{ Path, Was, Now string }

// changes returns the fields in which two values differ as JSON. Numbers are
// compared by [isSame], items of lists are matched as by [itemsOf].
func changes(was, now any, tolerance float64) []Change {
	d := differ{tolerance: tolerance}
	d.value("", plain(was), plain(now))
	return d.found
}

// plain returns the value as decoded from its JSON, or the error text if it cannot be encoded.
func plain(value any) (read any) {
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil {
		return err.Error()
	}
	return read
}

type differ struct {
	tolerance float64
	found     []Change
}

// none stands for a missing field or item.
type none struct{}

func (d *differ) value(path string, was, now any) {
	a, isObject := was.(map[string]any)
	b, areObjects := now.(map[string]any)
	before, isList := was.([]any)
	after, areLists := now.([]any)
	switch {
	case isObject && areObjects:
		all := maps.Clone(a)
		maps.Copy(all, b)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			d.value(strings.TrimPrefix(path+"."+name, "."), at(a, name), at(b, name))
		}
	case isList && areLists:
		left, right := itemsOf(before, after)
		for _, key := range wire.Distinct(slices.Concat(left.keys, right.keys), func(key string) string { return key }) {
			d.value(path+"["+key+"]", at(left.values, key), at(right.values, key))
		}
	case !d.same(path, was, now):
		d.found = append(d.found, Change{path, text(was), text(now)})
	}
}

func at(values map[string]any, key string) any {
	if value, there := values[key]; there {
		return value
	}
	return none{}
}

var (
	reasonOfGroup = regexp.MustCompile(`^objectives\[[^\]]*]\.groups\[\d+]\.reason$`)
	figuresInText = regexp.MustCompile(`\d+(\.\d+)?`)
)

// same compares values without parts. In the reason of a group's state it compares only
// the figures: the wording may have changed since the version that froze it.
func (d *differ) same(path string, was, now any) bool {
	switch a := was.(type) {
	case float64:
		b, areNumbers := now.(float64)
		return areNumbers && isSame(a, b, d.tolerance)
	case string:
		if b, areTexts := now.(string); areTexts && reasonOfGroup.MatchString(path) {
			return slices.Equal(figuresInText.FindAllString(a, -1), figuresInText.FindAllString(b, -1))
		}
	}
	return was == now
}

// isSame reports whether two numbers differ by at most the tolerance, which is relative for numbers above 1.
func isSame(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

// items are the items of a list by key, with the keys in their order.
type items struct {
	keys   []string
	values map[string]any
}

// itemsOf returns the items of two lists, keyed by the first of name, date, from and team that is unique
// in both lists; otherwise, and for weekly hours, by index.
func itemsOf(was, now []any) (left, right items) {
	for _, field := range []string{"name", "date", "from", "team"} {
		left, tellsApart := itemsBy(was, field)
		if right, ok := itemsBy(now, field); ok && tellsApart {
			return left, right
		}
	}
	left, _ = itemsBy(was, "")
	right, _ = itemsBy(now, "")
	return left, right
}

// itemsBy keys the items by a field, or by index if that is empty; ok is false if it does not tell them apart.
func itemsBy(list []any, field string) (by items, ok bool) {
	by.values = map[string]any{}
	for i, item := range list {
		key := strconv.Itoa(i)
		if object, _ := item.(map[string]any); field != "" {
			if key, ok = object[field].(string); !ok || object["days"] != nil {
				return by, false
			}
		}
		if _, taken := by.values[key]; taken {
			return by, false
		}
		by.keys, by.values[key] = append(by.keys, key), item
	}
	return by, true
}

// text returns the value as JSON, truncated if long; empty for a missing one.
func text(value any) string {
	if value == (none{}) {
		return ""
	}
	written, _ := json.Marshal(value) // cannot fail: it was decoded from JSON
	const most = 200
	if runes := []rune(string(written)); len(runes) > most {
		return strings.TrimSpace(string(runes[:most])) + "…"
	}
	return string(written)
}

// wordsOnly matches the fields of a definition that change no figure. It matches whole
// paths, since a label in select may have the name of any field.
var wordsOnly = regexp.MustCompile(`^(displayName|description|stage|consequences|signatures.*|supportHours\.name|supportHours\.holidays\[[^\]]*]\.name|` +
	`objectives\[[^\]]*]\.(displayName|slo|indicator\.(name|recorded)|window|revisions\[[^\]]*]\.reason)|exclusions\[[^\]]*]\.(displayName|reason|category))$`)

// namedField splits the path of an objective or exclusion, or of a field of it.
var namedField = regexp.MustCompile(`^(objective|exclusion)s\[([^\]]*)\](?:\.(.*))?$`)

// Compare returns the fields of the definition in which two agreements differ, as far
// as they affect the time between from and to. The error is that of [scope.Occurrences].
func Compare(ctx context.Context, was, now *agreement.Agreement, from, to time.Time) ([]Change, error) {
	before, beforeErr := define(ctx, was, from, to)
	after, afterErr := define(ctx, now, from, to)
	return changes(before, after, 0), cmp.Or(beforeErr, afterErr)
}

// definition compares the frozen definition with the documents as they are now.
func (v *verifier) definition(ctx context.Context, now *agreement.Agreement) error {
	if now == nil {
		v.differs(Difference{Kind: Redefined, Text: "the documents have no agreement " + v.statement.Agreement + " any more"})
		return nil
	}
	if now.NotRead != "" {
		v.differs(Difference{Kind: NotCompared, Text: now.Name + " is " + now.NotRead + "; so what was promised could not be compared"})
		return nil
	}
	from, to := Bounds(now, v.stored.period)
	defined, err := define(ctx, now, from, to)
	if err != nil {
		return err
	}
	for _, c := range changes(v.statement.Definition, defined, 0) {
		v.redefined(c, defined)
	}
	return nil
}

func (v *verifier) redefined(c Change, now wire.Definition) {
	d := Difference{Kind: Redefined, Field: c.Path, Was: c.Was, Now: c.Now, Text: since("definition: "+c.Path, c)}
	hasEffect := !wordsOnly.MatchString(c.Path)
	if of := namedField.FindStringSubmatch(c.Path); of != nil {
		kind, name, field := of[1], of[2], of[3]
		switch {
		case field == "" && c.Was == "":
			d.Text = kind + " " + name + " was added since"
		case field == "":
			d.Text = kind + " " + name + " was removed since"
		case kind == "exclusion":
			d.Text = since("exclusion "+name+": "+field, c)
		case field == "target":
			d.Kind, d.Text = TargetKind, since("target of "+name, c)
		case strings.HasPrefix(field, "revisions"):
			d.Kind, d.Text = TargetKind, since("target of "+name+", "+field, c)
		default:
			d.Text = since("definition of "+name+": "+field, c)
		}
		if kind == "objective" {
			d.Objective = name
		} else {
			was, is := exclusionNamed(v.statement.Definition, name), exclusionNamed(now, name)
			d.Kind = Excluded
			d.Text += approval(is)
			hasEffect = hasEffect && (was.HasEffect || is.HasEffect)
		}
	}
	if !hasEffect {
		v.note("changed since, without effect on the figures: %s", d.Text)
		return
	}
	v.differs(d)
}

func exclusionNamed(d wire.Definition, name string) wire.AppliedExclusion {
	for _, x := range d.Exclusions {
		if x.Name == name {
			return x
		}
	}
	return wire.AppliedExclusion{}
}

// approval says whether an exclusion has effect, and who approved it when; empty for the zero value.
func approval(x wire.AppliedExclusion) string {
	switch {
	case x.Name == "":
		return ""
	case x.HasEffect && !x.ApprovedOn.IsZero():
		zone, _ := document.LoadZone(x.TimeZone)
		return fmt.Sprintf("; approved by %s on %s", x.ApprovedBy, x.ApprovedOn.In(zone).Format(time.DateOnly))
	case x.HasEffect:
		return "; approved by " + x.ApprovedBy
	}
	return "; without effect until a party approves it that did not ask for it"
}

func since(field string, c Change) string {
	switch {
	case c.Was == "":
		return fmt.Sprintf("%s was added since: %s", field, c.Now)
	case c.Now == "":
		return fmt.Sprintf("%s was removed since: it was %s", field, c.Was)
	}
	return fmt.Sprintf("%s: %s when it was frozen, %s in the documents now", field, c.Was, c.Now)
}
