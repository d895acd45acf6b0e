// Package statement freezes the result of an agreement over a whole period, with everything
// that determines the figures: the definition, the time in scope, the counting method, and the
// count of every slot. So anyone can check it, even after Prometheus has deleted the samples.
//
// The content of a statement depends only on evidence (package measure), so that the same
// evidence gives the same digest on any machine and any day. Recomputed from its slots it must
// be the same, which is how [Verify] checks it. Package budget computes the figures.
//
// A stored statement never changes: a restatement is a new one that refers to it.
// docs/statements.md describes the format.
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

// Format is the format of statements that this version reads and writes.
const Format = "accord.statement/v1"

// Statement is a frozen period of one agreement.
type Statement struct {
	Format string `json:"format"`
	// Digest is the SHA-256 of the statement without Digest and Frozen, in the
	// canonical form of RFC 8785: "sha256:" and 64 hexadecimal digits.
	Digest string `json:"digest"`
	// Frozen may differ between two who freeze the same content, so it is not
	// part of the digest.
	Frozen Frozen `json:"frozen"`
	Content
	// Unkept says that the statement was only made to be printed and is not stored.
	Unkept bool `json:"-"`
}

// Frozen says when a statement was frozen, and by whom.
type Frozen struct {
	At time.Time `json:"at"`
	By string    `json:"by"`
	// Engine is the name and version of the server.
	Engine string `json:"engine"`
	// LateUntil is when late samples can no longer change the slots; zero if the
	// statement was frozen after that.
	LateUntil time.Time `json:"lateUntil,omitzero"`
}

// Content is the part of a statement that the digest covers, with its format.
type Content struct {
	Agreement string `json:"agreement"`
	Period    Period `json:"period"`
	// Number is 1 for the first statement of the period, 2 for its restatement.
	Number int `json:"number"`
	// Replaces is the statement that this one restates; nil for the first.
	Replaces *Replaced `json:"replaces,omitempty"`
	// State is the worst of the objectives' states.
	State      budget.State    `json:"state"`
	Definition wire.Definition `json:"definition"`
	// DefinitionHash is the hash of Definition, computed like the digest.
	DefinitionHash string      `json:"definitionHash"`
	Objectives     []Objective `json:"objectives"`
	// Alerts are Prometheus' own alerts that fired for the agreement, ascending.
	Alerts []measure.FiredAlert `json:"alerts"`
}

// Period is the time of a statement: (From, To], in the agreement's time zone.
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

// Objective is the result of one objective.
type Objective struct {
	Name string `json:"name"`
	// OtherConnection says why it is not measured here; then it has no figures.
	OtherConnection string `json:"unmeasured,omitempty"`
	// Span is the period in the time zone of the objective's calendar window, or
	// in the agreement's without one.
	wire.Span
	TimeZone string `json:"timeZone"`
	// Unit is the unit of total, bad and allowed.
	Unit agreement.Unit `json:"unit"`
	// Targets are those in force in the period, each from an instant on.
	Targets []agreement.Revision `json:"targets"`
	// Method, Resolution (the length of a slot), Queries (PromQL) and Notes say how it was counted.
	Method     string             `json:"method,omitempty"`
	Resolution agreement.Duration `json:"resolution,omitzero"`
	Queries    []string           `json:"queries"`
	Notes      []string           `json:"notes"`
	// Missing says why nothing was measured, if that is known.
	Missing string `json:"missing,omitempty"`
	// InScope is the time in scope, Forgiven the part of it that counts as good:
	// ISO 8601 intervals.
	InScope  []Interval `json:"inScope"`
	Forgiven []Interval `json:"forgiven"`
	Groups   []Group    `json:"groups"`
}

// Group is the result of one group of an objective; an objective without
// groupBy has one group without labels.
type Group struct {
	Labels map[string]string `json:"labels"`
	State  budget.State      `json:"state"`
	Reason string            `json:"reason,omitempty"`
	// Adjusted counts the time in scope, Raw every slot of the period. Figures have
	// twelve significant digits, since processors round differently beyond them.
	Adjusted budget.Balance `json:"adjusted"`
	Raw      budget.Balance `json:"raw"`
	// Days are the days of the period with time in scope or something measured.
	Days      []Day     `json:"days"`
	Incidents Incidents `json:"incidents"`
	Slots     Slots     `json:"slots"`
}

