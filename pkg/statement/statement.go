// Package statement freezes how an agreement stood over a whole period, with everything
// that made the figures: what was promised, which time counted, how it was counted, and
// the count of every slot. So anyone can check it, also after Prometheus has forgotten.
//
// A statement is made of evidence (package measure) alone: the same evidence gives the same
// bytes, and hence the same digest, on any machine and any day. Made again from its slots it
// must be the same, which is how [Verify] checks it. Package budget computes the figures.
//
// A kept statement never changes: a restatement stands beside it and names it. The form is
// told in docs/statements.md.
package statement

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/scope"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/wire"
)

// Format is the form of the statements that are written here.
const Format = "accord.statement/v1"

// Statement is a frozen period of one agreement.
type Statement struct {
	Format string `json:"format"`
	// Digest is the SHA-256 of the statement without Digest and Frozen, in the
	// canonical form of RFC 8785: "sha256:" and 64 hexadecimal digits.
	Digest string `json:"digest"`
	// Frozen is what differs between two who freeze the same, so is no part of
	// the digest.
	Frozen Frozen `json:"frozen"`
	Content
	// Unkept says that it was made to be printed, and nobody has kept it.
	Unkept bool `json:"-"`
}

// Frozen says when a statement was frozen, and by whom.
type Frozen struct {
	At time.Time `json:"at"`
	By string    `json:"by"`
	// Engine that was asked, by name and version.
	Engine string `json:"engine"`
	// LateUntil is until when late samples could still change what was frozen;
	// zero where that was over.
	LateUntil time.Time `json:"lateUntil,omitzero"`
}

// Content is what the digest is of.
type Content struct {
	Agreement string `json:"agreement"`
	Period    Period `json:"period"`
	// Number is 1 for the first statement of the period, and counts up.
	Number int `json:"number"`
	// Replaces is the statement that this one restates.
	Replaces *Replaced `json:"replaces,omitempty"`
	// State is the worst of the objectives' states.
	State      budget.State    `json:"state"`
	Definition wire.Definition `json:"definition"`
	// DefinitionHash is that of Definition, made as the digest is.
	DefinitionHash string      `json:"definitionHash"`
	Objectives     []Objective `json:"objectives"`
	// Alerts of Prometheus' own that fired for the agreement, ascending.
	Alerts []measure.FiredAlert `json:"alerts"`
}

// Period is the time a statement is about: (From, To], in the agreement's zone.
type Period struct {
	Name     string `json:"name"`
	TimeZone string `json:"timeZone"`
	wire.Span
}

// Replaced names the statement that a restatement replaces, and why.
type Replaced struct {
	Number int    `json:"number"`
	Digest string `json:"digest"`
	Reason string `json:"reason,omitempty"`
}

// Objective is how one objective stood.
type Objective struct {
	Name string `json:"name"`
	// OtherConnection says why it is not measured here; then there is nothing else.
	OtherConnection string `json:"unmeasured,omitempty"`
	// Span is the period as it is measured: in the zone of the objective's
	// calendar window, else in the agreement's.
	wire.Span
	TimeZone string `json:"timeZone"`
	// Unit of total, bad and allowed.
	Unit agreement.Unit `json:"unit"`
	// Targets in force in the period, each from an instant on.
	Targets []agreement.Revision `json:"targets"`
	// How it was counted: the method, the length of a slot, the PromQL sent.
	Method     string             `json:"method,omitempty"`
	Resolution agreement.Duration `json:"resolution,omitzero"`
	Queries    []string           `json:"queries"`
	Notes      []string           `json:"notes"`
	// Missing says why nothing was found, where that could be told.
	Missing string `json:"missing,omitempty"`
	// InScope is the time that counted, Forgiven the part of it whose bad does
	// not: intervals of ISO 8601.
	InScope  []Interval `json:"inScope"`
	Forgiven []Interval `json:"forgiven"`
	Groups   []Group    `json:"groups"`
}

