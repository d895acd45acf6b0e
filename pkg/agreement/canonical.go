package agreement

import (
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Canonical returns a text that is the same for two values of this package, or
// structs, lists and maps of them, just when they mean the same: time zones by
// their names, instants in UTC, and not where anything stands.
func Canonical(value any) string {
	text, err := json.Marshal(value, json.Deterministic(true), jsontext.AllowInvalidUTF8(true), canonicalTypes)
	if err != nil {
		panic(fmt.Sprintf("%T is no plain value: %v", value, err))
	}
	return string(text)
}

var canonicalTypes = json.WithMarshalers(json.JoinMarshalers(
	asText((*time.Location).String),
	asText(func(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }),
	asText(time.Duration.String),
	asText(func(number float64) string { return strconv.FormatFloat(number, 'g', -1, 64) }), // JSON has no infinity
	asText(func(Place) string { return "" }),
))

func asText[T any](text func(T) string) *json.Marshalers {
	return json.MarshalToFunc(func(out *jsontext.Encoder, value T) error { return out.WriteToken(jsontext.String(text(value))) })
}