// Shown returns the groups, or one without figures if the objective is not measured here.
func (o Objective) Shown() []Group {
	if o.OtherConnection == "" {
		return o.Groups
	}
	return []Group{{Labels: map[string]string{}, State: budget.NoData, Reason: o.OtherConnection, Adjusted: budget.Unmeasured, Raw: budget.Unmeasured}}
}

// Remarks returns what a reader should know besides the figures of a group, like those of a [measure.Result].
func (o Objective) Remarks(g Group) []string {
	all := append(budget.Status{State: g.State, Balance: g.Adjusted}.Remarks(), o.Notes...)
	return slices.DeleteFunc(all, func(remark string) bool { return remark == g.Reason })
}

// Day has the counts of one day in the objective's time zone.
type Day struct {
	Date            string        `json:"date"`
	Total           budget.Figure `json:"total"`
	Bad             budget.Figure `json:"bad"`
	InScopeSeconds  budget.Figure `json:"inScopeSeconds"`
	MeasuredSeconds budget.Figure `json:"measuredSeconds"`
	RawTotal        budget.Figure `json:"rawTotal"`
	RawBad          budget.Figure `json:"rawBad"`
}

// Incidents are the incidents in the slots of the period, cut where it begins and ends, and their means.
type Incidents struct {
	List []Incident `json:"list"`
	// MeanSecondsToRepair is absent without incidents, MeanSecondsBetween with
	// fewer than two.
	MeanSecondsToRepair budget.Figure `json:"meanSecondsToRepair"`
	MeanSecondsBetween  budget.Figure `json:"meanSecondsBetween"`
}

// Incident is a run of slots in which the budget burned too fast.
type Incident struct {
	wire.Span
	budget.IncidentFigures
	measure.Overlaps
}

// Slots are the exact counts of every slot of the period.
type Slots struct {
	// Counts are those of whole slots; the first slot contains the period's start.
	Counts
	// Head is the part inside the period of the slot in which it ends; nil if
	// the period ends at a slot's edge.
	Head *Counts `json:"head,omitempty"`
}

// Counts are the counts of consecutive slots from an instant on, separated by
// spaces: "60x288" is 288 slots of 60, "_" a slot in which nothing was measured.
type Counts struct {
	From  time.Time `json:"from"`
	Total string    `json:"total"`
	Bad   string    `json:"bad"`
}

// Interval is the time between two instants, as text in ISO 8601:
// "2026-10-01T06:00:00Z/2026-10-01T16:00:00Z".
type Interval struct{ From, To time.Time }

// MarshalText implements [encoding.TextMarshaler].
func (i Interval) MarshalText() ([]byte, error) {
	return []byte(i.From.UTC().Format(time.RFC3339Nano) + "/" + i.To.UTC().Format(time.RFC3339Nano)), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
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

// MaxBytes is the largest size of a statement that is read or written.
const MaxBytes = 64 << 20

// canonical returns the value as canonical JSON (RFC 8785).
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

// Freeze makes a statement of the content. It sets LateUntil and the digest.
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

// lateUntil returns when late samples can no longer change a period with that end; zero if that is not after at.
func lateUntil(at, end time.Time) (late time.Time) {
	if last := end.Add(slots.LastLook).UTC(); at.Before(last) {
		late = last
	}
	return late
}

// check returns an error if a period with that end cannot have been frozen so. Statements of older
// versions have no LateUntil, so the removal of one cannot be detected.
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

// Encode returns the statement as it is stored: canonical JSON with a newline at the end.
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

// Decode parses a statement and checks that it is consistent; [Verify] checks whether it is true.
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

// DecodeAll parses a statement or a list of them.
func DecodeAll(text []byte) ([]*Statement, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("has more than %d bytes, which is the limit", MaxBytes)
	}
	// Duplicate names and invalid UTF-8 are refused, since JSON parsers treat them differently.
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
	_ = json.Unmarshal(text, &form) // errors show below
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
