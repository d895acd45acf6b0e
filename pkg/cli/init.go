package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/draft"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// beginning is a run of accord init. It asks for the values that no flag gives.
type beginning struct {
	session
	answers *bufio.Reader

	form                  draft.Form
	consumer, metric, bad string
	target                float64
}

func newInit(streams Streams) *cobra.Command {
	b := &beginning{session: session{Streams: streams}}
	command := &cobra.Command{
		Use:   "init",
		Short: "Write a first agreement",
		Long: `Writes a first agreement with its service and teams, as a draft, into a file of its own
in the folder of documents. What no flag says is asked; counters that the Prometheus
has are offered. Then the folder is checked, and the draft is measured.`,
		Example: `  accord init --prometheus http://prometheus:9090
  accord init --service payments-api --provider payments --consumer checkout \
    --metric 'http_requests_total{job="payments"}' --bad 'code=~"5.."' --target 99.9%`,
	}
	b.from.flags(command)
	flags := command.Flags()
	flags.StringVar(&b.form.Service, "service", "", "`NAME` of the service that is promised")
	flags.StringVar(&b.form.Provider, "provider", "", "`TEAM` that gives the promise")
	flags.StringVar(&b.consumer, "consumer", "", "`TEAM` that the promise is given to")
	flags.StringVar(&b.metric, "metric", "", "`COUNTER` of all events, such as http_requests_total{job=\"payments\"}")
	flags.StringVar(&b.bad, "bad", "", "`MATCHER` of those that are bad, such as code=~\"5..\"")
	addFlag(flags, &b.target, "target", "99.9%", "promise `TARGET`, such as 99.9% or 0.999", agreement.ParseRatio)
	b.format = "table"
	b.server.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error {
		if b.from.dir == "." && !command.Flags().Changed("definitions") {
			b.from.dir = "slas"
		}
		return b.begin(command.Context())
	}
	return command
}

func (b *beginning) begin(ctx context.Context) error {
	b.answers = bufio.NewReader(b.In)
	if err := b.connect(); err != nil {
		return err
	}
	_, unreachable := b.service.Capabilities(ctx)
	if unreachable != nil {
		b.warnf("nothing is offered or measured: %s", unreachable)
		b.service = nil
	}
	for _, q := range []question{
		{&b.form.Service, "service", "Name of the service that is promised", nil},
		{&b.form.Provider, "provider", "Team that gives the promise", nil},
		{&b.consumer, "consumer", "Team that the promise is given to", nil},
		{&b.metric, "metric", `Counter of all events, such as http_requests_total{job="payments"}`, draft.Offered.Selectors},
		{&b.bad, "bad", `Matcher of the bad ones, such as code=~"5.."`, b.badMatchers},
	} {
		if err := b.ask(ctx, q); err != nil {
			return err
		}
	}
	if err := b.complete(); err != nil {
		return err
	}
	if err := b.write(ctx); err != nil {
		return err
	}
	if err := b.validate(ctx, b.from.options(b.server.resolution), false); err != nil || unreachable != nil {
		return err
	}
	b.from.names = []string{b.form.Name}
	return b.report(ctx, measure.Question{At: b.Now()})
}

// question asks for a value that no flag gave. Without offers the value must be a name.
type question struct {
	into       *string
	flag, text string
	offers     func(draft.Offered, context.Context) ([]string, error)
}

// ask asks a question. A number selects an offer, an empty line the first one.
func (b *beginning) ask(ctx context.Context, q question) error {
	var offers []string
	if *q.into == "" {
		offers = b.offers(ctx, q)
		for i, offer := range offers {
			fmt.Fprintf(b.Err, "  %d  %s\n", i+1, tables.Sanitize(offer))
		}
		if len(offers) > 0 {
			q.text += ", or a number (default 1)"
		}
		fmt.Fprintf(b.Err, "%s: ", q.text)
		line, err := b.answers.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		*q.into = strings.TrimSpace(line)
	}
	if n, err := strconv.Atoi(cmp.Or(*q.into, "1")); err == nil && len(offers) > 0 {
		if n < 1 || n > len(offers) {
			return usagef("--%s %d: the numbers are 1 to %d", q.flag, n, len(offers))
		}
		*q.into = offers[n-1]
	}
	switch {
	case *q.into == "":
		return usagef("--%s is needed: %s", q.flag, q.text)
	case q.offers == nil && !document.IsName(*q.into):
		return usagef("--%s %q: %s", q.flag, *q.into, document.NameRule)
	}
	return nil
}

// offers returns suggestions for the answer.
func (b *beginning) offers(ctx context.Context, q question) []string {
	if q.offers == nil || b.service == nil {
		return nil
	}
	offers, err := q.offers(draft.Offered{Client: b.client, At: b.Now(), Limit: 20}, ctx)
	if err != nil {
		b.warnf("nothing is offered: %s", err)
	}
	return offers
}

func (b *beginning) badMatchers(of draft.Offered, ctx context.Context) ([]string, error) {
	names, err := b.client.LabelNames(ctx, b.metric, of.At.Add(-time.Hour), of.At)
	return wire.Each(draft.BadMatchers(names), draft.Matcher.String), err
}

func (b *beginning) complete() (err error) {
	b.form.Consumers, b.form.Target = []string{b.consumer}, strconv.FormatFloat(b.target, 'f', -1, 64)
	if b.form.Metric, b.form.Where, err = draft.Select(b.metric); err != nil {
		return usagef("--metric %s: %s; it is written as http_requests_total{job=\"payments\"}", b.metric, err)
	}
	if _, b.form.Part, err = draft.Select("{" + b.bad + "}"); err != nil {
		return usagef("--bad %s: %s; it is written as code=~\"5..\"", b.bad, err)
	}
	b.form = b.form.WithDefaults()
	ofIndicator, ofRest := b.form.Complaints(func(catalog.ID) bool { return false })
	if wrong := append(ofIndicator, ofRest...); len(wrong) > 0 {
		return usagef("%s: %s", wrong[0].Field, wrong[0].Message)
	}
	return nil
}

// write writes the documents that do not exist yet to a new file.
func (b *beginning) write(ctx context.Context) error {
	if err := os.MkdirAll(b.from.dir, 0o777); err != nil {
		return err
	}
	folder := catalog.NewLive(b.from.dir, b.from.options(b.server.resolution), nil)
	if err := folder.Reread(ctx); err != nil {
		return err
	}
	found, err := folder.Now(ctx)
	if err != nil {
		return err
	}
	known := func(id catalog.ID) bool { _, there := found.Find(id); return there }
	text := draft.Text(b.form.Documents(known))
	outcome, err := folder.Propose(ctx, catalog.Proposal{Text: []byte(text)})
	if err != nil {
		return err
	}
	if wrong := outcome.NewErrors; len(wrong) > 0 {
		return usagef("nothing is written: %s", wrong[0].Message)
	}
	name := filepath.Join(b.from.dir, b.form.Name+".yaml")
	err = createFile(name, []byte(text))
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is there already: change it, or name another service or consumer", name)
	case err == nil:
		fmt.Fprintf(b.Out, "Written: %s\n", name)
	}
	return err
}
