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
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/wire"
)

// Change is a field that differs between two values. Was and Now are JSON, truncated if long, empty if missing.
type Change struct{ Path, Was, Now string }

// changes returns the fields in which two values differ as JSON. Numbers are
// compared by [isSame]. List items are matched by name or another key, else by
// index, see [partsOf].
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
	left, right := partsOf(was, now)
	if left.path != "" && left.path == right.path {
		for _, key := range left.keysWith(right) {
			d.value(strings.TrimPrefix(fmt.Sprintf(left.path, path, key), "."), left.part(key), right.part(key))
		}
		return
	}
	if !d.same(path, was, now) {
		d.found = append(d.found, Change{path, text(was), text(now)})
	}
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

// parts are the fields of an object, or the items of a list by key, in order.
type parts struct {
	path   string // format of a part's path from that of the whole and the key; empty if it has no parts
	keys   []string
	values map[string]any
}

func (p parts) part(key string) any {
	if value, there := p.values[key]; there {
		return value
	}
	return none{}
}

// keysWith returns the keys of both, for objects sorted by name.
func (p parts) keysWith(other parts) []string {
	keys := slices.Clone(p.keys)
	for _, key := range other.keys {
		if _, both := p.values[key]; !both {
			keys = append(keys, key)
		}
	}
	if p.path == ofObject {
		slices.Sort(keys)
	}
	return keys
}

const (
	ofObject = "%s.%s"
	ofList   = "%s[%s]"
)

// partsOf splits two objects or two lists into parts. List items are keyed by the first of name,
// date, from and team that is unique in both lists; otherwise, and for weekly hours, by index.
func partsOf(was, now any) (left, right parts) {
	a, isObject := was.(map[string]any)
	b, areObjects := now.(map[string]any)
	if isObject && areObjects {
		return parts{ofObject, slices.Collect(maps.Keys(a)), a}, parts{ofObject, slices.Collect(maps.Keys(b)), b}
	}
	before, isList := was.([]any)
	after, areLists := now.([]any)
	if !isList || !areLists {
		return parts{}, parts{}
	}
	for _, field := range []string{"name", "date", "from", "team"} {
		key := func(_ int, item any) any {
			object, _ := item.(map[string]any)
			if object["days"] != nil {
				return nil
			}
			return object[field]
		}
		left, tellsApart := itemsBy(before, key)
		if right, ok := itemsBy(after, key); ok && tellsApart {
			return left, right
		}
	}
	place := func(i int, _ any) any { return fmt.Sprint(i) }
	left, _ = itemsBy(before, place)
	right, _ = itemsBy(after, place)
	return left, right
}

func itemsBy(list []any, key func(int, any) any) (parts, bool) {
	by := parts{ofList, nil, map[string]any{}}
	for i, item := range list {
		name, ok := key(i, item).(string)
		if _, taken := by.values[name]; !ok || taken {
			return by, false
		}
		by.keys, by.values[name] = append(by.keys, name), item
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
		return fmt.Sprintf("; approved by %s on %s", x.ApprovedBy, x.ApprovedOn.Format("2006-01-02"))
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
