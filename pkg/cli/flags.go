package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// reading parses the text of a flag. Its errors need not name the flag.
type reading[T any] func(text string) (T, error)

// ofFlag parses the text of the flag and puts the flag's name before an error, followed by a
// space if the error begins with a quoted text and a colon, else by a colon.
func (read reading[T]) ofFlag(name, text string) (T, error) {
	value, err := read(text)
	if err == nil {
		return value, nil
	}
	separator := ": "
	if given, _ := strconv.QuotedPrefix(err.Error()); strings.HasPrefix(err.Error(), given+": ") {
		separator = " "
	}
	return value, usagef("--%s%s%w", name, separator, err)
}

// flagValue is a flag that is parsed when it is set, so that errors are reported before any work.
type flagValue[T any] struct {
	name, text string
	into       *T
	read       reading[T]
}

func (f *flagValue[T]) String() string { return f.text }

// Type returns the type of pflag's string flags, so that help shows defaults in quotes.
func (f *flagValue[T]) Type() string { return "string" }

// Set parses the text. An empty text is ignored if the flag has no value yet.
func (f *flagValue[T]) Set(text string) error {
	if text == "" && f.text == "" {
		return nil
	}
	value, err := f.read.ofFlag(f.name, text)
	if err != nil {
		return err
	}
	f.text, *f.into = text, value
	return nil
}

// addFlag declares a flag. If byDefault is empty, into keeps its value.
func addFlag[T any](flags *pflag.FlagSet, into *T, name, byDefault, usage string, read reading[T]) {
	addShortFlag(flags, into, name, "", byDefault, usage, read)
}

// addShortFlag declares a flag with a one-letter shorthand.
func addShortFlag[T any](flags *pflag.FlagSet, into *T, name, letter, byDefault, usage string, read reading[T]) {
	value := &flagValue[T]{name: name, into: into, read: read}
	if byDefault != "" {
		if err := value.Set(byDefault); err != nil {
			panic(fmt.Sprintf("the default of --%s: %v", name, err))
		}
	}
	flags.VarP(value, name, letter, usage)
}

// addListFlag declares a flag that can be repeated.
func addListFlag[T any](flags *pflag.FlagSet, into *[]T, name, usage string, read reading[T]) {
	flags.Func(name, usage, func(text string) error {
		value, err := read.ofFlag(name, text)
		*into = append(*into, value)
		return err
	})
}

// readInstant parses an RFC 3339 timestamp, or a date as midnight UTC.
func readInstant(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q: must be an instant such as 2026-11-23T09:00:00Z, or a date such as 2026-11-23 (midnight UTC)", text)
}

// readDuration returns a parser of durations above 0. Its errors show the example.
func readDuration(example string) reading[time.Duration] {
	return func(text string) (time.Duration, error) {
		parsed, err := model.ParseDuration(text)
		if err != nil || parsed <= 0 {
			return 0, fmt.Errorf("%q: must be a duration such as %s", text, example)
		}
		return time.Duration(parsed), nil
	}
}

func readZone(text string) (*time.Location, error) {
	zone, known := document.LoadZone(text)
	if !known {
		return nil, fmt.Errorf("%q: must be an IANA name, such as Europe/Berlin or UTC", text)
	}
	return zone, nil
}

func readWindow(text string) (*agreement.Window, error) {
	window, err := agreement.ParseWindow(text)
	if err != nil && strings.HasSuffix(text, "m") {
		err = fmt.Errorf("%w (m is minutes; a calendar month is month)", err)
	}
	return &window, err
}

func oneOf(allowed ...string) reading[string] {
	return func(text string) (string, error) {
		if !slices.Contains(allowed, text) {
			return "", fmt.Errorf("%q: must be one of %s", text, strings.Join(allowed, ", "))
		}
		return text, nil
	}
}

type timeRange struct{ from, to time.Time }

func (r *timeRange) flags(command *cobra.Command, now time.Time) {
	r.to = now
	addFlag(command.Flags(), &r.from, "from", "", "first `INSTANT`, such as 2026-11-01 (default 30 days before --to)", readInstant)
	addFlag(command.Flags(), &r.to, "to", "", "last `INSTANT` (default now)", readInstant)
}

// check sets the default of --from and refuses an empty range.
func (r *timeRange) check() error {
	if r.from.IsZero() {
		r.from = r.to.Add(-30 * 24 * time.Hour)
	}
	if !r.from.Before(r.to) {
		return usagef("--from %s is not before --to %s", r.from.Format(time.RFC3339), r.to.Format(time.RFC3339))
	}
	return nil
}

func atFlag(command *cobra.Command, at *time.Time, now time.Time) {
	*at = now
	addFlag(command.Flags(), at, "at", "", "as of `INSTANT`, such as 2026-11-23T09:00:00Z (default now)", readInstant)
}
