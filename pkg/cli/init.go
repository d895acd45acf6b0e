package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/tables"
)

// beginning is a run of accord init: what is asked for, unless flags say it.
type beginning struct {
	session
	answers *bufio.Reader
	client  *prometheus.Client

	Service, Provider, Consumer string
	metric, bad                 string
	Target                      float64
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
	flags.StringVar(&b.Service, "service", "", "`NAME` of the service that is promised")
	flags.StringVar(&b.Provider, "provider", "", "`TEAM` that gives the promise")
	flags.StringVar(&b.Consumer, "consumer", "", "`TEAM` that the promise is given to")
	flags.StringVar(&b.metric, "metric", "", "`COUNTER` of all events, such as http_requests_total{job=\"payments\"}")
	flags.StringVar(&b.bad, "bad", "", "`MATCHER` of those that are bad, such as code=~\"5..\"")
	addFlag(flags, &b.Target, "target", "99.9%", "promise `TARGET`, such as 99.9% or 0.999", readRatio)
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
	if b.In == nil {
		b.In = strings.NewReader("")
	}
	b.answers = bufio.NewReader(b.In)
	var err error
	if b.client, err = b.server.client(); err != nil {
		return err
	}
	b.service = b.server.service(b.client, b.Now)
	_, unreachable := b.service.Capabilities(ctx)
	if unreachable != nil {
		b.warnf("nothing is offered or measured: %s", unreachable)
	}
	for _, question := range []struct {
		into       *string
		flag, text string
	}{
		{&b.Service, "service", "Name of the service that is promised"},
		{&b.Provider, "provider", "Team that gives the promise"},
		{&b.Consumer, "consumer", "Team that the promise is given to"},
	} {
		if err := b.ask(question.into, question.flag, question.text, nil); err != nil {
			return err
		}
		if !document.IsName(*question.into) {
			return usagef("--%s %q: %s", question.flag, *question.into, document.NameRule)
		}
	}
	var counters, matchers []string
	if b.metric == "" && unreachable == nil {
		counters = b.offer(ctx, `count by (__name__, job) ({__name__=~".*(request|call|message|event|job|quer).*_(total|count)"})`, selectorOf)
	}
	if err := b.ask(&b.metric, "metric", `Counter of all events, such as http_requests_total{job="payments"}`, counters); err != nil {
		return err
	}
	if b.bad == "" && unreachable == nil {
		matchers = b.offer(ctx, "count by ("+strings.Join(slices.Sorted(maps.Keys(badMatchers)), ", ")+") ("+b.metric+")", badMatcher)
	}
	if err := b.ask(&b.bad, "bad", `Matcher of the bad ones, such as code=~"5.."`, matchers); err != nil {
		return err
	}
	if err := b.write(ctx); err != nil {
		return err
	}
	if err := b.validate(ctx, b.from.options(b.server.resolution), false); err != nil || unreachable != nil {
		return err
	}
	b.from.names = []string{b.Name()}
	return b.report(ctx, measure.Question{At: b.Now()})
}

// ask asks for what no flag said. An offer is taken by its number, the first by an
// empty line.
func (b *beginning) ask(into *string, flag, text string, offers []string) error {
	if *into != "" {
		return nil
	}
	for i, offer := range offers {
		fmt.Fprintf(b.Err, "  %d  %s\n", i+1, tables.Sanitize(offer))
	}
	if len(offers) > 0 {
		text += ", or a number (default 1)"
	}
	fmt.Fprintf(b.Err, "%s: ", text)
	line, err := b.answers.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	*into = strings.TrimSpace(line)
	if n, err := strconv.Atoi(cmp.Or(*into, "1")); err == nil && n > 0 && n <= len(offers) {
		*into = offers[n-1]
	}
	if *into == "" {
		return usagef("--%s is needed: %s", flag, text)
	}
	return nil
}

// mostOffers is how many counters are offered.
const mostOffers = 20

// offer returns what may be meant by the series that a query finds.
func (b *beginning) offer(ctx context.Context, query string, text func(labels map[string]string) string) (offers []string) {
	_, err := b.client.Query(ctx, query, b.Now(), prometheus.SinkFunc(func(labels map[string]string) (func(int64, float64), error) {
		offers = append(offers, text(labels))
		return nil, nil
	}))
	if err != nil {
		b.warnf("nothing is offered: %s", err)
		return nil
	}
	slices.Sort(offers)
	offers = slices.DeleteFunc(slices.Compact(offers), func(offer string) bool { return offer == "" })
	return offers[:min(len(offers), mostOffers)]
}

func selectorOf(labels map[string]string) string {
	if labels["job"] == "" {
		return labels["__name__"]
	}
	return fmt.Sprintf("%s{job=%q}", labels["__name__"], labels["job"])
}

// badMatchers are what bad events have in the labels that tell how one ended.
var badMatchers = map[string]string{
	"code": `=~"5.."`, "status": `=~"5.."`, "status_code": `=~"5.."`, "http_status_code": `=~"5.."`, "http_response_status_code": `=~"5.."`,
	"grpc_code": `=~"Unknown|Internal|Unavailable|DataLoss|DeadlineExceeded"`, "outcome": `="SERVER_ERROR"`, "result": `!="success"`,
}

func badMatcher(labels map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(badMatchers)) {
		if labels[name] != "" {
			return name + badMatchers[name]
		}
	}
	return ""
}

//go:embed init.yaml.tmpl
var firstDocuments string

// Name is that of the agreement.
func (b *beginning) Name() string { return b.Service + "-for-" + b.Consumer }

// TotalQuery is the query of all events, quoted for YAML; BadQuery that of the bad
// ones.
func (b *beginning) TotalQuery() string { return quotedYAML(b.metric) }

// BadQuery is the total's with the matcher.
func (b *beginning) BadQuery() string {
	name, matchers, _ := strings.Cut(strings.TrimSuffix(b.metric, "}"), "{")
	if matchers != "" {
		matchers += ","
	}
	return quotedYAML(name + "{" + matchers + b.bad + "}")
}

func quotedYAML(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// write writes the documents that are not there yet into a file of their own.
func (b *beginning) write(ctx context.Context) error {
	if err := os.MkdirAll(b.from.dir, 0o777); err != nil {
		return err
	}
	known, err := b.from.load(ctx, b.server.resolution)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	has := func(kind, name string) bool { _, there := known.Find(catalog.ID{Kind: kind, Name: name}); return there }
	if err := template.Must(template.New("").Funcs(template.FuncMap{"has": has}).Parse(firstDocuments)).Execute(&text, b); err != nil {
		return err
	}
	name := filepath.Join(b.from.dir, b.Name()+".yaml")
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: change it, or name another service or consumer", name)
	}
	if err != nil {
		return err
	}
	_, err = text.WriteTo(file)
	fmt.Fprintf(b.Out, "Written: %s\n", name)
	return errors.Join(err, file.Close())
}
