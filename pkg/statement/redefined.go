package statement

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/wire"
)

// wordsOnly are the fields of a definition that change no figure.
var wordsOnly = regexp.MustCompile(`(^|\.)(displayName|description|reason|category|consequences|slo)$|^stage$|^signatures|^supportHours\.name$|\.(indicator\.name|window)$|\.holidays\[.*\.name$`)

// namedField takes the path of an objective or an exclusion, or of a field of
// one, apart.
var namedField = regexp.MustCompile(`^(objective|exclusion)s\[([^\]]*)\](?:\.(.*))?$`)

// Compare returns the fields of the definition in which two agreements differ, as
// they bear on the time from one instant to another. The error is that of ctx.
func Compare(ctx context.Context, was, now *agreement.Agreement, from, to time.Time) ([]Change, error) {
	before, err := define(ctx, was, from, to)
	if err != nil {
		return nil, err
	}
	after, err := define(ctx, now, from, to)
	if err != nil {
		return nil, err
	}
	return changes(before, after, 0)
}

// definition compares what was promised with the documents of now.
func (v *verifier) definition(ctx context.Context, now *agreement.Agreement) error {
	if now == nil {
		v.differs(Difference{Kind: Redefined, Text: "the documents have no agreement " + v.statement.Agreement + " any more"})
		return nil
	}
	from, to := Bounds(now, v.stored.period)
	defined, err := define(ctx, now, from, to)
	if err != nil {
		return err
	}
	found, err := changes(v.statement.Definition, defined, 0)
	if err != nil {
		return err
	}
	for _, c := range found {
		v.redefined(c, defined)
	}
	return nil
}

func (v *verifier) redefined(c Change, now Definition) {
	d := Difference{Kind: Redefined, Field: c.Path, Was: c.Was, Now: c.Now, Text: since("definition: "+c.Path, c)}
	hasEffect := !wordsOnly.MatchString(c.Path)
	if of := namedField.FindStringSubmatch(c.Path); of != nil {
		kind, name, field := of[1], of[2], of[3]
		switch {
		case field == "":
			d.Text = presence(kind+" "+name, c)
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
			if is != nil {
				d.Text += approval(*is)
			}
			hasEffect = hasEffect && (was != nil && was.HasEffect || is != nil && is.HasEffect)
		}
	}
	if !hasEffect {
		v.note("changed since, without effect on the figures: %s", d.Text)
		return
	}
	v.differs(d)
}

func exclusionNamed(d Definition, name string) *wire.AppliedExclusion {
	for i := range d.Exclusions {
		if d.Exclusions[i].Name == name {
			return &d.Exclusions[i]
		}
	}
	return nil
}

// approval says whether an exclusion has effect, and since when.
func approval(x wire.AppliedExclusion) string {
	switch {
	case x.HasEffect && !x.ApprovedOn.IsZero():
		return fmt.Sprintf("; approved by %s on %s", x.ApprovedBy, x.ApprovedOn.Format("2006-01-02"))
	case x.HasEffect:
		return "; approved by " + x.ApprovedBy
	}
	return "; without effect until a party approves it that did not ask for it"
}

// since tells a field then and now.
func since(field string, c Change) string {
	switch {
	case c.Was == "":
		return fmt.Sprintf("%s was added since: %s", field, c.Now)
	case c.Now == "":
		return fmt.Sprintf("%s was removed since: it was %s", field, c.Was)
	}
	return fmt.Sprintf("%s: %s when it was frozen, %s in the documents now", field, c.Was, c.Now)
}

// presence tells that a named thing came or went.
func presence(what string, c Change) string {
	if c.Was == "" {
		return what + " was added since"
	}
	return what + " was removed since"
}
