package prometheus

import (
	"context"
	"fmt"
	"strings"

	"github.com/golang/snappy"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
)

// seriesFactor is how many times Options.MaxSeries a query of [Client.Read] may return: its answer is counted
// as it arrives and is not held in memory.
const seriesFactor = 10

// ReadQuery selects series by matchers, including one for the metric name, and their samples from From to To,
// in Unix milliseconds, both inclusive.
type ReadQuery struct {
	Matchers []*labels.Matcher
	From, To int64
}

// SampleSink receives series while they are decoded. It is called once for each series of each query (query
// is the index), with the labels less the server's external labels, and returns the receiver of the samples;
// nil when they are not wanted. After an error, everything received must be discarded.
type SampleSink func(query int, series labels.Labels) Samples

// Samples receives the samples of one series within the query's range, in order of time, each instant once,
// without staleness markers. It may keep a histogram.
type Samples interface {
	Float(at int64, value float64)
	Histogram(at int64, h *histogram.FloatHistogram)
}

// Read reads samples through the remote-read API in one request, as streamed chunks or, from a server that
// has only those, as plain samples (https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/).
// Its error is an [*Error]. Answer.SamplesRead counts the samples decoded.
func (c *Client) Read(ctx context.Context, queries []ReadQuery, sink SampleSink) (Answer, error) {
	server, err := c.Capabilities(ctx)
	if err != nil || len(queries) == 0 {
		return Answer{}, err
	}
	answer, err := c.ask(ctx, c.readRequest(queries, server.External, sink))
	if kind := KindOf(err); kind == NotFound || kind == BadQuery {
		c.capabilities.doubt()
	}
	return answer, err
}

func (c *Client) readRequest(queries []ReadQuery, external map[string]string, sink SampleSink) request {
	message := prompb.ReadRequest{AcceptedResponseTypes: []prompb.ReadRequest_ResponseType{
		prompb.ReadRequest_STREAMED_XOR_CHUNKS, prompb.ReadRequest_SAMPLES,
	}}
	for _, q := range queries {
		asked := &prompb.Query{StartTimestampMs: q.From, EndTimestampMs: q.To}
		for _, m := range q.Matchers {
			kind := prompb.LabelMatcher_Type(m.Type) // both number =, !=, =~, !~ alike
			asked.Matchers = append(asked.Matchers, &prompb.LabelMatcher{Type: kind, Name: m.Name, Value: m.Value})
		}
		message.Queries = append(message.Queries, asked)
	}
	name := "remote read of " + quoted(selector(queries[0].Matchers))
	if more := len(queries) - 1; more > 0 {
		name += fmt.Sprintf(" and %d more", more)
	}
	body, _ := message.Marshal() // fails only where a message is nil
	return request{path: "read", name: name, message: snappy.Encode(nil, body), read: func(in *input) (Answer, error) {
		d := sampleDecoder{in: in, queries: queries, external: external, sink: sink, maxSeries: seriesFactor * c.options.MaxSeries, maxBytes: c.options.MaxBytes}
		return d.answered()
	}}
}

func selector(matchers []*labels.Matcher) string {
	all := make([]string, len(matchers))
	for i, m := range matchers {
		all[i] = m.String()
	}
	return "{" + strings.Join(all, ",") + "}"
}

// probeRead reads a metric that does not exist, and returns whether the server answers with plain samples.
func (c *Client) probeRead(ctx context.Context) (plain bool, err error) {
	now := c.capabilities.now().UnixMilli()
	none := labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, "accord_probe")
	answer, err := c.ask(ctx, c.readRequest([]ReadQuery{{Matchers: []*labels.Matcher{none}, From: now - 60_000, To: now}}, nil,
		func(int, labels.Labels) Samples { return nil }))
	return answer.plain, err
}
