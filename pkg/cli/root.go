// Package cli is the command line of Accord. A command parses its flags, calls package
// measure and prints through package tables; it computes nothing itself.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/slots"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// Exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitStopped     = 3   // gate only: the release may not go
	exitInterrupted = 130 // as shells report a program that SIGINT ended
)

// Streams are the input, the outputs and the clock of a command.
type Streams struct {
	Out, Err io.Writer
	// In is standard input; nil is empty.
	In io.Reader
	// Now is the clock.
	Now func() time.Time
}

// warnf prints a line on Err, sanitized for terminals.
func (s Streams) warnf(format string, args ...any) {
	fmt.Fprintf(s.Err, "accord: %s\n", tables.Sanitize(fmt.Sprintf(format, args...)))
}

// Run runs the command line and returns the exit code: 0, 1 if it failed, 2 for wrong usage, 3 if
// gate stops the release, 130 if ctx ended it.
func Run(ctx context.Context, args []string, streams Streams) int {
	defer slots.CloseDisks()
	streams.In = cmp.Or[io.Reader](streams.In, strings.NewReader(""))
	root := newRoot(streams)
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	var usage *usageError
	var limit measure.LimitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage), errors.As(err, &limit):
		streams.warnf("%s", err)
		fmt.Fprintf(streams.Err, "See: %s --help\n", command.CommandPath())
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.Is(err, errStopped):
		return exitStopped
	case errors.Is(err, errReported):
		return exitFailed
	}
	streams.warnf("%s", err)
	return exitFailed
}

// errReported is the error of a command that has already printed why it failed.
var errReported = errors.New("failed")

func failing(failed bool) error {
	if failed {
		return errReported
	}
	return nil
}

type usageError struct{ error }

func (u *usageError) Unwrap() error { return u.error }

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
budget is left, how fast does it burn, will it last.`,
		Example: `  accord demo                           an example company, no Prometheus needed
  accord validate --definitions slas    check the documents
  accord report --definitions slas --prometheus http://prometheus:9090`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(usage)
	root.SetVersionTemplate("accord {{.Version}}\n")
	addCommands(root, "there is no command %q%s",
		newDemo(streams), newInit(streams), newValidate(streams), newDiff(streams), newReport(streams),
		newSeries(streams), newHistory(streams), newIncidents(streams), newStatement(streams),
		newBacktest(streams), newGate(streams), newPromises(streams), newSchema(streams), newServe(streams),
		newExport(streams), newImport(streams), newCache(streams),
	)
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"})
	help.Args = func(_ *cobra.Command, args []string) error {
		if _, rest, err := root.Find(args); err != nil || len(rest) > 0 {
			return usagef("there is no command %q", strings.Join(args, " "))
		}
		return nil
	}
	root.InitDefaultCompletionCmd()
	completion, _, _ := root.Find([]string{"completion"})
	addCommands(completion, "there is no completion for %q%s")
	return root
}

// onlyGroups marks a command that by itself prints its help.
const onlyGroups = "groups"

// addCommands adds subcommands to head, which by itself prints its help. unknown is the format of the
// error for any other word, with the word and a suggestion as arguments.
func addCommands(head *cobra.Command, unknown string, commands ...*cobra.Command) {
	head.AddCommand(commands...)
	head.Annotations = map[string]string{onlyGroups: "true"}
	head.Args = cobra.ArbitraryArgs
	head.RunE = func(head *cobra.Command, args []string) error {
		if len(args) == 0 {
			return head.Help()
		}
		names := wire.Each(head.Commands(), (*cobra.Command).Name)
		return usagef(unknown, args[0], problem.DidYouMean(args[0], names))
	}
	for _, command := range commands {
		command.Flags().SortFlags = false
		if command.Args == nil {
			command.Args = noArguments
		}
	}
}

// version returns the version of the module, which may be that of a commit, and of Go.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of an unknown version"
	}
	return cmp.Or(info.Main.Version, "(devel)") + " " + info.GoVersion
}

// arguments refuses fewer than least or more than most arguments with the message.
func arguments(least, most int, message string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return usagef("%s", message)
		}
		return nil
	}
}

func noArguments(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	offer := ""
	if info, err := os.Stat(args[0]); err == nil && info.IsDir() && command.Flags().Lookup("definitions") != nil {
		offer = " (did you mean --definitions " + args[0] + "?)"
	}
	return usagef("unexpected argument %q%s", args[0], offer)
}

// flagError suggests the nearest flag for an unknown one. Errors of flag values stay unchanged.
func flagError(command *cobra.Command, err error) error {
	if usage, ok := errors.AsType[*usageError](err); ok {
		return usage
	}
	missing, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return &usageError{err}
	}
	dashes, name := "--", missing.GetSpecifiedName()
	if letters := missing.GetSpecifiedShortnames(); letters != "" {
		dashes, name = "-", letters
	}
	var known []string
	command.Flags().VisitAll(func(flag *pflag.Flag) { known = append(known, flag.Name) })
	offer := ""
	if nearest := problem.Nearest(name, known); nearest != "" {
		offer = " (did you mean --" + nearest + "?)"
	}
	return usagef("there is no flag %s%s%s", dashes, name, offer)
}

// usage prints the usage of a command, with the many connection flags last.
func usage(command *cobra.Command) error {
	var b strings.Builder
	section := func(title, body string) {
		if body = strings.TrimRight(body, " \n"); body != "" {
			fmt.Fprintf(&b, "\n%s:\n%s\n", title, body)
		}
	}
	b.WriteString("Usage:\n")
	if command.Annotations[onlyGroups] == "" {
		fmt.Fprintf(&b, "  %s\n", command.UseLine())
	}
	if command.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", command.CommandPath())
	}
	section("Examples", command.Example)
	var commands strings.Builder
	for _, sub := range command.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			fmt.Fprintf(&commands, "  %-12s %s\n", sub.Name(), sub.Short)
		}
	}
	section("Commands", commands.String())
	own, connecting := pflag.NewFlagSet("", pflag.ContinueOnError), pflag.NewFlagSet("", pflag.ContinueOnError)
	own.SortFlags, connecting.SortFlags = false, false
	command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Annotations[connectionFlag] != nil {
			connecting.AddFlag(flag)
		} else {
			own.AddFlag(flag)
		}
	})
	section("Flags", own.FlagUsages())
	section("Flags of the connection", connecting.FlagUsages())
	_, err := io.WriteString(command.OutOrStderr(), b.String())
	return err
}

// terminalWidth returns the width in columns, 0 if w is not a terminal, which shows colors and progress.
func terminalWidth(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return max(width, 60) // a narrower terminal wraps lines itself
		}
	}
	return 0
}

// progress shows the progress of long work: on a terminal a line that end erases, elsewhere one message.
type progress struct {
	out io.Writer
	// text returns the line on a terminal; elsewhere instead is printed once.
	text    func(done, total int) string
	instead string

	mu    sync.Mutex
	shown bool
}

func measuring(streams Streams) *progress {
	return &progress{out: streams.Err, text: func(done, total int) string {
		return fmt.Sprintf("measuring %d of %d objectives …", min(done+1, total), total)
	}}
}

const eraseLine = "\r\x1b[K"

func (p *progress) show(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case total == 0:
		return
	case terminalWidth(p.out) > 0:
		fmt.Fprint(p.out, eraseLine+p.text(done, total))
	case !p.shown:
		fmt.Fprint(p.out, p.instead)
	}
	p.shown = true
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown && terminalWidth(p.out) > 0 {
		fmt.Fprint(p.out, eraseLine)
	}
	p.shown = false
}
