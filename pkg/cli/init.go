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
	ended   bool // whether there are no more answers

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
	text, err := b.documents(ctx)
	if err != nil {
		return err
	}
	if err := b.write(text); err != nil {
		return err
	}
	if err := b.validate(ctx, b.from.options(b.server.resolution), false); err != nil || unreachable != nil {
		return err
	}
	b.from.names = []string{b.form.Name}
	return b.report(ctx, measure.Question{At: b.Now()})
}

// question asks for a value that no flag gave.
type question struct {
	into       *string
	flag, text string
	offers     func(draft.Offered, context.Context) ([]string, error)
	// check fails if the value, together with those before, cannot be.
	check func() error
}

// documents asks for what no flag gave, and returns the documents that do not exist yet.
func (b *beginning) documents(ctx context.Context) (text string, err error) {
	for _, q := range []question{
		{&b.form.Service, "service", "Name of the service that is promised", nil, b.checkNames},
		{&b.form.Provider, "provider", "Team that gives the promise", nil, b.checkNames},
		{&b.consumer, "consumer", "Team that the promise is given to", nil, b.checkNames},
	} {
		if err := b.ask(ctx, q); err != nil {
			return "", err
		}
	}
	for given := b.metric != "" && b.bad != ""; ; {
		metric, bad := b.metric, b.bad
		for _, q := range []question{
			{&b.metric, "metric", `Counter of all events, such as http_requests_total{job="payments"}`, draft.Offered.Selectors, b.checkMetric},
			{&b.bad, "bad", `Matcher of the bad ones, such as code=~"5.."`, b.badMatchers, b.checkBad},
		} {
			if err := b.ask(ctx, q); err != nil {
				return "", err
			}
		}
		text, err = b.propose(ctx)
		if _, wrong := errors.AsType[*usageError](err); given || b.ended || !wrong {
			return text, err
		}
		b.warnf("%s", err)
		b.metric, b.bad = metric, bad
	}
}

// ask asks a question until the answer is right or the input ends. A number selects an offer, an empty line the first one.
func (b *beginning) ask(ctx context.Context, q question) error {
	if *q.into != "" {
		return q.check()
	}
	offers := b.offers(ctx, q)
	for i, offer := range offers {
		fmt.Fprintf(b.Err, "  %d  %s\n", i+1, tables.Sanitize(offer))
	}
	text := q.text
	if len(offers) > 0 {
		text += ", or a number (default 1)"
	}
	for again := false; ; again = true {
		fmt.Fprintf(b.Err, "%s: ", text)
		line, err := b.answers.ReadString('\n')
		if b.ended = errors.Is(err, io.EOF); err != nil && !b.ended {
			return err
		}
		if again && b.ended && line == "" { // nobody chose the first offer
			offers = nil
		}
		wrong := b.take(q, offers, strings.TrimSpace(line))
		if wrong == nil || b.ended {
			return wrong
		}
		b.warnf("%s", wrong)
	}
}

// take sets the value to the answer if that is right.
func (b *beginning) take(q question, offers []string, answer string) error {
	if n, err := strconv.Atoi(cmp.Or(answer, "1")); err == nil && len(offers) > 0 {
		if n < 1 || n > len(offers) {
			return usagef("--%s %d: the numbers are 1 to %d", q.flag, n, len(offers))
		}
		answer = offers[n-1]
	}
	if answer == "" {
		return usagef("--%s is needed: %s", q.flag, q.text)
	}
	*q.into = answer
	wrong := q.check()
	if wrong != nil {
		*q.into = ""
	}
	return wrong
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

// checkNames checks the names that are known so far.
func (b *beginning) checkNames() error {
	for _, name := range [][2]string{{"service", b.form.Service}, {"provider", b.form.Provider}, {"consumer", b.consumer}} {
		if name[1] != "" && !document.IsName(name[1]) {
			return usagef("--%s %q: %s", name[0], name[1], document.NameRule)
		}
	}
	if b.consumer == "" {
		return nil
	}
	b.form.Consumers, b.form.Target = []string{b.consumer}, strconv.FormatFloat(b.target, 'f', -1, 64)
	_, wrong := b.form.WithDefaults().Complaints(func(catalog.ID) bool { return false })
	if len(wrong) > 0 {
		return usagef("%s: %s", wrong[0].Field, wrong[0].Message)
	}
	return nil
}

func (b *beginning) checkMetric() (err error) {
	if b.form.Metric, b.form.Where, err = draft.Select(b.metric); err != nil {
		return usagef("--metric %s: %s; it is written as http_requests_total{job=\"payments\"}", b.metric, err)
	}
	return nil
}

func (b *beginning) checkBad() (err error) {
	if _, b.form.Part, err = draft.Select("{" + b.bad + "}"); err != nil {
		return usagef("--bad %s: %s; it is written as code=~\"5..\"", b.bad, err)
	}
	if wrong, _ := b.form.WithDefaults().Complaints(func(catalog.ID) bool { return false }); len(wrong) > 0 {
		return usagef("%s: %s", wrong[0].Field, wrong[0].Message)
	}
	return nil
}

// propose returns the documents that do not exist yet, tried beside those of the folder, if there is one.
func (b *beginning) propose(ctx context.Context) (text string, err error) {
	b.form = b.form.WithDefaults()
	dir := b.from.dir
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) { // it is made only for documents that can be written
		if dir, err = os.MkdirTemp("", "accord-init-"); err != nil {
			return "", err
		}
		defer os.Remove(dir)
	}
	folder := catalog.NewLive(dir, b.from.options(b.server.resolution), nil)
	if err := folder.Reread(ctx); err != nil {
		return "", err
	}
	found, err := folder.Now(ctx)
	if err != nil {
		return "", err
	}
	known := func(id catalog.ID) bool { _, there := found.Find(id); return there }
	text = draft.Text(b.form.Documents(known))
	outcome, err := folder.Propose(ctx, catalog.Proposal{Text: []byte(text)})
	if err == nil && len(outcome.NewErrors) > 0 {
		err = usagef("nothing is written: %s", outcome.NewErrors[0].Message)
	}
	return text, err
}

// write writes the documents to a new file.
func (b *beginning) write(text string) error {
	if err := os.MkdirAll(b.from.dir, 0o777); err != nil {
		return err
	}
	name := filepath.Join(b.from.dir, b.form.Name+".yaml")
	err := createFile(name, []byte(text))
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is there already: change it, or name another service or consumer", name)
	case err == nil:
		fmt.Fprintf(b.Out, "Written: %s\n", name)
	}
	return err
}
