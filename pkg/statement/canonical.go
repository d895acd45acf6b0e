package statement

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/accord-sla/accord/pkg/slots"
)

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

// hashOf is the value's digest.
func hashOf(value any) (string, error) {
	text, err := canonical(value)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// digested is what the digest is of.
type digested struct {
	Format string `json:"format"`
	Content
}

func (s *Statement) computedDigest() (string, error) { return hashOf(digested{s.Format, s.Content}) }

// Freeze makes a statement of the content.
func Freeze(content Content, frozen Frozen) (*Statement, error) {
	frozen.At = frozen.At.UTC()
	end := content.Period.To
	for _, o := range content.Objectives {
		if o.To.After(end) {
			end = o.To
		}
	}
	if late := end.Add(slots.LastLook); frozen.At.Before(late) {
		frozen.LateUntil = late.UTC()
	}
	s := &Statement{Format: Format, Frozen: frozen, Content: content}
	var err error
	s.Digest, err = s.computedDigest()
	return s, err
}

// Encode writes the statement as it is kept: in the canonical form, with a
// newline at its end.
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

// Decode reads a statement, whoever wrote it. What is read holds together; that
// it says the truth is for [Verify] to find out.
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
	// Names that stand twice and bytes that are no text are refused here:
	// readers differ in what they make of them.
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
	if err := decoder.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
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
