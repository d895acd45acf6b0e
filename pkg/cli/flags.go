package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/counting"
)

// reading reads the text of the flag with the name; its error names the flag.
type reading[T any] func(name, text string) (T, error)

// flagValue is a flag that is read as soon as it is given, so that what is
// wrong with it is told before any work.
type flagValue[T any] struct {
	name, text string
	into       *T
	read       reading[T]
}

func (f *flagValue[T]) String() string { return f.text }

// Type is that of pflag's own texts, which shows defaults in quotes.
func (f *flagValue[T]) Type() string { return "string" }

// Set reads the text; an empty one is as none where there is no default.
func (f *flagValue[T]) Set(text string) error {
	if text == "" && f.text == "" {
		return nil
	}
	value, err := f.read(f.name, text)
	if err != nil {
		return err
	}
	f.text, *f.into = text, value
	return nil
}

// addFlag declares a flag; without a default text into keeps its value.
func addFlag[T any](flags *pflag.FlagSet, into *T, name, byDefault, usage string, read reading[T]) {
	addShortFlag(flags, into, name, "", byDefault, usage, read)
}

// addShortFlag declares a flag that has a letter too.
func addShortFlag[T any](flags *pflag.FlagSet, into *T, name, letter, byDefault, usage string, read reading[T]) {
	value := &flagValue[T]{name: name, into: into, read: read}
	if byDefault != "" {
		if err := value.Set(byDefault); err != nil {
			panic(fmt.Sprintf("the default of --%s: %v", name, err))
		}
	}
	flags.VarP(value, name, letter, usage)
}

// addListFlag declares a flag that may be given several times.
func addListFlag[T any](flags *pflag.FlagSet, into *[]T, name, usage string, read reading[T]) {
	flags.Func(name, usage, func(text string) error {
		value, err := read(name, text)
		*into = append(*into, value)
		return err
	})
}

// readInstant reads RFC 3339, or a date at midnight UTC.
func readInstant(name, text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usagef("--%s %q: must be an instant such as 2026-11-23T09:00:00Z, or a date such as 2026-11-23 (midnight UTC)", name, text)
}

// readDuration reads a duration above 0, such as the example.
func readDuration(example string) reading[time.Duration] {
	return func(name, text string) (time.Duration, error) {
		parsed, err := model.ParseDuration(text)
		if err != nil || parsed <= 0 {
			return 0, usagef("--%s %q: must be a duration such as %s", name, text, example)
		}
		return time.Duration(parsed), nil
	}
}

func readZone(name, text string) (*time.Location, error) {
	zone, known := document.LoadZone(text)
	if !known {
		return nil, usagef("--%s %q: must be an IANA name, such as Europe/Berlin or UTC", name, text)
	}
	return zone, nil
}

func readResolution(name, text string) (time.Duration, error) {
	resolution, err := counting.ParseResolution(text)
	if err != nil {
		return 0, usagef("--%s %w", name, err)
	}
	return resolution, nil
}

// readWindow reads an override of the window.
func readWindow(name, text string) (*agreement.Window, error) {
	window, err := agreement.ParseWindow(text)
	switch {
	case err != nil && strings.HasSuffix(text, "m"):
		return nil, usagef("--%s: %w (m is minutes; a calendar month is month)", name, err)
	case err != nil:
		return nil, usagef("--%s: %w", name, err)
	}
	return &window, nil
}

// oneOf reads one of the texts.
func oneOf(allowed ...string) reading[string] {
	return func(name, text string) (string, error) {
		if !slices.Contains(allowed, text) {
			return "", usagef("--%s %q: must be one of %s", name, text, strings.Join(allowed, ", "))
		}
		return text, nil
	}
}

// timeRange is the time between two instants that flags give.
type timeRange struct{ from, to time.Time }

// defaultRange is how far a range reaches back where no flag says so.
const defaultRange = 30 * 24 * time.Hour

func (r *timeRange) flags(command *cobra.Command, now time.Time) {
	r.to = now
	addFlag(command.Flags(), &r.from, "from", "", "first `INSTANT`, such as 2026-11-01 (default 30 days before --to)", readInstant)
	addFlag(command.Flags(), &r.to, "to", "", "last `INSTANT` (default now)", readInstant)
}

// check takes the default and refuses a range without time in it.
func (r *timeRange) check() error {
	if r.from.IsZero() {
		r.from = r.to.Add(-defaultRange)
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
