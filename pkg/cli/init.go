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
		b.service = nil
	}
	for _, q := range []question{
		{&b.Service, "service", "Name of the service that is promised", "", nil},
		{&b.Provider, "provider", "Team that gives the promise", "", nil},
		{&b.Consumer, "consumer", "Team that the promise is given to", "", nil},
		{&b.metric, "metric", `Counter of all events, such as http_requests_total{job="payments"}`,
			`count by (__name__, job) ({__name__=~".*(request|call|message|event|job|quer).*_(total|count)"})`, selectorOf},
		{&b.bad, "bad", `Matcher of the bad ones, such as code=~"5.."`,
			"count by (" + strings.Join(slices.Sorted(maps.Keys(badMatchers)), ", ") + ") (METRIC)", badMatcher},
	} {
		if err := b.ask(ctx, q); err != nil {
			return err
		}
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

// question asks for what no flag said. With a query it offers what its series mean,
// else the answer is a name.
type question struct {
	into              *string
	flag, text, query string
	meaning           func(labels map[string]string) string
}

// ask asks a question. An offer is taken by its number, the first by an empty line.
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
	if n, err := strconv.Atoi(cmp.Or(*q.into, "1")); err == nil && n > 0 && n <= len(offers) {
		*q.into = offers[n-1]
	}
	switch {
	case *q.into == "":
		return usagef("--%s is needed: %s", q.flag, q.text)
	case q.query == "" && !document.IsName(*q.into):
		return usagef("--%s %q: %s", q.flag, *q.into, document.NameRule)
	}
	return nil
}

// offers returns the first 20 of what may be meant.
func (b *beginning) offers(ctx context.Context, q question) (offers []string) {
	if q.query == "" || b.service == nil {
		return nil
	}
	query := strings.Replace(q.query, "METRIC", b.metric, 1)
	_, err := b.client.Query(ctx, query, b.Now(), prometheus.SinkFunc(func(labels map[string]string) (func(int64, float64), error) {
		if offer := q.meaning(labels); offer != "" {
			offers = append(offers, offer)
		}
		return nil, nil
	}))
	if err != nil {
		b.warnf("nothing is offered: %s", err)
		return nil
	}
	slices.Sort(offers)
	offers = slices.Compact(offers)
	return offers[:min(len(offers), 20)]
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

// Queries are those of all events and of the bad ones, quoted for YAML.
func (b *beginning) Queries() (of struct{ Total, Bad string }) {
	name, matchers, _ := strings.Cut(strings.TrimSuffix(b.metric, "}"), "{")
	if matchers != "" {
		matchers += ","
	}
	of.Total, of.Bad = quotedYAML(b.metric), quotedYAML(name+"{"+matchers+b.bad+"}")
	return of
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