// Group is how one group of an objective stood; an objective without groupBy
// has one, without labels.
type Group struct {
	Labels map[string]string `json:"labels"`
	State  budget.State      `json:"state"`
	Reason string            `json:"reason,omitempty"`
	// Adjusted has the scope applied, Raw counts every slot of the period. They
	// have twelve significant digits: beyond them processors differ in how they
	// round.
	Adjusted budget.Balance `json:"adjusted"`
	Raw      budget.Balance `json:"raw"`
	// Days are those of the period that hold any of its time in scope or
	// anything measured.
	Days      []Day     `json:"days"`
	Incidents Incidents `json:"incidents"`
	Slots     Slots     `json:"slots"`
}

// Shown are the groups, or one without figures where nothing is measured here.
func (o Objective) Shown() []Group {
	if o.OtherConnection == "" {
		return o.Groups
	}
	return []Group{{Labels: map[string]string{}, State: budget.NoData, Reason: o.OtherConnection, Adjusted: budget.Unmeasured, Raw: budget.Unmeasured}}
}

// Remarks are what a reader should know beside the figures of a group, as of a live result.
func (o Objective) Remarks(g Group) []string {
	all := append(budget.Status{State: g.State, Balance: g.Adjusted}.Remarks(), o.Notes...)
	return slices.DeleteFunc(all, func(remark string) bool { return remark == g.Reason })
}

// Day is what was counted on one day of the objective's zone.
type Day struct {
	Date            string        `json:"date"`
	Total           budget.Figure `json:"total"`
	Bad             budget.Figure `json:"bad"`
	InScopeSeconds  budget.Figure `json:"inScopeSeconds"`
	MeasuredSeconds budget.Figure `json:"measuredSeconds"`
	RawTotal        budget.Figure `json:"rawTotal"`
	RawBad          budget.Figure `json:"rawBad"`
}

// Incidents are those that began in the period, and their sum.
type Incidents struct {
	List []Incident `json:"list"`
	// MeanSecondsToRepair is absent without any incident, MeanSecondsBetween
	// with fewer than two.
	MeanSecondsToRepair budget.Figure `json:"meanSecondsToRepair"`
	MeanSecondsBetween  budget.Figure `json:"meanSecondsBetween"`
}

// Incident is a run of slots in which the budget burned too fast.
type Incident struct {
	wire.Span
	budget.IncidentFigures
	measure.Overlaps
}

// Slots are the counts of every slot of the period, without loss.
type Slots struct {
	// Counts of whole slots, the first of which holds the period's start.
	Counts
	// Head is the part inside of the slot that the period's end cuts; absent
	// where the end is a slot's edge.
	Head *Counts `json:"head,omitempty"`
}

// Counts are numbers with a space between: the count of each slot in turn from
// an instant on, "60x288" for 288 slots of 60, "_" for one in which nothing was
// measured.
type Counts struct {
	From  time.Time `json:"from"`
	Total string    `json:"total"`
	Bad   string    `json:"bad"`
}

// Interval is a stretch of time as ISO 8601 writes it, start and end with a
// slash between: "2026-10-01T06:00:00Z/2026-10-01T16:00:00Z".
type Interval struct{ From, To time.Time }

// MarshalText writes the interval.
func (i Interval) MarshalText() ([]byte, error) {
	return []byte(i.From.UTC().Format(time.RFC3339Nano) + "/" + i.To.UTC().Format(time.RFC3339Nano)), nil
}

// UnmarshalText reads an interval.
func (i *Interval) UnmarshalText(text []byte) error {
	from, to, _ := strings.Cut(string(text), "/")
	var errFrom, errTo error
	i.From, errFrom = time.Parse(time.RFC3339Nano, from)
	i.To, errTo = time.Parse(time.RFC3339Nano, to)
	if errFrom != nil || errTo != nil {
		return fmt.Errorf("%.80q is no interval such as 2026-10-01T06:00:00Z/2026-10-01T16:00:00Z", text)
	}
	return nil
}

func intervals(set scope.Intervals) []Interval {
	return wire.Each(wire.Spans(set), func(s wire.Span) Interval { return Interval(s) })
}

// MaxBytes of a statement that is read or written.
const MaxBytes = 64 << 20

// canonical is the value as RFC 8785 writes it.
func canonical(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	canonical := jsontext.Value(text)
	err = canonical.Canonicalize()
	return canonical, err
}

