// Package cli is the command line of Accord, a file a command. A command reads
// its flags, asks package measure and prints through package report; it
// computes nothing.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit codes of every command.
const (
	exitFailed = 1
	exitUsage  = 2
)

// Streams are what a command reads from and writes to.
type Streams struct {
	Out, Err io.Writer
	// Now is the clock.
	Now func() time.Time
}

// Run runs the command line and returns the exit code: 0, 1 when it failed, 2
// when it was used wrongly.
func Run(ctx context.Context, args []string, streams Streams) int {
	root := newRoot(streams)
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	var usage *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command"):
		fmt.Fprintf(streams.Err, "accord: %v\nSee %s --help\n", err, command.CommandPath())
		return exitUsage
	case errors.Is(err, errSaid):
		return exitFailed
	}
	fmt.Fprintf(streams.Err, "accord: %v\n", err)
	return exitFailed
}

// errSaid fails a command that has already said why.
var errSaid = errors.New("failed")

// usageError is a command used wrongly.
type usageError struct{ cause error }

func (u *usageError) Error() string { return u.cause.Error() }
func (u *usageError) Unwrap() error { return u.cause }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

func newRoot(streams Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "accord",
		Short: "Internal SLAs, measured exactly on Prometheus",
		Long: `Accord measures what the teams of a company promised each other.

Both parties write the promise down as YAML in a folder; Accord turns it into
Prometheus queries and answers exactly: are we within the promise, how much error
budget is left, how fast does it burn, will it last.

Start with:  accord demo`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(
		newDemo(streams), newValidate(streams), newReport(streams),
		newSeries(streams), newHistory(streams), newIncidents(streams),
	)
	for _, command := range root.Commands() {
		if command.Args == nil {
			command.Args = noArguments
		}
	}
	return root
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q", args[0])
	}
	return nil
}

// isTerminal reports whether colours and progress make sense.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func terminalWidth(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return width
		}
	}
	return 0
}
