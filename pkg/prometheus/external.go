package prometheus

import (
	"context"
	"maps"
	"net/url"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"go.yaml.in/yaml/v4"
)

// external finds the labels that the server adds to what remote read returns: in
// its configuration or, where a proxy hides that, by what a series has more of when
// it is read than when it is queried.
func (c *Client) external(ctx context.Context) map[string]string {
	var served struct{ YAML string }
	var config struct {
		Global struct {
			External map[string]string `yaml:"external_labels"`
		}
	}
	if c.data(ctx, "status/config", url.Values{}, &served) == nil && served.YAML != "" && yaml.Unmarshal([]byte(served.YAML), &config) == nil {
		return config.Global.External
	}
	now := c.capabilities.now()
	queried := map[string]string{}
	_, err := c.ask(WithoutRetry(ctx), c.instant("topk(1, up)", now, func(labels map[string]string) func(int64, float64) {
		queried = labels
		return nil
	}))
	if err != nil || len(queried) == 0 {
		return nil
	}
	same := ReadQuery{From: now.Add(-5 * time.Minute).UnixMilli(), To: now.UnixMilli()}
	for name, value := range queried {
		same.Matchers = append(same.Matchers, labels.MustNewMatcher(labels.MatchEqual, name, value))
	}
	added := addedLabels{queried: queried}
	if _, err := c.ask(WithoutRetry(ctx), c.readRequest([]ReadQuery{same}, nil, added.series)); err != nil || len(added.common) == 0 {
		return nil
	}
	return added.common
}

// addedLabels are those that all series have beyond the ones of a query.
type addedLabels struct{ queried, common map[string]string }

func (a *addedLabels) series(_ int, series labels.Labels) Samples {
	added := series.Map()
	maps.DeleteFunc(added, func(name, _ string) bool { return a.queried[name] != "" })
	if a.common == nil {
		a.common = added
	}
	maps.DeleteFunc(a.common, func(name, value string) bool { return added[name] != value })
	return nil
}