func hashOf(value any) (string, error) {
	text, err := canonical(value)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

func (s *Statement) computedDigest() (string, error) {
	return hashOf(struct {
		Format string `json:"format"`
		Content
	}{s.Format, s.Content})
}

// Freeze makes a statement of the content.
func Freeze(content Content, frozen Frozen) (*Statement, error) {
	frozen.At = frozen.At.UTC()
	end := content.Period.To
	for _, o := range content.Objectives {
		if o.To.After(end) {
			end = o.To
		}
	}
	frozen.LateUntil = lateUntil(frozen.At, end)
	s := &Statement{Format: Format, Frozen: frozen, Content: content}
	var err error
	s.Digest, err = s.computedDigest()
	return s, err
}

// lateUntil is until when late samples may change a period with that end, frozen at the instant; or zero.
func lateUntil(at, end time.Time) (late time.Time) {
	if last := end.Add(slots.LastLook).UTC(); at.Before(last) {
		late = last
	}
	return late
}

// check refuses what cannot have been frozen so, of a period with that end. Statements
// of before there was LateUntil have none: that it was taken away cannot be told.
func (f Frozen) check(end time.Time) error {
	text := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	switch {
	case f.At.Before(end):
		return fmt.Errorf("frozen.at: is %s, and the period ends at %s", text(f.At), text(end))
	case !f.LateUntil.IsZero() && !f.LateUntil.Equal(lateUntil(f.At, end)):
		return fmt.Errorf("frozen.lateUntil: is %s, and does not follow from frozen.at, %s, and the end of the period, %s",
			text(f.LateUntil), text(f.At), text(end))
	}
	return nil
}

// Encode writes the statement as it is kept: canonical, with a newline at its end.
func (s *Statement) Encode() ([]byte, error) {
	text, err := canonical(s)
	switch {
	case err != nil:
		return nil, err
	case len(text) >= MaxBytes:
		return nil, fmt.Errorf("the statement of %s for %s has %d bytes, and the limit is %d: "+
			"take a shorter period, or group by a label with fewer values", s.Agreement, s.Period.Name, len(text), MaxBytes)
	}
	return append(text, '\n'), nil
}

// Decode reads a statement that holds together; whether it says the truth is for [Verify] to find out.
func Decode(text []byte) (*Statement, error) {
	all, err := DecodeAll(text)
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("one statement was expected, here are %d", len(all))
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// DecodeAll reads a statement or a list of them.
func DecodeAll(text []byte) ([]*Statement, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("has more than %d bytes, which is the limit", MaxBytes)
	}
	// Names that stand twice and bytes that are no text are refused: readers differ in them.
	value := jsontext.Value(bytes.Clone(text))
	if err := value.Canonicalize(); err != nil {
		return nil, fmt.Errorf("is no statement: it is not well-formed JSON: %w", err)
	}
	texts := []json.RawMessage{json.RawMessage(value)}
	if value.Kind() == '[' {
		if err := json.Unmarshal(value, &texts); err != nil {
			return nil, err
		}
	}
	if len(texts) == 0 {
		return nil, errors.New("holds no statement")
	}
	var all []*Statement
	for i, text := range texts {
		s, err := decodeOne(text)
		if err != nil && len(texts) > 1 {
			err = fmt.Errorf("statement %d: %w", i+1, err)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func decodeOne(text []byte) (*Statement, error) {
	var form struct {
		Format string `json:"format"`
	}
	_ = json.Unmarshal(text, &form) // what is wrong with it is said below
	switch form.Format {
	case Format:
	case "":
		return nil, errors.New(`is no statement: the field "format" is missing`)
	default:
		return nil, fmt.Errorf("has the format %.60q; this program reads %s", form.Format, Format)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var s Statement
	if err := decoder.Decode(&s); err != nil {
		return nil, fmt.Errorf("cannot be read as a statement: %w", err)
	}
	written, err := canonical(s)
	if err != nil || !bytes.Equal(written, text) {
		return nil, errors.New("is not in the form of a statement: a field is missing, or is spelled or written otherwise")
	}
	if _, err := s.evidence(context.Background()); err != nil {
		return nil, fmt.Errorf("does not hold together: %w", err)
	}
	return &s, nil
}
