package draft

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
)

// recently is how far back series are looked up.
const recently = 24 * time.Hour

// Offered looks up metrics and labels that Prometheus stored in the day before At. It returns the
// first Limit names that contain each word of Search, ignoring case.
type Offered struct {
	Client *prometheus.Client
	At     time.Time
	Search string
	Limit  int
}

// Metrics returns the names of counters, or of bucket counters for Latency.
func (o Offered) Metrics(ctx context.Context, by By) ([]string, error) {
	suffix := ".+_(total|count)"
	if by == Latency {
		suffix = ".+_bucket"
	}
	return o.values(ctx, model.MetricNameLabel, labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, suffix))
}

// Labels returns the label names of the metric's series, without __name__ and le.
func (o Offered) Labels(ctx context.Context, metric string) (names []string, err error) {
	all, err := o.Client.LabelNames(ctx, sli.Selector(metric, nil), o.At.Add(-recently), o.At)
	words := strings.Fields(strings.ToLower(o.Search))
	for _, name := range all {
		isMissing := func(word string) bool { return !strings.Contains(strings.ToLower(name), word) }
		if name != model.MetricNameLabel && name != labels.BucketLabel && !slices.ContainsFunc(words, isMissing) {
			names = append(names, name)
		}
	}
	return names[:min(len(names), o.Limit)], err
}

// Values returns the values of a label of the metric's series; of le, the finite bounds by size.
func (o Offered) Values(ctx context.Context, metric, label string) ([]string, error) {
	values, err := o.values(ctx, label, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, metric))
	if label == labels.BucketLabel {
		values = slices.DeleteFunc(values, func(bound string) bool { return bound == "+Inf" })
		slices.SortStableFunc(values, func(a, b string) int {
			x, _ := strconv.ParseFloat(a, 64)
			y, _ := strconv.ParseFloat(b, 64)
			return cmp.Compare(x, y)
		})
	}
	return values, err
}

func (o Offered) values(ctx context.Context, label string, matchers ...*labels.Matcher) ([]string, error) {
	for word := range strings.FieldsSeq(o.Search) {
		matchers = append(matchers, labels.MustNewMatcher(labels.MatchRegexp, label, "(?i).*"+regexp.QuoteMeta(word)+".*"))
	}
	values, err := o.Client.LabelValues(ctx, label, sli.Selector("", matchers), o.At.Add(-recently), o.At, o.Limit)
	slices.Sort(values)
	return values[:min(len(values), o.Limit)], err
}

// Selectors returns selectors of counters whose names suggest events, one per metric and job.
func (o Offered) Selectors(ctx context.Context) (all []string, err error) {
	const query = `count by (__name__, job) ({__name__=~".*(request|call|message|event|job|quer).*_(total|count)"})`
	_, err = o.Client.Query(ctx, query, o.At, func(of map[string]string) func(int64, float64) {
		var where []*labels.Matcher
		if of["job"] != "" {
			where = append(where, labels.MustNewMatcher(labels.MatchEqual, "job", of["job"]))
		}
		all = append(all, sli.Selector(of[model.MetricNameLabel], where))
		return nil
	})
	slices.Sort(all)
	return all[:min(len(all), o.Limit)], err
}

// ends are the matchers of bad events on labels that hold the outcome of an event.
var ends = []Matcher{
	{"code", "=~", "5.."}, {"grpc_code", "=~", "Unknown|Internal|Unavailable|DataLoss|DeadlineExceeded"},
	{"http_response_status_code", "=~", "5.."}, {"http_status_code", "=~", "5.."}, {"outcome", "=", "SERVER_ERROR"},
	{"result", "!=", "success"}, {"status", "=~", "5.."}, {"status_code", "=~", "5.."},
}

// BadMatchers returns matchers that the bad events of a metric with these labels may have.
func BadMatchers(names []string) []Matcher {
	return slices.DeleteFunc(slices.Clone(ends), func(m Matcher) bool { return !slices.Contains(names, m.Label) })
}

// String returns the matcher in PromQL.
func (m Matcher) String() string { return m.Label + m.Op + strconv.Quote(m.Value) }
