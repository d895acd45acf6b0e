package cli

import (
	"cmp"
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// session is one run of a command: the definitions it reads, the server it queries and how it prints.
type session struct {
	Streams
	from   definitions
	server connection
	format string
	zone   *time.Location // of printed instants; nil: that of each agreement
	// hideIdle leaves out groups in which nothing was counted.
	hideIdle bool
	client   *prometheus.Client // nil, as is service, before connect
	service  *measure.Service
	// leftOut is the number of errors in the documents, or 1 if they have nothing to measure.
	leftOut int
}

// formatFlag declares --output; the first format is the default.
func (s *session) formatFlag(command *cobra.Command, formats ...string) {
	usage := "print as `FORMAT`: " + strings.Join(formats, ", ")
	addShortFlag(command.Flags(), &s.format, "output", "o", formats[0], usage, oneOf(formats...))
	_ = command.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

func (s *session) zoneFlag(command *cobra.Command) {
	addFlag(command.Flags(), &s.zone, "time-zone", "", "show instants in `ZONE`, such as Europe/Berlin or UTC (default that of the agreement)", readZone)
}

// zoned returns a copy of the agreement with the time zone in which its instants are printed.
func (s *session) zoned(a *agreement.Agreement) *agreement.Agreement {
	shown := *a
	shown.Zone = cmp.Or(s.zone, a.Zone)
	return &shown
}

// forPeople reports whether the format has headings and notes.
func (s *session) forPeople() bool { return s.format != "json" && s.format != "csv" }

// print prints the value as JSON, or the page in the other formats.
func (s *session) print(value any, page tables.Page) error {
	if s.format == "json" {
		text, err := wire.JSON(value)
		if err == nil {
			_, err = s.Out.Write(text)
		}
		return err
	}
	return s.printer().Print(page)
}

func (s *session) printer() tables.Printer {
	width := terminalWidth(s.Out)
	return tables.Printer{Out: s.Out, Format: tables.Format(s.format), Colours: width > 0, Width: width}
}

// connect creates the client and the service. It sends no request.
func (s *session) connect() error {
	transport, err := prometheus.Transport(s.server.auth)
	if err != nil {
		return &usageError{err}
	}
	s.client, err = prometheus.New(s.server.address, &http.Client{Transport: transport},
		prometheus.Options{Probes: counting.Probes(), Timeout: s.server.timeout})
	if err != nil {
		return usagef("--prometheus: %w", err)
	}
	cache := counting.Cache{Missing: "turned off by --no-cache"}
	if !s.server.noCache {
		cache = counting.OpenCache(s.server.address, s.server.auth.Identity(s.server.address), counting.CacheVariable)
	}
	s.service = measure.New(s.client, counting.Options{Resolution: s.server.resolution, Now: s.Now, Cache: cache})
	return nil
}

// read loads the documents that the flags select, and warns in one line if some are left out.
func (s *session) read(ctx context.Context) (selection, error) {
	loaded, err := s.from.load(ctx, s.server.resolution)
	if err != nil {
		return selection{}, err
	}
	chosen, err := s.from.choose(loaded)
	if err != nil {
		return selection{}, err
	}
	switch s.leftOut, _ = problem.Count(loaded.Problems); {
	case s.leftOut > 0:
		s.warnf("%s in the documents, which are left out; see: accord validate --definitions %s", tables.Plural(s.leftOut, "error"), s.from.dir)
	case len(loaded.Agreements)+len(loaded.SLOs) == 0:
		s.leftOut = 1
		s.warnf("no agreements or SLOs in %q; give their folder with --definitions", s.from.dir)
	case s.from.connection != "" && !slices.ContainsFunc(loaded.All(), isMeasuredHere):
		s.leftOut = 1
		s.warnf("--connection %q: no SLI is measured by a DataSource of that name; give the name of one of the documents, or none", s.from.connection)
	}
	return selection{loaded, chosen}, nil
}

func isMeasuredHere(a *agreement.Agreement) bool {
	return slices.ContainsFunc(a.Objectives, func(o *agreement.Objective) bool { return o.OtherConnection == "" })
}

func (s *session) open(ctx context.Context) (selection, error) {
	if err := s.connect(); err != nil {
		return selection{}, err
	}
	return s.read(ctx)
}

// one returns the single objective that the flags select, its agreement and the server's capabilities.
func (s *session) one(ctx context.Context) (a *agreement.Agreement, o *agreement.Objective, server prometheus.Capabilities, err error) {
	if len(s.from.names) != 1 {
		return nil, nil, server, usagef("name one agreement with --agreement, and its objective with --objective")
	}
	chosen, err := s.open(ctx)
	if err != nil {
		return nil, nil, server, err
	}
	if a = chosen.all[0]; len(a.Objectives) == 1 {
		server, err = s.service.Capabilities(ctx)
		return a, a.Objectives[0], server, err
	}
	return nil, nil, server, usagef("%s has several objectives: name one with --objective: %s", a.Name, strings.Join(a.ObjectiveNames(), ", "))
}

// measureEach opens the session and calls ask for each selected objective, with progress, until ctx ends.
// What all of them need is counted together. It returns the server's capabilities and the answers.
func measureEach[T any](ctx context.Context, s *session, ask func(context.Context, *measure.Service, *agreement.Agreement, *agreement.Objective) (T, error),
) (server prometheus.Capabilities, answers []measure.Answer[T], err error) {
	chosen, err := s.open(ctx)
	if err == nil {
		server, err = s.service.Capabilities(ctx)
	}
	if err != nil {
		return server, nil, err
	}
	shown := measuring(s.Streams)
	defer shown.end()
	total := chosen.objectives()
	shown.show(0, total)
	var done atomic.Int64
	answers, _ = measure.Together(ctx, s.service, chosen.all, func(ctx context.Context, service *measure.Service, a *agreement.Agreement, o *agreement.Objective) (T, error) {
		if service == s.service { // else it is only planned
			defer func() { shown.show(int(done.Add(1)), total) }()
		}
		return ask(ctx, service, a, o)
	})
	return server, answers, ctx.Err()
}

// failures returns the answers with an error as results.
func failures[T any](answers []measure.Answer[T]) (failed []measure.Result) {
	for _, answer := range answers {
		if answer.Err != nil {
			failed = append(failed, measure.Result{Agreement: answer.Agreement, Objective: answer.Objective, Err: answer.Err})
		}
	}
	return failed
}

func (s *session) warnAll(lines []string) {
	for _, line := range lines {
		s.warnf("%s", line)
	}
}

// warnFailed warns about objectives that could not be measured: only their number if the output has the
// reasons, else each reason once. It fails if there are any, or documents were left out, unless that is allowed.
func (s *session) warnFailed(failed []measure.Result, printed bool) error {
	switch {
	case len(failed) == 0:
	case printed:
		s.warnf("%s could not be measured", tables.Plural(len(failed), "objective"))
	default:
		s.warnAll(tables.NotMeasured(failed))
	}
	return failing(len(failed)+s.leftOut > 0 && !s.from.allowProblems)
}

type connection struct {
	address    string
	auth       prometheus.AuthConfig
	timeout    time.Duration // of a query
	resolution time.Duration
	noCache    bool
}

const connectionFlag = "connection"

func addConnectionFlags(command *cobra.Command, flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.VisitAll(func(flag *pflag.Flag) {
		_ = flags.SetAnnotation(flag.Name, connectionFlag, []string{"true"})
	})
	command.Flags().AddFlagSet(flags)
}

func (c *connection) flags(command *cobra.Command) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	address := cmp.Or(os.Getenv("ACCORD_PROMETHEUS"), "http://localhost:9090")
	flags.StringVar(&c.address, "prometheus", address, "ask at `URL`, of Prometheus or the like ($ACCORD_PROMETHEUS)")
	c.auth.Headers = map[string]string{}
	flags.Func("header", "send `\"NAME: VALUE\"` as a header (repeatable), such as a tenant", c.addHeader)
	flags.StringVar(&c.auth.Username, "username", "", "`USER` of basic authentication")
	flags.StringVar(&c.auth.PasswordFile, "password-file", "", "`FILE` with the password of --username")
	flags.StringVar(&c.auth.BearerTokenFile, "bearer-token-file", "", "`FILE` with a bearer token")
	flags.StringVar(&c.auth.CAFile, "tls-ca", "", "PEM `FILE` of the authorities to trust")
	flags.StringVar(&c.auth.CertFile, "tls-cert", "", "PEM `FILE` of the client's certificate")
	flags.StringVar(&c.auth.KeyFile, "tls-key", "", "PEM `FILE` of the client's key")
	flags.StringVar(&c.auth.ServerName, "tls-server-name", "", "`NAME` expected in the server's certificate")
	flags.BoolVar(&c.auth.SkipVerify, "tls-skip-verify", false, "trust any server")
	addFlag(flags, &c.timeout, "timeout", "1m", "give a query up after `DURATION`", readDuration("30s"))
	c.resolutionFlag(flags, "slots of `DURATION`, which divides a day")
	flags.BoolVar(&c.noCache, "no-cache", false, "count all of history anew, and keep nothing of it on disk")
	addConnectionFlags(command, flags)
}

// given reports whether a Prometheus was given, for commands that can do without.
func (c *connection) given(command *cobra.Command) bool {
	return command.Flags().Changed("prometheus") || os.Getenv("ACCORD_PROMETHEUS") != ""
}

func (c *connection) resolutionFlag(flags *pflag.FlagSet, usage string) {
	addFlag(flags, &c.resolution, "resolution", "5m", usage, counting.ParseResolution)
}

func (c *connection) addHeader(text string) error {
	name, value, ok := strings.Cut(text, ":")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return usagef(`--header: must be "Name: value"`)
	}
	c.auth.Headers[name] = strings.TrimSpace(value)
	return nil
}
